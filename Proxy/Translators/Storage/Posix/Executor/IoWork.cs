namespace BlockProxy.Proxy.Translators.Storage.Posix.Executor;

/// <summary>One piece of blocking work. The object is its own queue node, so queueing allocates nothing.</summary>
public abstract class IoWork
{
    /// <summary>
    /// Whether it is likely to wait for the disk (fsync, a read of what memory does not hold). Such work gets a thread of its own; other work is
    /// expected to need the processor only, and more threads than processors would slow it down.
    /// </summary>
    public bool MayBlock { get; protected set; }

    /// <summary>The next in the executor's queue. The executor's alone.</summary>
    internal IoWork? NextQueued { get; set; }

    /// <summary>Does the work; it never throws.</summary>
    public abstract void Run();
}

/// <summary>
/// Where a brick's system calls that may block are run, so that the receive loops never do. The number of requests in flight is bounded by
/// the windows of the connections; this bounds how many of them run at once.
/// </summary>
public interface IIoExecutor
{
    void Queue(IoWork work);

    /// <summary>Takes no more work, and completes when all that was queued has run.</summary>
    Task StopAsync();
}

/// <summary>Runs everything at once on the caller's thread: for a simulation, and for file systems that never block.</summary>
public sealed class InlineIoExecutor : IIoExecutor
{
    public void Queue(IoWork work) => work.Run();

    /// <summary>Nothing runs by itself.</summary>
    public Task StopAsync() => Task.CompletedTask;
}
