namespace BlockProxy.Io;

/// <summary>Waiting by an injected clock.</summary>
public static class TimeProviderExtensions
{
    /// <summary>Completes when <paramref name="pause"/> is over, or at once when <paramref name="cut"/> is cancelled; never throws.</summary>
    public static async Task PauseAsync(this TimeProvider time, TimeSpan pause, CancellationToken cut = default)
    {
        ArgumentNullException.ThrowIfNull(time);
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cut.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), over))
        using (time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), over, pause, Timeout.InfiniteTimeSpan))
            await over.Task;
    }
}
