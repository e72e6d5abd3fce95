using System.Net;
using System.Net.Sockets;
using BlockProxy.Io;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Io;

/// <summary>What every transport does, over each kind of address it has.</summary>
[TestFixture("epoll tcp")]
[TestFixture("epoll unix")]
[TestFixture("sockets tcp")]
[TestFixture("sockets unix")]
[TestFixture("memory")]
internal sealed class TransportTests(string kind)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _directory = Directory.CreateTempSubdirectory("blockproxy-transport").FullName;
    private ITransport _transport = null!;
    private int _sockets;

    [OneTimeSetUp]
    public void Create()
    {
        if (kind.StartsWith("epoll", StringComparison.Ordinal) && !OperatingSystem.IsLinux())
            Assert.Ignore("epoll is Linux's");
        _transport = kind.Split(' ')[0] switch
        {
            "epoll" when OperatingSystem.IsLinux() => new EpollTransport(epoll: new EpollSettings { Loops = 2 }),
            "sockets" => new SocketTransport(),
            _ => new MemoryTransport(),
        };
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_directory, recursive: true);

    [Test]
    public async Task Bytes_arrive_as_they_were_sent_in_both_directions_at_once()
    {
        using var pair = await ConnectAsync();
        var there = Bytes(3_000_000, seed: 1);
        var back = Bytes(3_000_000, seed: 2);

        var received = await Task.WhenAll(
            SendAsync(pair.Near, there, pieces: 1000), SendAsync(pair.Far, back, pieces: 7), ReadAsync(pair.Far, there.Length), ReadAsync(pair.Near, back.Length))
            .WaitAsync(Patience);

        Assert.That(received[2].AsSpan().SequenceEqual(there), Is.True);
        Assert.That(received[3].AsSpan().SequenceEqual(back), Is.True);
    }

    [Test]
    public async Task Many_small_exchanges_follow_one_another()
    {
        using var pair = await ConnectAsync();
        var echo = EchoAsync(pair.Far);
        var queue = new SendQueue(pair.Near, _ => { });
        for (var i = 0; i < 2000; i++)
        {
            queue.Send([(byte)i, (byte)(i >> 8)]);
            Assert.That(await ReadAsync(pair.Near, 2).WaitAsync(Patience), Is.EqualTo(new[] { (byte)i, (byte)(i >> 8) }));
        }

        pair.Near.FinishSending();
        await echo.WaitAsync(Patience);
    }

    [Test]
    public async Task Several_connections_do_not_disturb_one_another()
    {
        using var listener = _transport.Listen(Address());
        var pairs = new List<Pair>();
        for (var i = 0; i < 8; i++)
            pairs.Add(await ConnectAsync(listener));

        await Task.WhenAll(pairs.Select(async (pair, i) =>
        {
            var data = Bytes(500_000, seed: i);
            var echo = EchoAsync(pair.Far);
            var sending = SendAsync(pair.Near, data, pieces: 50);
            Assert.That((await ReadAsync(pair.Near, data.Length)).AsSpan().SequenceEqual(data), Is.True);
            await sending;
            pair.Near.FinishSending();
            await echo;
        })).WaitAsync(Patience);
        foreach (var pair in pairs)
            pair.Dispose();
    }

    [Test]
    public async Task A_side_that_has_finished_sending_still_receives()
    {
        using var pair = await ConnectAsync();
        await SendAsync(pair.Near, [1], pieces: 1);

        pair.Near.FinishSending();
        Assert.That(await ReadAsync(pair.Far, 1).WaitAsync(Patience), Is.EqualTo(new byte[] { 1 }));
        Assert.That(await pair.Far.ReceiveAsync(new byte[1]).AsTask().WaitAsync(Patience), Is.Zero);
        await SendAsync(pair.Far, [2], pieces: 1);

        Assert.That(await ReadAsync(pair.Near, 1).WaitAsync(Patience), Is.EqualTo(new byte[] { 2 }));
    }

    [Test]
    public async Task A_receive_in_progress_ends_when_its_own_side_aborts()
    {
        using var pair = await ConnectAsync();
        var receiving = pair.Near.ReceiveAsync(new byte[1]).AsTask();

        pair.Near.Abort();

        Assert.That(await EndAsync(receiving), Is.Zero);
        Assert.That(await EndAsync(pair.Near.ReceiveAsync(new byte[1]).AsTask()), Is.Zero);
    }

    [Test]
    public async Task A_receive_in_progress_ends_when_the_other_side_aborts()
    {
        using var pair = await ConnectAsync();
        var receiving = pair.Far.ReceiveAsync(new byte[1]).AsTask();

        pair.Near.Abort();

        Assert.That(await EndAsync(receiving), Is.Zero);
    }

    [Test]
    public async Task A_send_that_the_peer_does_not_read_ends_when_its_own_side_aborts()
    {
        using var pair = await ConnectAsync();
        var broken = new TaskCompletionSource<IOException>(TaskCreationOptions.RunContinuationsAsynchronously);
        var queue = new SendQueue(pair.Near, broken.SetResult);
        var pool = new BufferPool();
        var buffer = pool.Rent(32 << 20);
        queue.Send([], buffer);
        buffer.Release();

        pair.Near.Abort();

        // A network in memory took all of it before; then the next message finds the end.
        if (kind == "memory")
            queue.Send([1]);
        Assert.That((await broken.Task.WaitAsync(Patience)).Message, Does.StartWith("connection"));
        await queue.FlushAsync().WaitAsync(Patience);
        Assert.That(pool.Outstanding, Is.Zero);
    }

    [Test]
    public async Task Sending_to_a_peer_that_is_gone_fails()
    {
        using var pair = await ConnectAsync();
        var broken = new TaskCompletionSource<IOException>(TaskCreationOptions.RunContinuationsAsynchronously);
        var queue = new SendQueue(pair.Near, broken.SetResult);
        pair.Far.Dispose();
        Assert.That(await EndAsync(pair.Near.ReceiveAsync(new byte[1]).AsTask()), Is.Zero);

        using var deadline = new CancellationTokenSource(Patience);
        while (!broken.Task.IsCompleted && !deadline.IsCancellationRequested)
        {
            queue.Send([1]);
            await Task.Yield();
        }

        Assert.That((await broken.Task.WaitAsync(Patience)).Message, Does.StartWith("connection"));
    }

    [Test]
    public void A_server_that_is_not_there_is_named_with_the_reason()
    {
        var address = kind.EndsWith("tcp", StringComparison.Ordinal) ? UnusedPort() : Address();

        var error = Assert.CatchAsync<IOException>(async () => await _transport.ConnectAsync(address, CancellationToken.None));

        Assert.That(error!.Message, Does.StartWith($"cannot connect to {SocketTransport.Describe(address)}: "));
    }

    [Test]
    public void An_address_in_use_is_named_with_the_reason()
    {
        using var listener = _transport.Listen(Address());

        var error = Assert.Catch<IOException>(() => _transport.Listen(listener.LocalEndPoint));

        Assert.That(error!.Message, Is.EqualTo($"cannot listen on {SocketTransport.Describe(listener.LocalEndPoint)}: the address is already in use"));
    }

    [Test]
    public async Task An_accept_ends_when_it_is_cancelled()
    {
        using var listener = _transport.Listen(Address());
        using var stop = new CancellationTokenSource();
        var accepting = listener.AcceptAsync(stop.Token).AsTask();

        await stop.CancelAsync();

        Assert.That(async () => await accepting.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
    }

    private EndPoint Address() => kind.EndsWith("unix", StringComparison.Ordinal)
        ? new UnixDomainSocketEndPoint(Path.Combine(_directory, $"{_sockets++}"))
        : new IPEndPoint(IPAddress.Loopback, kind == "memory" ? ++_sockets : 0);

    private static IPEndPoint UnusedPort()
    {
        using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)probe.LocalEndPoint! is var bound ? new IPEndPoint(IPAddress.Loopback, bound.Port) : null!;
    }

    private async Task<Pair> ConnectAsync()
    {
        using var listener = _transport.Listen(Address());
        return await ConnectAsync(listener);
    }

    private async Task<Pair> ConnectAsync(IChannelListener listener)
    {
        var accepting = listener.AcceptAsync(CancellationToken.None).AsTask();
        var near = await _transport.ConnectAsync(listener.LocalEndPoint, CancellationToken.None);
        return new Pair(near, await accepting.WaitAsync(Patience));
    }

    private static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static async Task<byte[]> SendAsync(IByteChannel channel, byte[] bytes, int pieces)
    {
        var queue = new SendQueue(channel, _ => { });
        var size = (bytes.Length + pieces - 1) / pieces;
        for (var at = 0; at < bytes.Length; at += size)
            queue.Send(bytes.AsSpan(at, 1), new Payload(bytes.AsMemory(at + 1, Math.Min(size, bytes.Length - at) - 1)));
        await queue.FlushAsync();
        return bytes;
    }

    private static async Task<byte[]> ReadAsync(IByteChannel channel, int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            var got = await channel.ReceiveAsync(bytes.AsMemory(at));
            Assert.That(got, Is.GreaterThan(0), $"the end after {at} of {count} bytes");
            at += got;
        }

        return bytes;
    }

    private static async Task EchoAsync(IByteChannel channel)
    {
        var queue = new SendQueue(channel, _ => { });
        var buffer = new byte[64 << 10];
        while (await channel.ReceiveAsync(buffer) is var count and > 0)
        {
            queue.Send([], buffer.AsSpan(0, count).ToArray());
            await queue.FlushAsync();
        }
    }

    /// <summary>0 for an ordinary end, and for a connection that is said to be broken.</summary>
    private static async Task<int> EndAsync(Task<int> receiving)
    {
        try
        {
            return await receiving.WaitAsync(Patience);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private sealed record Pair(IByteChannel Near, IByteChannel Far) : IDisposable
    {
        public void Dispose()
        {
            Near.Dispose();
            Far.Dispose();
        }
    }
}
