using System.IO.Pipelines;

namespace BlockProxy.Io;

/// <summary>One direction of a <see cref="MemoryTransport"/> connection: bytes queued by a sender, taken by a receiver.</summary>
internal sealed class MemoryLink(PipeScheduler scheduler)
{
    private readonly Lock _gate = new();
    private readonly Queue<PooledBuffer> _chunks = new();
    private readonly Waiter _receiver = new();
    private readonly Waiter _sender = new();
    private int _headTaken;
    private long _queued;
    private bool _finished;
    private bool _broken;

    public async ValueTask<int> ReceiveAsync(Memory<byte> destination)
    {
        while (true)
        {
            ValueTask arrival;
            lock (_gate)
            {
                if (_broken)
                    throw new IOException("connection closed");
                if (_queued > 0)
                    return Take(destination.Span);
                if (_finished)
                    return 0;
                arrival = _receiver.Arm();
            }

            await arrival;
        }
    }

    public async ValueTask SendAsync(SendBatch batch)
    {
        ValueTask room;
        lock (_gate)
        {
            if (_broken || _finished)
                throw new IOException("connection broken: closed by peer");
            Put(batch);
            Wake(_receiver);
            if (_queued <= MemoryTransport.PauseBytes)
                return;
            room = _sender.Arm();
        }

        await room;
    }

    /// <summary>The sender is done: the receiver drains what was queued and then sees the end.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            _finished = true;
            Wake(_receiver);
            Wake(_sender);
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
            Wake(_receiver);
            Wake(_sender);
        }
    }

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
            Wake(_sender);
        return taken;
    }

    private void Wake(Waiter waiter)
    {
        // Never inline: the other side's continuation would run on this side's stack, under the gate, without end.
        if (waiter.Disarm())
            scheduler.Schedule(static state => ((Waiter)state!).Wake(), waiter);
    }

    private sealed class Waiter : PooledOperation<bool>
    {
        private bool _armed;

        public ValueTask Arm()
        {
            _armed = true;
            return Completion;
        }

        public bool Disarm()
        {
            var armed = _armed;
            _armed = false;
            return armed;
        }

        public void Wake() => SetResult(true);

        protected override void Recycle()
        {
            // Lives as long as its link.
        }
    }
}
