using BlockProxy.Io;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Io;

public class DuplexConnectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Test]
    public async Task Messages_pass_both_ways()
    {
        var (near, far) = Create();

        near.Send([1, 2], new byte[] { 3 });
        Assert.That(await ReadAsync(far, 3), Is.EqualTo(new byte[] { 1, 2, 3 }));
        far.Send([4]);

        Assert.That(await ReadAsync(near, 1), Is.EqualTo(new byte[] { 4 }));
    }

    [Test]
    public async Task The_first_reason_of_a_shutdown_is_kept()
    {
        var (near, far) = Create();

        near.Shutdown(new InvalidDataException("first"));
        near.Shutdown(new InvalidDataException("second"));

        Assert.That((await near.Completion.WaitAsync(Patience))!.Message, Is.EqualTo("first"));
        var read = await far.Input.ReadAsync().AsTask().WaitAsync(Patience);
        Assert.That(read.IsCompleted, Is.True, "the other side sees the end");
    }

    [Test]
    public async Task After_a_shutdown_messages_are_dropped_and_their_observers_told()
    {
        var (near, _) = Create();
        var pool = new BufferPool();
        var buffer = pool.Rent(1);
        var observer = new Observer();

        near.Shutdown();
        near.Send([1], buffer, observer);
        buffer.Release();
        await near.FlushAsync().WaitAsync(Patience);

        Assert.That(observer.Answers, Is.EqualTo(new[] { false }));
        Assert.That(pool.Outstanding, Is.Zero);
        Assert.That(await near.Completion.WaitAsync(Patience), Is.Null);
    }

    [Test]
    public async Task A_reader_that_does_not_read_slows_the_sender()
    {
        var (near, far) = Create(new DuplexLimits { ReceivePauseBytes = 64 << 10 });
        const int Total = 32 << 20;
        var sent = 0;

        far.Send([], new byte[Total / 2], new Counter(() => sent++));
        far.Send([], new byte[Total / 2], new Counter(() => sent++));
        var flushed = far.FlushAsync();
        Assert.That(flushed.IsCompleted, Is.False, "only what the network holds has left");
        var got = 0L;
        while (got < Total)
        {
            var read = await near.Input.ReadAsync().AsTask().WaitAsync(Patience);
            got += read.Buffer.Length;
            near.Input.AdvanceTo(read.Buffer.End);
        }

        await flushed.WaitAsync(Patience);
        Assert.That(sent, Is.EqualTo(2));
    }

    private static (DuplexConnection Near, DuplexConnection Far) Create(DuplexLimits? limits = null)
    {
        var (a, b) = new MemoryTransport().CreatePair("far", "near");
        var near = new DuplexConnection(a, limits);
        var far = new DuplexConnection(b, limits);
        near.Start();
        far.Start();
        return (near, far);
    }

    private static async Task<byte[]> ReadAsync(DuplexConnection connection, int count)
    {
        while (true)
        {
            var read = await connection.Input.ReadAsync().AsTask().WaitAsync(Patience);
            if (read.Buffer.Length >= count)
            {
                var bytes = new byte[count];
                System.Buffers.BuffersExtensions.CopyTo(read.Buffer.Slice(0, count), bytes);
                connection.Input.AdvanceTo(read.Buffer.GetPosition(count));
                return bytes;
            }

            Assert.That(read.IsCompleted, Is.False, "the end came first");
            connection.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private sealed class Observer : ISendObserver
    {
        public List<bool> Answers { get; } = [];

        public void Sent(bool sent) => Answers.Add(sent);
    }

    private sealed class Counter(Action sent) : ISendObserver
    {
        public void Sent(bool whole) => sent();
    }
}
