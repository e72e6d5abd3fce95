namespace BlockProxy.Io;

/// <summary>Waiting by an injected clock.</summary>
public static class TimerWait
{
    /// <summary>Completes after that time by that clock, or early and without an exception when <paramref name="stop"/> is cancelled.</summary>
    public static async Task WaitAsync(this TimeProvider time, TimeSpan delay, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(time);
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var timer = time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), over, delay, Timeout.InfiniteTimeSpan);
        using var stopped = stop.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), over);
        await over.Task;
    }
}
