namespace BlockProxy.Proxy.Translators.Storage.Posix.Executor;

/// <summary>
/// A bounded set of threads of its own for blocking file I/O: the thread pool must stay free for the receive loops, and it grows too slowly
/// for threads that sleep in fsync. Work that waits for the disk gets a thread each, up to the limit. Work that does not is run by as many
/// threads as there are processors, one after the other: waking a thread for each costs more than the work itself. Where such work turns
/// out to wait all the same, it counts as waiting and another thread takes over. This file is the only user of threads in storage/posix.
/// </summary>
public sealed class WorkerIoExecutor : IIoExecutor
{
    /// <summary>The most threads; as many as stock bricks' io-threads use by default.</summary>
    public const int DefaultWorkerLimit = 16;

    /// <summary>Quick work that runs longer than this is waiting for something.</summary>
    private static readonly TimeSpan QuickTime = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();
    private readonly List<Worker> _workers = [];
    private readonly Stack<Worker> _idle = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly string _name;
    private readonly int _quickLimit;
    private WorkQueue _quick;
    private WorkQueue _blocking;
    private int _quickRunning;
    private bool _closed;

    /// <param name="name">Of the threads.</param>
    /// <param name="time">To notice work that waits.</param>
    /// <param name="workerLimit">The most threads; they are started as they are needed.</param>
    public WorkerIoExecutor(string name, TimeProvider time, int workerLimit = DefaultWorkerLimit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workerLimit, 1);
        _name = name;
        _time = time;
        WorkerLimit = workerLimit;
        _quickLimit = Math.Clamp(Environment.ProcessorCount, 1, Math.Max(1, workerLimit / 2));
    }

    public int WorkerLimit { get; }

    /// <summary>Threads started so far.</summary>
    public int Workers
    {
        get
        {
            lock (_gate)
                return _workers.Count;
        }
    }

    public void Queue(IoWork work)
    {
        ArgumentNullException.ThrowIfNull(work);
        Worker? worker;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            worker = MayStart(work.MayBlock) ? FreeWorker() : null;
            if (worker is null)
            {
                if (work.MayBlock)
                    _blocking.Enqueue(work);
                else
                    _quick.Enqueue(work);
                return;
            }

            Begin(worker, work);
            worker.Next = work;
        }

        worker.Wake();
    }

    /// <summary>Lets the threads end once the queues are empty, and completes when the last one has.</summary>
    public Task StopAsync()
    {
        Worker[] idle;
        lock (_gate)
        {
            _closed = true;
            idle = [.. _idle];
            _idle.Clear();
            if (_workers.Count == 0)
                _ended.TrySetResult();
        }

        foreach (var worker in idle)
            worker.Wake();
        return _ended.Task;
    }

    private void End(Worker worker)
    {
        lock (_gate)
        {
            _workers.Remove(worker);
            if (_workers.Count > 0)
                return;
        }

        _ended.TrySetResult();
    }

    private bool MayStart(bool mayBlock)
    {
        // Work that waits leaves room for work that does not.
        if (mayBlock)
            return WorkerLimit == 1 || _workers.Count - _idle.Count < WorkerLimit - 1;
        return _quickRunning < _quickLimit || _quickRunning - Waiting() < _quickLimit;
    }

    /// <summary>How much of the quick work that runs is not quick after all.</summary>
    private int Waiting()
    {
        var waiting = 0;
        var now = _time.GetTimestamp();
        foreach (var worker in _workers)
        {
            if (worker.QuickSince is { } since && _time.GetElapsedTime(since, now) > QuickTime)
                waiting++;
        }

        return waiting;
    }

    private Worker? FreeWorker()
    {
        if (_idle.TryPop(out var worker))
            return worker;
        if (_workers.Count >= WorkerLimit)
            return null;
        worker = new Worker(this, $"{_name} io {_workers.Count}");
        _workers.Add(worker);
        return worker;
    }

    private void Begin(Worker worker, IoWork work)
    {
        if (work.MayBlock)
            return;
        _quickRunning++;
        worker.QuickSince = _time.GetTimestamp();
    }

    /// <summary>The next work for a worker that finished; null when it is now idle, or when it is to end.</summary>
    private IoWork? TakeOrIdle(Worker worker, out bool end)
    {
        lock (_gate)
        {
            end = false;
            if (worker.QuickSince is not null)
            {
                _quickRunning--;
                worker.QuickSince = null;
            }

            var work = _quickRunning < _quickLimit || _blocking.IsEmpty ? _quick.Dequeue() ?? _blocking.Dequeue() : _blocking.Dequeue();
            if (work is not null)
            {
                Begin(worker, work);
                return work;
            }

            if (_closed)
                end = true;
            else
                _idle.Push(worker);
            return null;
        }
    }

#pragma warning disable CA1001 // The semaphore has no wait handle; it goes with its thread.
    private sealed class Worker
#pragma warning restore CA1001
    {
        private readonly WorkerIoExecutor _executor;
        private readonly SemaphoreSlim _wakeUps = new(0);
        private readonly Thread _thread;
        private bool _started;

        public Worker(WorkerIoExecutor executor, string name)
        {
            _executor = executor;
            _thread = new Thread(RunLoop) { IsBackground = true, Name = name };
        }

        /// <summary>Handed over under the executor's gate while this worker is idle.</summary>
        public IoWork? Next { get; set; }

        /// <summary>When it began the quick work it is at; null for other work. Under the executor's gate.</summary>
        public long? QuickSince { get; set; }

        public void Wake()
        {
            if (_started)
            {
                _wakeUps.Release();
                return;
            }

            _started = true;
            _thread.Start();
        }

        private void RunLoop()
        {
            while (true)
            {
                var work = Next;
                Next = null;
                while (work is not null)
                {
                    work.Run();
                    work = _executor.TakeOrIdle(this, out var end);
                    if (end)
                    {
                        _executor.End(this);
                        return;
                    }
                }

                _wakeUps.Wait();
                if (Next is null)
                {
                    _executor.End(this); // woken without work: the executor is closed
                    return;
                }
            }
        }
    }
}
