using BlockProxy.Io;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Nbd;

/// <summary>A scripted client: sends exactly the bytes it is told to and expects exactly the bytes it is told to.</summary>
internal sealed class RawClient : IDisposable
{
    /// <summary>Far beyond what any step takes: reached only when the server does not answer at all.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly IByteChannel _channel;
    private readonly SendQueue _queue;
    private readonly byte[] _received = new byte[64 << 10];
    private int _start;
    private int _end;

    public RawClient(IByteChannel channel)
    {
        _channel = channel;
        _queue = new SendQueue(channel, _ => { });
    }

    public void Send(params ReadOnlySpan<byte> bytes) => _queue.Send(bytes);

    /// <summary>Sends bytes written as hexadecimal digits; blanks are for the reader.</summary>
    public void SendHex(params string[] parts) => Send(Hex(parts));

    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        var at = 0;
        while (at < count)
        {
            if (_start == _end && !await FillAsync())
                throw new EndOfStreamException($"the server closed after {at} of {count} bytes");
            var taken = Math.Min(count - at, _end - _start);
            _received.AsSpan(_start, taken).CopyTo(bytes.AsSpan(at));
            _start += taken;
            at += taken;
        }

        return bytes;
    }

    /// <summary>Reads as many bytes as are expected and compares them.</summary>
    public async Task ExpectHexAsync(params string[] parts)
    {
        var expected = Hex(parts);
        Assert.That(Convert.ToHexString(await ReadAsync(expected.Length)), Is.EqualTo(Convert.ToHexString(expected)));
    }

    /// <summary>The server closes, and sends nothing before it does.</summary>
    public async Task ExpectEndAsync() => Assert.That(await ReadToEndAsync(), Is.Empty, "bytes before the end");

    /// <summary>Everything until the server closes.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        do
        {
            all.Write(_received, _start, _end - _start);
            _start = _end;
        }
        while (await FillAsync());
        return all.ToArray();
    }

    /// <summary>Says that nothing more will be sent; receiving goes on.</summary>
    public async Task FinishSendingAsync()
    {
        await _queue.FlushAsync().WaitAsync(Patience);
        _channel.FinishSending();
    }

    public void Dispose() => _channel.Dispose();

    public static byte[] Hex(params string[] parts) => Convert.FromHexString(string.Concat(parts).Replace(" ", "", StringComparison.Ordinal));

    private async Task<bool> FillAsync()
    {
        try
        {
            (_start, _end) = (0, 0);
            _end = await _channel.ReceiveAsync(_received).AsTask().WaitAsync(Patience);
            return _end > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
