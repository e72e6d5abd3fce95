using BlockProxy.Io;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Io;

public class SendQueueTests
{
    [Test]
    public void A_message_leaves_at_once_head_before_payload()
    {
        var channel = new ManualChannel();
        var queue = new SendQueue(channel, _ => { });

        queue.Send([1, 2], new byte[] { 3, 4 });

        Assert.That(channel.Sends, Is.EqualTo(new[] { new byte[] { 1, 2, 3, 4 } }));
    }

    [Test]
    public void Corked_messages_leave_together()
    {
        var channel = new ManualChannel();
        var queue = new SendQueue(channel, _ => { });

        queue.Cork();
        queue.Cork();
        queue.Send([1]);
        queue.Send([2], new byte[] { 3 });
        queue.Uncork();
        Assert.That(channel.Sends, Is.Empty);
        queue.Uncork();

        Assert.That(channel.Sends, Is.EqualTo(new[] { new byte[] { 1, 2, 3 } }));
    }

    [Test]
    public void Enough_corked_bytes_leave_without_waiting()
    {
        var channel = new ManualChannel();
        var queue = new SendQueue(channel, _ => { });

        queue.Cork();
        queue.Send([1], new byte[SendQueue.CorkBytes - 2]);
        Assert.That(channel.Sends, Is.Empty);
        queue.Send([2]);

        Assert.That(channel.Sends.Single(), Has.Length.EqualTo(SendQueue.CorkBytes));
    }

    [Test]
    public void What_is_queued_during_a_send_follows_it_in_one_send_and_in_order()
    {
        var channel = new ManualChannel { Hold = true };
        var queue = new SendQueue(channel, _ => { });

        queue.Send([1]);
        queue.Send([2]);
        queue.Send([3]);
        channel.Hold = false;
        channel.Complete();

        Assert.That(channel.Sends, Is.EqualTo(new[] { new byte[] { 1 }, new byte[] { 2, 3 } }));
    }

    [Test]
    public void More_segments_than_one_send_takes_become_several_sends()
    {
        var channel = new ManualChannel { Hold = true };
        var queue = new SendQueue(channel, _ => { });
        queue.Send([0]);

        for (var i = 0; i < SendBatch.SegmentLimit; i++)
            queue.Send([1], new byte[] { 2 });
        channel.Hold = false;
        channel.Complete();

        Assert.That(channel.Sends, Has.Count.EqualTo(4));
        Assert.That(channel.Sends.Skip(1).SelectMany(bytes => bytes), Is.EqualTo(Enumerable.Range(0, SendBatch.SegmentLimit * 2).Select(i => i % 2 + 1)));
    }

    [Test]
    public void Heads_beyond_the_scratch_memory_are_sent_whole()
    {
        var channel = new ManualChannel { Hold = true };
        var queue = new SendQueue(channel, _ => { });
        queue.Send([0]);
        var heads = new byte[100_000];
        new Random(1).NextBytes(heads);

        for (var i = 0; i < heads.Length; i += 1000)
            queue.Send(heads.AsSpan(i, 1000));
        queue.Send(heads);
        channel.Hold = false;
        channel.Complete();

        Assert.That(channel.Sends.Skip(1).SelectMany(bytes => bytes), Is.EqualTo(heads.Concat(heads)));
    }

    [Test]
    public void A_payload_is_referenced_until_it_was_sent()
    {
        var pool = new BufferPool();
        var channel = new ManualChannel { Hold = true };
        var queue = new SendQueue(channel, _ => { });
        var buffer = pool.Rent(10);
        var observer = new Observer();

        queue.Send([1], buffer, observer);
        buffer.Release();
        Assert.That((pool.Outstanding, observer.Sent.Count), Is.EqualTo((1L, 0)));
        channel.Complete();

        Assert.That(pool.Outstanding, Is.Zero);
        Assert.That(observer.Sent, Is.EqualTo(new[] { true }));
    }

