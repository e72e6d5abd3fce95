using BlockProxy.Io;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Io;

public class BlockingWorkersTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Test]
    public void As_many_block_at_once_as_there_are_threads_and_no_more()
    {
        var workers = new BlockingWorkers(2, "test");
        using var started = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        using var done = new SemaphoreSlim(0);
        for (var i = 0; i < 3; i++)
        {
            workers.Enqueue(new Work(() =>
            {
                started.Release();
                goOn.Wait();
                done.Release();
            }));
        }

        Assert.That(started.Wait(Patience) && started.Wait(Patience), Is.True);
        Assert.That(started.CurrentCount, Is.Zero, "the third waits for a thread");
        goOn.Release(3);
        Assert.That(started.Wait(Patience), Is.True);
        for (var i = 0; i < 3; i++)
            Assert.That(done.Wait(Patience), Is.True);
    }

    [Test]
    public void Work_from_many_threads_is_all_done()
    {
        const int Each = 5000;
        var workers = new BlockingWorkers(3, "test");
        using var all = new CountdownEvent(4 * Each);

        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < Each; i++)
                workers.Enqueue(new Work(() => all.Signal()));
        });

        Assert.That(all.Wait(Patience), Is.True);
    }

    [Test]
    public void One_thread_works_in_the_order_of_the_queue()
    {
        var workers = new BlockingWorkers(1, "test");
        var order = new List<int>();
        using var all = new CountdownEvent(100);

        for (var i = 0; i < 100; i++)
        {
            var number = i;
            workers.Enqueue(new Work(() =>
            {
                order.Add(number);
                all.Signal();
            }));
        }

        Assert.That(all.Wait(Patience), Is.True);
        Assert.That(order, Is.EqualTo(Enumerable.Range(0, 100)));
    }

    private sealed class Work(Action action) : IBlockingWork
    {
        public void Run() => action();
    }
}
