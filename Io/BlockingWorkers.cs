namespace BlockProxy.Io;

/// <summary>Work that may block its thread. A failure is part of its result: <see cref="Run"/> does not throw.</summary>
public interface IBlockingWork
{
    void Run();
}

/// <summary>
/// A bounded set of threads for calls that block, such as file I/O, so that no receive loop ever waits for a disk. Work starts in the order
/// it was queued. The queue has no bound of its own: what is in flight is bounded by the <see cref="Window"/>s of those who ask.
/// </summary>
public sealed class BlockingWorkers
{
    /// <summary>Threads of <see cref="Shared"/>: enough to keep a disk's queue busy, few enough not to matter when idle.</summary>
    public const int SharedThreads = 16;

    private static readonly Lazy<BlockingWorkers> Process = new(() => new BlockingWorkers(SharedThreads, "blocking i/o"));

    private readonly object _gate = new();
    private readonly Queue<IBlockingWork> _queue = new();
    private readonly string _name;
    private int _threads;
    private int _idle;

    /// <param name="threadLimit">The most threads; they are started as work needs them and live as long as the process.</param>
    /// <param name="name">The name of the threads.</param>
    public BlockingWorkers(int threadLimit, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threadLimit, 1);
        ThreadLimit = threadLimit;
        _name = name;
    }

    /// <summary>The workers of this process.</summary>
    public static BlockingWorkers Shared => Process.Value;

    public int ThreadLimit { get; }

    /// <summary>Runs the work on one of the threads, as soon as one is free.</summary>
    public void Enqueue(IBlockingWork work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var start = false;
        lock (_gate)
        {
            _queue.Enqueue(work);
            if (_idle >= _queue.Count)
                Monitor.Pulse(_gate);
            else if (start = _threads < ThreadLimit)
                _threads++;
        }

        if (start)
            new Thread(RunQueued) { IsBackground = true, Name = _name }.Start();
    }

    private void RunQueued()
    {
        while (true)
        {
            IBlockingWork? work;
            lock (_gate)
            {
                while (!_queue.TryDequeue(out work))
                {
                    _idle++;
                    Monitor.Wait(_gate);
                    _idle--;
                }
            }

            work.Run();
        }
    }
}
