using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using BlockProxy.Block;
using BlockProxy.Io;
using BlockProxy.Nbd;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Nbd;

/// <summary>What a running server costs: client, network and server take turns on one thread, so each allocation is seen.</summary>
public class SteadyStateTests
{
    private const int Block = 4096;

    [TestCase(1)]
    [TestCase(32)]
    public void A_request_of_4_KiB_allocates_nothing(int depth)
    {
        const int Rounds = 2000;
        var allocated = 0L;

        // A thread of its own, without the test framework's ambient state: to carry that across each wait is what would allocate.
        var thread = new Thread(() =>
        {
            using var harness = new Harness(structured: true);
            harness.Play(rounds: 200, depth); // pools and lists reach their size
            var before = GC.GetAllocatedBytesForCurrentThread();
            harness.Play(Rounds, depth);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        });
        thread.UnsafeStart();
        thread.Join();

        // One object per round would be 48,000 bytes; a queue that grows once is let pass.
        Assert.That(allocated, Is.LessThan(1024), $"bytes allocated by {Rounds * depth * 2} requests");
    }

    [Test]
    public void A_million_requests_leave_no_rented_buffer_behind()
    {
        const int Depth = 50;
        using var harness = new Harness(structured: false);

        harness.Play(rounds: 1_000_000 / Depth / 2, Depth, length: 512);

        Assert.That(harness.Replies, Is.EqualTo(1_000_000));
        harness.Disconnect();
        Assert.That(harness.Pool.Outstanding, Is.Zero);
    }

    [Test]
    public void The_ledger_of_a_pool_names_no_leak_after_a_run_of_every_kind_of_request()
    {
        using var harness = new Harness(structured: true, ledger: true);

        harness.Play(rounds: 50, depth: 8);
        harness.PlayOddities(rounds: 50);
        harness.Disconnect();

        Assert.That(harness.Pool.Leaks(), Is.Empty);
    }

    /// <summary>A client of few words, whose every continuation, like the server's, runs when the test pumps.</summary>
    private sealed class Harness : IDisposable
    {
        private static readonly byte[] FlushReply = RawClient.Hex("67446698 00000000 0000000000000000");

        private readonly Pump _pump = new();
        private readonly NbdServer _server;
        private readonly IByteChannel _channel;
        private readonly SendQueue _queue;
        private readonly byte[] _request = new byte[28];
        private readonly byte[] _payload = new byte[Block];
        private readonly byte[] _received = new byte[1 << 20];
        private readonly bool _structured;

        public Harness(bool structured, bool ledger = false)
        {
            _structured = structured;
            Pool = new BufferPool(ledger: ledger);
            var transport = new MemoryTransport(_pump);
            _server = new NbdServer(transport, new ServerBench.TestExports(new MemoryDevice(1 << 20), readOnly: false), pool: Pool);
            var address = new IPEndPoint(IPAddress.Loopback, 10809);
            _server.Listen(address);
            _channel = transport.ConnectAsync(address, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            _queue = new SendQueue(_channel, _ => { });
            Handshake();
        }

        public BufferPool Pool { get; }

        public long Replies { get; private set; }

        /// <summary>Each round: so many writes at once, their replies, then so many reads and theirs.</summary>
        public void Play(int rounds, int depth, int length = Block)
        {
            for (var round = 0; round < rounds; round++)
            {
                Send(command: 1, depth, length, new ReadOnlyMemory<byte>(_payload, 0, length));
                Receive(depth * 16);
                Send(command: 0, depth, length, default);
                Receive(depth * (length + (_structured ? 28 : 16)));
                Replies += depth * 2;
            }
        }

        /// <summary>Holes, extents, and requests that fail, with and without a payload.</summary>
        public void PlayOddities(int rounds)
        {
            for (var round = 0; round < rounds; round++)
            {
                SendOne(command: 0, offset: 512 << 10, length: 128 << 10); // a hole
                SendOne(command: 0, offset: (512 << 10) - 1, length: 64 << 10);
                SendOne(command: 7, offset: 0, length: 1 << 20);
                SendOne(command: 1, offset: 1 << 20, length: 16); // a write beyond the end
                _queue.Send(_payload.AsSpan(0, 16));
                SendOne(command: 0, offset: 1 << 20, length: 16);
                SendOne(command: 99, offset: 0, length: 0);
                SendOne(command: 3, offset: 0, length: 0);
                var got = 0;
                do
                    got += ReceiveSome(_received.AsMemory(got));
                while (!_received.AsSpan(0, got).EndsWith(FlushReply));
            }
        }

        public void Disconnect()
        {
            SendOne(command: 2, offset: 0, length: 0);
            _pump.RunUntil(() => _server.Connections == 0);
        }

        public void Dispose()
        {
            _channel.Dispose();
            _pump.RunUntil(() => _server.Connections == 0);
        }

        private void Handshake()
        {
            Receive(18);
            _queue.Send(RawClient.Hex("00000003"));
            if (_structured)
            {
                _queue.Send(RawClient.Hex(ServerBench.Magic, "00000008 00000000"));
                Receive(20);
                _queue.Send(RawClient.Hex(ServerBench.Magic, "0000000A 0000001B 00000000 00000001 0000000F", "626173653A616C6C6F636174696F6E"));
                Receive(39 + 20);
            }

            _queue.Send(RawClient.Hex(ServerBench.Magic, "00000001 00000000"));
            Receive(10);
        }

        private void Send(ushort command, int count, int length, Payload payload)
        {
            _queue.Cork();
            for (var i = 0; i < count; i++)
            {
                Encode(command, (ulong)(i * length), (uint)length);
                _queue.Send(_request, payload);
            }

            _queue.Uncork();
        }

        private void SendOne(ushort command, ulong offset, uint length)
        {
            Encode(command, offset, length);
            _queue.Send(_request);
        }

        private void Encode(ushort command, ulong offset, uint length)
        {
            BinaryPrimitives.WriteUInt32BigEndian(_request, 0x25609513);
            BinaryPrimitives.WriteUInt16BigEndian(_request.AsSpan(6), command);
            BinaryPrimitives.WriteUInt64BigEndian(_request.AsSpan(16), offset);
            BinaryPrimitives.WriteUInt32BigEndian(_request.AsSpan(24), length);
        }

        private void Receive(int count)
        {
            while (count > 0)
                count -= ReceiveSome(_received.AsMemory(0, count));
        }

        private int ReceiveSome(Memory<byte> destination)
        {
            var receiving = _channel.ReceiveAsync(destination);
            while (!receiving.IsCompleted)
                _pump.RunOneOrYield();
            var got = receiving.GetAwaiter().GetResult();
            if (got == 0)
                Assert.Fail("the server closed");
            return got;
        }
    }

    /// <summary>Runs what a transport schedules, one after the other, on the thread that pumps.</summary>
    private sealed class Pump : PipeScheduler
    {
        private readonly Lock _gate = new();
        private readonly Queue<(Action<object?> Action, object? State)> _queue = new();

        public override void Schedule(Action<object?> action, object? state)
        {
            lock (_gate)
                _queue.Enqueue((action, state));
        }

        public void RunOneOrYield()
        {
            if (!RunOne())
                Thread.Yield(); // the accept loop runs on the pool
        }

        public void RunUntil(Func<bool> done)
        {
            while (!done())
                RunOneOrYield();
        }

        private bool RunOne()
        {
            (Action<object?> Action, object? State) next;
            lock (_gate)
            {
                if (!_queue.TryDequeue(out next))
                    return false;
            }

            next.Action(next.State);
            return true;
        }
    }
}