    [Test]
    public void A_failed_send_breaks_the_queue_once_and_drops_the_rest()
    {
        var pool = new BufferPool();
        var channel = new ManualChannel { Hold = true };
        var broken = new List<IOException>();
        var queue = new SendQueue(channel, broken.Add);
        var observer = new Observer();
        queue.Send([1], default, observer);
        var buffer = pool.Rent(10);
        queue.Send([2], buffer, observer);
        buffer.Release();

        channel.Fail(new IOException("cut"));
        queue.Send([3], default, observer);

        Assert.That(broken.Select(error => error.Message), Is.EqualTo(new[] { "cut" }));
        Assert.That(observer.Sent, Is.EqualTo(new[] { false, false, false }));
        Assert.That(pool.Outstanding, Is.Zero);
    }

    [Test]
    public void A_closed_queue_drops_what_is_queued_and_what_comes()
    {
        var channel = new ManualChannel();
        var queue = new SendQueue(channel, _ => { });
        var observer = new Observer();
        queue.Cork();
        queue.Send([1], default, observer);

        queue.Close();
        queue.Close();
        queue.Send([2], default, observer);
        queue.Uncork();

        Assert.That(observer.Sent, Is.EqualTo(new[] { false, false }));
        Assert.That(channel.Sends, Is.Empty);
    }

    [Test]
    public void A_queue_closed_during_a_send_drops_the_rest_when_it_returns()
    {
        var channel = new ManualChannel { Hold = true };
        var queue = new SendQueue(channel, _ => { });
        var observer = new Observer();
        queue.Send([1], default, observer);
        queue.Send([2], default, observer);

        queue.Close();
        channel.Complete();

        Assert.That(observer.Sent, Is.EqualTo(new[] { true, false }));
    }

    [Test]
    public async Task Flushed_means_that_nothing_waits_corked_messages_included()
    {
        var channel = new ManualChannel { Hold = true };
        var queue = new SendQueue(channel, _ => { });
        Assert.That(queue.FlushAsync().IsCompleted, Is.True);
        queue.Send([1]);
        queue.Cork();
        queue.Send([2]);
        var flushed = queue.FlushAsync();

        channel.Complete();
        Assert.That(flushed.IsCompleted, Is.False, "a corked message waits");
        queue.Uncork();
        Assert.That(flushed.IsCompleted, Is.False, "it is being sent");
        channel.Complete();

        await flushed.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Test]
    public async Task Messages_of_many_threads_all_arrive_whole()
    {
        var channel = new ManualChannel();
        var queue = new SendQueue(channel, _ => { });

        Parallel.For(0, 4, thread =>
        {
            for (var i = 0; i < 5000; i++)
                queue.Send([(byte)thread, (byte)thread], new[] { (byte)thread });
        });
        await queue.FlushAsync().WaitAsync(TimeSpan.FromSeconds(10));

        var bytes = channel.Sends.SelectMany(sent => sent).ToArray();
        Assert.That(bytes, Has.Length.EqualTo(60_000));
        for (var i = 0; i < bytes.Length; i += 3)
        {
            if (bytes[i] != bytes[i + 1] || bytes[i] != bytes[i + 2])
                Assert.Fail($"torn at {i}");
        }
    }

    private sealed class Observer : ISendObserver
    {
        public List<bool> Sent { get; } = [];

        void ISendObserver.Sent(bool sent) => Sent.Add(sent);
    }

    /// <summary>Completes each send at once, or, while it holds, when it is told to.</summary>
    private sealed class ManualChannel : IByteChannel
    {
        private readonly Operation _sending = new();

        public bool Hold { get; set; }

        public List<byte[]> Sends { get; } = [];

        public string RemoteName => "manual";

        public void Complete() => _sending.Succeed();

        public void Fail(IOException error) => _sending.Fail(error);

        public ValueTask SendAsync(SendBatch batch)
        {
            Sends.Add([.. batch.Segments.SelectMany(segment => segment)]);
            return Hold ? _sending.Completion : default;
        }

        public ValueTask<int> ReceiveAsync(Memory<byte> destination) => new(0);

        public void Abort()
        {
        }

        public void Dispose()
        {
        }
    }

    private sealed class Operation : PooledOperation<bool>
    {
        public void Succeed() => SetResult(true);

        public void Fail(IOException error) => SetException(error);

        protected override void Recycle()
        {
        }
    }
}
