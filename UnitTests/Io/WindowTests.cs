using BlockProxy.Io;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Io;

public class WindowTests
{
    [Test]
    public async Task Places_are_taken_at_once_while_there_is_room()
    {
        var window = new Window(requestLimit: 2, byteLimit: 100);

        await window.AcquireAsync(50);
        Assert.That(window.TryAcquire(50), Is.True);

        Assert.That((window.Requests, window.Bytes), Is.EqualTo((2, 100L)));
        Assert.That(window.TryAcquire(0), Is.False);
    }

    [Test]
    public async Task A_full_window_lets_its_waiter_in_when_a_place_is_released()
    {
        var window = new Window(requestLimit: 1, byteLimit: 100);
        await window.AcquireAsync(1);
        var waiting = window.AcquireAsync(2).AsTask();
        Assert.That(waiting.IsCompleted, Is.False);

        window.Release(1);

        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.That((window.Requests, window.Bytes), Is.EqualTo((1, 2L)));
    }

    [Test]
    public async Task The_waiter_stays_until_there_are_bytes_enough()
    {
        var window = new Window(requestLimit: 10, byteLimit: 100);
        await window.AcquireAsync(40);
        await window.AcquireAsync(40);
        var waiting = window.AcquireAsync(70).AsTask();

        window.Release(40);
        Assert.That(waiting.IsCompleted, Is.False);
        Assert.That(window.TryAcquire(1), Is.False, "nobody passes the one that waits");
        window.Release(40);

        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.That(window.Bytes, Is.EqualTo(70));
    }

    [Test]
    public async Task One_request_larger_than_the_window_passes_alone()
    {
        var window = new Window(requestLimit: 10, byteLimit: 100);

        await window.AcquireAsync(1000);

        Assert.That(window.TryAcquire(1), Is.False);
        window.Release(1000);
        Assert.That(window.TryAcquire(1), Is.True);
    }

    [Test]
    public async Task Drained_means_that_the_last_place_was_released()
    {
        var window = new Window(2, 100);
        Assert.That(window.WhenDrainedAsync().IsCompleted, Is.True);
        await window.AcquireAsync(1);
        await window.AcquireAsync(1);
        var drained = window.WhenDrainedAsync();

        window.Release(1);
        Assert.That(drained.IsCompleted, Is.False);
        window.Release(1);

        await drained.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Test]
    public async Task A_second_waiter_and_a_release_too_many_are_found()
    {
        var window = new Window(1, 100);
        Assert.That(() => window.Release(0), Throws.InvalidOperationException);
        var other = new Window(1, 100);
        await other.AcquireAsync(1);
        _ = other.AcquireAsync(1).AsTask();

        Assert.That(() => other.AcquireAsync(1).AsTask(), Throws.InvalidOperationException);
    }

    [Test]
    public async Task Waiting_and_releasing_on_two_threads_never_loses_the_waiter()
    {
        var window = new Window(requestLimit: 2, byteLimit: 1000);
        var toRelease = System.Threading.Channels.Channel.CreateUnbounded<int>();
        var releasing = Task.Run(async () =>
        {
            await foreach (var bytes in toRelease.Reader.ReadAllAsync())
                window.Release(bytes);
        });

        for (var i = 0; i < 20_000; i++)
        {
            await window.AcquireAsync(i % 700);
            toRelease.Writer.TryWrite(i % 700);
        }

        toRelease.Writer.Complete();
        await releasing.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That((window.Requests, window.Bytes), Is.EqualTo((0, 0L)));
    }
}
