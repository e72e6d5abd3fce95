using BlockProxy.Proxy.Translators.Storage.Posix.Executor;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Posix;

public sealed class WorkerIoExecutorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Test]
    public void Work_that_waits_gets_threads_up_to_one_below_the_limit_and_the_rest_follows()
    {
        var executor = new WorkerIoExecutor("test", TimeProvider.System, workerLimit: 5);
        using var together = new CountdownEvent(4);
        using var release = new ManualResetEventSlim();
        using var done = new CountdownEvent(12);
        for (var i = 0; i < 12; i++)
        {
            executor.Queue(new Work(mayBlock: true, () =>
            {
                if (!together.IsSet)
                    together.Signal();
                release.Wait(Patience);
                done.Signal();
            }));
        }

        Assert.That(together.Wait(Patience), Is.True, "four wait at the same time");
        Assert.That(executor.Workers, Is.EqualTo(4));
        release.Set();
        Assert.That(done.Wait(Patience), Is.True);
    }

    [Test]
    public void Quick_work_gets_through_while_everything_else_waits()
    {
        var executor = new WorkerIoExecutor("test", TimeProvider.System, workerLimit: 3);
        using var release = new ManualResetEventSlim();
        using var quick = new ManualResetEventSlim();
        using var done = new CountdownEvent(10);
        for (var i = 0; i < 10; i++)
        {
            executor.Queue(new Work(mayBlock: true, () =>
            {
                release.Wait(Patience);
                done.Signal();
            }));
        }

        executor.Queue(new Work(mayBlock: false, quick.Set));

        Assert.That(quick.Wait(Patience), Is.True);
        release.Set();
        Assert.That(done.Wait(Patience), Is.True);
    }

    [Test]
    public void Quick_work_that_turns_out_to_wait_hands_its_place_on()
    {
        var clock = new StoppedClock();
        var executor = new WorkerIoExecutor("test", clock, workerLimit: 16);
        using var release = new ManualResetEventSlim();
        var processors = Math.Min(Environment.ProcessorCount, 8);
        using var waiting = new CountdownEvent(processors);
        using var done = new CountdownEvent(processors);
        for (var i = 0; i < processors; i++)
        {
            executor.Queue(new Work(mayBlock: false, () =>
            {
                waiting.Signal();
                release.Wait(Patience);
                done.Signal();
            }));
        }

        Assert.That(waiting.Wait(Patience), Is.True);
        using var third = new ManualResetEventSlim();
        executor.Queue(new Work(mayBlock: false, third.Set));
        Assert.That(executor.Workers, Is.EqualTo(processors), "as long as they may be quick, the next waits its turn");
        clock.Now += TimeSpan.FromMilliseconds(2);
        using var fourth = new ManualResetEventSlim();
        executor.Queue(new Work(mayBlock: false, fourth.Set));

        Assert.That(third.Wait(Patience) && fourth.Wait(Patience), Is.True);
        release.Set();
        Assert.That(done.Wait(Patience), Is.True);
    }

    [Test]
    public async Task Threads_end_with_the_executor_once_the_queue_is_empty()
    {
        using var done = new CountdownEvent(20);
        var executor = new WorkerIoExecutor("test", TimeProvider.System, workerLimit: 2);
        for (var i = 0; i < 20; i++)
            executor.Queue(new Work(mayBlock: true, () => done.Signal()));
        await executor.StopAsync();

        Assert.That(done.IsSet, Is.True);
        Assert.That(executor.Workers, Is.Zero);
        Assert.That(() => executor.Queue(new Work(mayBlock: false, () => { })), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Slow_work_on_the_callers_thread_is_followed_by_a_pause()
    {
        var clock = new StoppedClock();
        var budget = new InlineBudget(clock);

        Assert.That(budget.TryBegin(out var begun), Is.True);
        clock.Now += TimeSpan.FromMilliseconds(0.1);
        budget.End(begun);
        Assert.That(budget.TryBegin(out begun), Is.True, "that was fast");
        clock.Now += TimeSpan.FromMilliseconds(5);
        budget.End(begun);
        Assert.That(budget.TryBegin(out _), Is.False, "that was not");
        clock.Now += TimeSpan.FromMilliseconds(51);
        Assert.That(budget.TryBegin(out _), Is.True);
    }

    private sealed class Work : IoWork
    {
        private readonly Action _run;

        public Work(bool mayBlock, Action run)
        {
            _run = run;
            MayBlock = mayBlock;
        }

        public override void Run() => _run();
    }
}

/// <summary>A clock that the test moves.</summary>
internal sealed class StoppedClock : TimeProvider
{
    private long _ticks = 1;

    public TimeSpan Now
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _ticks));
        set => Volatile.Write(ref _ticks, value.Ticks);
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Now.Ticks;
}
