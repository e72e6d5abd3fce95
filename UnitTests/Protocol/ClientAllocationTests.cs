using System.Buffers.Binary;
using System.Threading.Tasks.Sources;
using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Gfs4;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Protocol;

/// <summary>What a write costs on its way to a brick and back, in the steady state.</summary>
[NonParallelizable]
public sealed class ClientAllocationTests
{
#if DEBUG
    private const int AllowedBytes = 128; // state machines of async methods are classes in debug builds
#else
    private const int AllowedBytes = 0;
#endif

    [Test]
    public async Task A_4_KiB_write_to_a_brick_and_back_allocates_nothing()
    {
        SynchronizationContext.SetSynchronizationContext(null); // NUnit's would carry every continuation to the thread pool
        await using var harness = new ClientHarness();
        var brick = new AnsweringBrick();
        var session = new RpcClient(brick, new RpcClientSettings { PingTimeout = TimeSpan.FromSeconds(42) }, harness.Clock, harness.Log);
        session.Start();
        harness.Client.Publish(new(session, "brick", 1));
        var fd = Fd.Anonymous(new Inode(new Gfid(1, 2)));
        Payload data = new byte[4096];
        var request = new WriteRequest(fd, 0, data);

        async Task<long> MeasureAsync()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 5000; i++)
            {
                if ((await harness.Client.WriteAsync(default, in request)).Count != 4096)
                    throw new AssertionException("not written");
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        await MeasureAsync();
        var allocated = await MeasureAsync();
        harness.Client.Withdraw();
        session.Close("over");

        Assert.That(allocated / 5000, Is.LessThanOrEqualTo(AllowedBytes), $"{allocated} bytes for 5000 writes");
    }

    /// <summary>Answers every WRITE at once, on the sender's thread, from memory made beforehand.</summary>
    private sealed class AnsweringBrick : IByteChannel, IValueTaskSource<int>
    {
        private readonly byte[] _reply = Reply();
        private ManualResetValueTaskSourceCore<int> _receive;
        private Memory<byte> _destination;
        private int _pending;
        private bool _waiting;

        public string RemoteName => "brick";

        public ValueTask<int> ReceiveAsync(Memory<byte> destination)
        {
            if (_pending > 0)
                return new(Take(destination));
            _destination = destination;
            _waiting = true;
            return new(this, _receive.Version);
        }

        public ValueTask SendAsync(SendBatch batch)
        {
            // One write in flight at a time: the batch is one call, whose xid follows the record mark.
            var head = batch.Segments[0].AsSpan();
            BinaryPrimitives.WriteUInt32BigEndian(_reply.AsSpan(4), BinaryPrimitives.ReadUInt32BigEndian(head[4..]));
            _pending++;
            if (_waiting)
            {
                _waiting = false;
                _receive.SetResult(Take(_destination));
            }

            return default;
        }

        public void Abort()
        {
            if (!_waiting)
                return;
            _waiting = false;
            _receive.SetResult(0);
        }

        public void Dispose() => Abort();

        public int GetResult(short token)
        {
            var result = _receive.GetResult(token);
            _receive.Reset();
            return result;
        }

        public ValueTaskSourceStatus GetStatus(short token) => _receive.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _receive.OnCompleted(continuation, state, token, flags);

        private static byte[] Reply()
        {
            var writer = new XdrWriter(new byte[1024]);
            RecordMark.Begin(ref writer);
            RpcReplyHeader.WriteAccepted(ref writer, 0);
            FopCodecs.Of<WriteRequest, WriteReply>().WriteReply(ref writer, new WriteReply(Errno.None, 4096));
            RecordMark.End(ref writer);
            return writer.Written.ToArray();
        }

        private int Take(Memory<byte> destination)
        {
            _pending--;
            _reply.CopyTo(destination);
            return _reply.Length;
        }
    }
}
