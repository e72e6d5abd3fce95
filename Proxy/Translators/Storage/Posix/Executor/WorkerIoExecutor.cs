namespace BlockProxy.Proxy.Translators.Storage.Posix.Executor;

/// <summary>
/// A bounded set of threads of its own for blocking file I/O: the thread pool must stay free for the receive loops, and it grows too slowly
/// for threads that sleep in fsync. Threads are started as they are needed, never more than <see cref="WorkerLimit"/>, and the one that
/// became idle last is woken first. This file is the only user of threads in storage/posix.
/// </summary>
public sealed class WorkerIoExecutor : IIoExecutor
{
    /// <summary>The most threads; as many as stock bricks' io-threads use by default.</summary>
    public const int DefaultWorkerLimit = 16;

    private readonly Lock _gate = new();
    private readonly Stack<Worker> _idle = new();
    private readonly string _name;
    private IoWork? _first;
    private IoWork? _last;
    private int _workers;
    private bool _closed;

    public WorkerIoExecutor(string name, int workerLimit = DefaultWorkerLimit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workerLimit, 1);
        _name = name;
        WorkerLimit = workerLimit;
    }

    public int WorkerLimit { get; }

    /// <summary>Threads started so far.</summary>
    public int Workers => Volatile.Read(ref _workers);

    public void Queue(IoWork work)
    {
        ArgumentNullException.ThrowIfNull(work);
        Worker? worker = null;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_idle.TryPop(out worker))
            {
                worker.Next = work;
            }
            else if (_workers < WorkerLimit)
            {
                worker = new Worker(this, $"{_name} io {_workers}") { Next = work };
                _workers++;
            }
            else
            {
                if (_last is null)
                    _first = work;
                else
                    _last.NextQueued = work;
                _last = work;
                return;
            }
        }

        worker.Wake();
    }

    /// <summary>Lets the threads end once the queue is empty.</summary>
    public void Dispose()
    {
        Worker[] idle;
        lock (_gate)
        {
            _closed = true;
            idle = [.. _idle];
            _idle.Clear();
        }

        foreach (var worker in idle)
            worker.Wake();
    }

    /// <summary>The next work for a worker that finished; null when it is now idle, or when it is to end.</summary>
    private IoWork? TakeOrIdle(Worker worker, out bool end)
    {
        lock (_gate)
        {
            end = false;
            if (_first is { } work)
            {
                _first = work.NextQueued;
                if (_first is null)
                    _last = null;
                work.NextQueued = null;
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
                        return;
                }

                _wakeUps.Wait();
                if (Next is null)
                    return; // woken without work: the executor is closed
            }
        }
    }
}
