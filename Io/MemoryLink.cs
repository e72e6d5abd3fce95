using System.IO.Pipelines;

namespace BlockProxy.Io;

/// <summary>One direction of a <see cref="MemoryTransport"/> connection: bytes queued by a sender, taken by a receiver.</summary>
/// <param name="scheduler">Where a side that waited continues; null for the thread pool.</param>
internal sealed class MemoryLink(PipeScheduler? scheduler)
{
    private readonly Lock _gate = new();
    private readonly Queue<PooledBuffer> _chunks = new();
    private readonly Waiter<int> _receiver = new();
    private readonly Waiter<bool> _sender = new();
    private Memory<byte> _destination;
    private int _headTaken;
    private long _queued;
    private bool _finished;
    private bool _broken;

    public ValueTask<int> ReceiveAsync(Memory<byte> destination)
    {
        lock (_gate)
        {
            if (_broken)
                return ValueTask.FromException<int>(Closed());
            if (_queued > 0)
                return new(Take(destination.Span));
            if (_finished)
                return new(0);
            _destination = destination;
            _receiver.Arm();
            return _receiver.Task;
        }
    }

    public ValueTask SendAsync(SendBatch batch)
    {
        lock (_gate)
        {
            if (_broken || _finished)
                return ValueTask.FromException(new IOException("connection broken: closed by peer"));
            Put(batch);
            if (_queued > 0 && _receiver.Armed)
                _receiver.Settle(Take(_destination.Span), null, scheduler);
            if (_queued <= MemoryTransport.PauseBytes)
                return default;
            _sender.Arm();
            return _sender.Completion;
        }
    }

    /// <summary>The sender is done: the receiver drains what was queued and then sees the end.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            _finished = true;
            _receiver.Settle(0, null, scheduler);
            _sender.Settle(true, null, scheduler);
        }
    }

    /// <summary>The receiver is gone: what is queued is dropped, and sending fails.</summary>
    public void Break()
    {
        lock (_gate)
        {
            _broken = true;
            while (_chunks.TryDequeue(out var chunk))
                chunk.Release();
            _queued = 0;
            _receiver.Settle(0, Closed(), scheduler);
            _sender.Settle(true, null, scheduler);
        }
    }

    private static IOException Closed() => new("connection closed");

    private void Put(SendBatch batch)
    {
        if (batch.Bytes == 0)
            return;
        // A batch is bounded by what the queue of a connection holds, far below 2 GiB.
        var chunk = BufferPool.Shared.Rent(checked((int)batch.Bytes));
        var at = 0;
        foreach (var segment in batch.Segments)
        {
            segment.AsSpan().CopyTo(chunk.Span[at..]);
            at += segment.Count;
        }

        _chunks.Enqueue(chunk);
        _queued += chunk.Length;
    }

    private int Take(Span<byte> destination)
    {
        var taken = 0;
        while (taken < destination.Length && _chunks.TryPeek(out var chunk))
        {
            var count = Math.Min(destination.Length - taken, chunk.Length - _headTaken);
            chunk.Span.Slice(_headTaken, count).CopyTo(destination[taken..]);
            taken += count;
            _headTaken += count;
            if (_headTaken < chunk.Length)
                continue;
            _chunks.Dequeue().Release();
            _headTaken = 0;
        }

        _queued -= taken;
        if (_queued <= MemoryTransport.PauseBytes / 2)
            _sender.Settle(true, null, scheduler);
        return taken;
    }

    /// <summary>One side that waits. Used under the link's gate; it continues elsewhere, never on the other side's stack.</summary>
    private sealed class Waiter<T> : PooledOperation<T>, IThreadPoolWorkItem
    {
        private T _result = default!;
        private Exception? _error;

        public bool Armed { get; private set; }

        /// <summary>Begins to wait; its task completes when <see cref="Settle"/> says so.</summary>
        public void Arm() => Armed = true;

        public void Settle(T result, Exception? error, PipeScheduler? scheduler)
        {
            if (!Armed)
                return;
            Armed = false;
            (_result, _error) = (result, error);
            if (scheduler is null)
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            else
                scheduler.Schedule(static state => ((Waiter<T>)state!).Execute(), this);
        }

        public void Execute()
        {
            if (_error is { } error)
                SetException(error);
            else
                SetResult(_result);
        }

        protected override void Recycle()
        {
            // Lives as long as its link.
        }
    }
}
