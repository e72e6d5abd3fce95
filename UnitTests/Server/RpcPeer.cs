using System.Buffers;
using System.Buffers.Binary;
using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Gfs4;
using BlockProxy.Proxy.Wire.Handshake;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Server;

/// <summary>A reply's header and all that follows it.</summary>
internal sealed record RpcAnswer(RpcReplyHeader Header, byte[] Body)
{
    public T As<T>()
        where T : IXdrMessage<T>
    {
        var reader = new XdrReader(Body);
        var message = T.Read(ref reader);
        Assert.That(reader.Failure, Is.Null);
        return message;
    }
}

/// <summary>A client that says what the test wants, byte by byte if need be.</summary>
internal sealed class RpcPeer : IRemoteHandles
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly DuplexConnection _connection;
    private readonly Dictionary<uint, RpcAnswer> _early = [];
    private readonly Dictionary<Fd, long> _numbers = [];
    private uint _xid = 100;

    public RpcPeer(IByteChannel channel)
    {
        _connection = new DuplexConnection(channel);
        _connection.Start();
    }

    /// <summary>The credential of its calls.</summary>
    public FopContext Context { get; set; } = new(new Caller { Pid = 7 }, LkOwner.From(77), (FopTimes)0x1f, new Timespec(1000, 0));

    /// <summary>Calls that the server made.</summary>
    public List<(uint Procedure, byte[] Body)> Callbacks { get; } = [];

    public long RemoteFd(Fd fd) => fd.IsAnonymous ? WireFd.Anonymous : _numbers[fd];

    /// <summary>Sends bytes as they are.</summary>
    public void Send(ReadOnlySpan<byte> bytes) => _connection.Send(bytes);

    public void Close() => _connection.Shutdown();

    /// <summary>Completes when the server has closed the connection.</summary>
    public async Task WhenClosedAsync()
    {
        while (true)
        {
            var result = await _connection.Input.ReadAsync().AsTask().WaitAsync(Patience);
            _connection.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                return;
        }
    }

    /// <summary>A call as one record of one fragment.</summary>
    public byte[] Record(RpcProgram program, uint procedure, ReadOnlySpan<byte> body, out uint xid, AuthFlavor flavor = AuthFlavor.GlusterFs3)
    {
        xid = ++_xid;
        var writer = new XdrWriter([]);
        RecordMark.Begin(ref writer);
        RpcCallHeader.Write(ref writer, xid, program, procedure);
        RpcCredential.Write(ref writer, flavor, Context);
        writer.WriteRaw(body);
        RecordMark.End(ref writer);
        var bytes = writer.Written.ToArray();
        writer.Dispose();
        return bytes;
    }

    public uint Begin(RpcProgram program, uint procedure, ReadOnlySpan<byte> body)
    {
        Send(Record(program, procedure, body, out var xid));
        return xid;
    }

    public Task<RpcAnswer> CallAsync(RpcProgram program, uint procedure, byte[]? body = null) => AnswerAsync(Begin(program, procedure, body));

    public Task<RpcAnswer> CallAsync<TMessage>(RpcProgram program, uint procedure, TMessage message)
        where TMessage : IXdrMessage<TMessage>
    {
        var writer = new XdrWriter([]);
        message.Write(ref writer);
        var body = writer.Written.ToArray();
        writer.Dispose();
        return CallAsync(program, procedure, body);
    }

    /// <summary>The answer to a call; others that come before it are kept.</summary>
    public async Task<RpcAnswer> AnswerAsync(uint xid)
    {
        while (true)
        {
            if (_early.Remove(xid, out var answer))
                return answer;
            await ReceiveOneAsync();
        }
    }

    /// <summary>Reads until the server has called back.</summary>
    public async Task<(uint Procedure, byte[] Body)> CallbackAsync()
    {
        while (Callbacks.Count == 0)
            await ReceiveOneAsync();
        return Callbacks[0];
    }

    /// <summary>Nothing answers that call while other calls are answered.</summary>
    public async Task AssertUnansweredAsync(uint xid)
    {
        await CallAsync(RpcProgram.Dump, (uint)DumpProcedure.Ping);
        Assert.That(_early.ContainsKey(xid), Is.False);
    }

    public async Task<DictReply> LoginAsync(string subvolume, string processUuid = "peer", Action<DictBlob>? change = null)
    {
        var options = new DictBlob
        {
            { SetVolumeKeys.RemoteSubvolume, subvolume },
            { SetVolumeKeys.ProcessUuid, processUuid },
            { SetVolumeKeys.FopsVersion, RpcProgram.Fops.Number },
        };
        change?.Invoke(options);
        return (await CallAsync(RpcProgram.Handshake, (uint)HandshakeProcedure.SetVolume, new SetVolumeRequest(options))).As<DictReply>();
    }

    public uint BeginFop<TRequest, TReply>(TRequest request)
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply>
    {
        var codec = FopCodecs.Of<TRequest, TReply>();
        var writer = new XdrWriter([]);
        codec.WriteRequest(ref writer, in request, this);
        writer.WriteRaw(codec.RequestPayload(in request).Span);
        var xid = Begin(RpcProgram.Fops, (uint)codec.Fop, writer.Written);
        writer.Dispose();
        return xid;
    }

    /// <summary>A fop and its reply; the data of a read lands in its destination.</summary>
    public async Task<TReply> FopAsync<TRequest, TReply>(TRequest request)
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply> =>
        FopReply<TRequest, TReply>(request, await AnswerAsync(BeginFop<TRequest, TReply>(request)));

    public TReply FopReply<TRequest, TReply>(TRequest request, RpcAnswer answer)
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply>
    {
        Assert.That(answer.Header.IsSuccess, Is.True, $"{answer.Header}");
        var codec = FopCodecs.Of<TRequest, TReply>();
        var reader = new XdrReader(answer.Body);
        var reply = codec.ReadReply(ref reader, in request, out var newFd);
        Assert.That(reader.Failure, Is.Null);
        Assert.That(reader.Remaining, Is.EqualTo(codec.PayloadLength(in reply)));
        answer.Body.AsSpan(reader.Position).CopyTo(codec.ReplyDestination(in request).Span);
        if (codec.OpenedFd(in request) is { } opened && reply.Errno == Errno.None)
            _numbers[opened] = newFd;
        return reply;
    }

    private async Task ReceiveOneAsync()
    {
        var record = await RecordAsync();
        if (BinaryPrimitives.ReadUInt32BigEndian(record.AsSpan(4)) == (uint)RpcMessageType.Call)
        {
            var call = new XdrReader(record);
            Assert.That(RpcCallHeader.Read(ref call, out var header), Is.EqualTo(RpcCallVerdict.Call));
            Assert.That((header.Program, header.Flavor), Is.EqualTo((RpcProgram.Callback, AuthFlavor.Null)));
            Callbacks.Add((header.Procedure, record[call.Position..]));
            return;
        }

        var reader = new XdrReader(record);
        var reply = RpcReplyHeader.Read(ref reader);
        Assert.That(reader.Failure, Is.Null);
        _early.Add(reply.Xid, new(reply, record[reader.Position..]));
    }

    private async Task<byte[]> RecordAsync()
    {
        while (true)
        {
            var result = await _connection.Input.ReadAsync().AsTask().WaitAsync(Patience);
            if (result.Buffer.Length >= 4)
            {
                var mark = RecordMark.Read(result.Buffer.Slice(0, 4).ToArray());
                Assert.That(mark.IsLast, Is.True);
                if (result.Buffer.Length >= 4 + mark.Length)
                {
                    var record = result.Buffer.Slice(4, mark.Length).ToArray();
                    _connection.Input.AdvanceTo(result.Buffer.GetPosition(4 + mark.Length));
                    return record;
                }
            }

            if (result.IsCompleted)
                throw new IOException("the server closed the connection");
            _connection.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
