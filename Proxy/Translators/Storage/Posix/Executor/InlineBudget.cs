namespace BlockProxy.Proxy.Translators.Storage.Posix.Executor;

/// <summary>
/// Whether short work may be done at once on the caller's thread, which is mostly a receive loop. It may as long as such work is fast, and
/// a write into the page cache is; once a piece took long (the disk is behind, the journal is full) work goes to the executor for a while.
/// </summary>
internal sealed class InlineBudget(TimeProvider time)
{
    /// <summary>A piece that took longer has blocked.</summary>
    private static readonly TimeSpan Fast = TimeSpan.FromMilliseconds(0.5);

    /// <summary>How long the caller's thread is then spared.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private long _slowAt = long.MinValue;

    /// <summary>Begins a piece if it may be done at once.</summary>
    public bool TryBegin(out long begun)
    {
        begun = time.GetTimestamp();
        var slowAt = Volatile.Read(ref _slowAt);
        return slowAt == long.MinValue || time.GetElapsedTime(slowAt, begun) > Pause;
    }

    public void End(long begun)
    {
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(begun, now) > Fast)
            Volatile.Write(ref _slowAt, now);
    }
}
