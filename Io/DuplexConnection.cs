using System.IO.Pipelines;

namespace BlockProxy.Io;

/// <summary>Limits of one <see cref="DuplexConnection"/>.</summary>
public sealed record DuplexLimits
{
    /// <summary>Received bytes that may wait for the reader before receiving pauses.</summary>
    public int ReceivePauseBytes { get; init; } = 1 << 20;

    /// <summary>The smallest piece of memory an idle connection holds for its next receive.</summary>
    public int ReceiveMinimumBytes { get; init; } = 4096;

    /// <summary>The largest piece of memory offered to one receive.</summary>
    public int ReceiveMaximumBytes { get; init; } = 256 << 10;
}

/// <summary>
/// A channel with its two small loops: one receives into a pipe, one sends what was queued, gathering everything that waits into one call.
/// <see cref="Shutdown"/> keeps the first reason and ends both.
/// </summary>
public sealed class DuplexConnection
{
    private readonly IByteChannel _channel;
    private readonly DuplexLimits _limits;
    private readonly Pipe _received;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<SendBatch> _full = new();
    private SendBatch _filling = new();
    private SendBatch? _spare = new();
    private bool _sending;
    private bool _closed;
    private int _corks;
    private TaskCompletionSource? _flushed;

    public DuplexConnection(IByteChannel channel, DuplexLimits? limits = null)
    {
        _channel = channel;
        _limits = limits ?? new DuplexLimits();
        _received = new Pipe(new PipeOptions(
            readerScheduler: PipeScheduler.Inline,
            writerScheduler: PipeScheduler.Inline,
            pauseWriterThreshold: _limits.ReceivePauseBytes,
            resumeWriterThreshold: _limits.ReceivePauseBytes / 2,
            minimumSegmentSize: _limits.ReceiveMinimumBytes,
            useSynchronizationContext: false));
    }

    public string RemoteName => _channel.RemoteName;

    /// <summary>What the peer sent. Completed when the peer finished or the connection was shut down.</summary>
    public PipeReader Input => _received.Reader;

    /// <summary>Completes when both directions have ended, with the first reason; null when the peer simply finished.</summary>
    public Task<Exception?> Completion => _ended.Task;

    /// <summary>Begins to receive.</summary>
    public void Start() => _ = ReceiveLoopAsync();

    /// <summary>
    /// Queues one message: the head is copied, the payload is referenced until it was sent. Never blocks. After the connection ended the
    /// message is dropped and the observer told so.
    /// </summary>
    public void Send(ReadOnlySpan<byte> head, Payload payload = default, ISendObserver? observer = null)
    {
        var dropped = false;
        SendBatch? batch = null;
        lock (_gate)
        {
            if (_closed)
            {
                dropped = true;
            }
            else
            {
                if (_filling.Segments.Count >= SendBatch.SegmentLimit - 2)
                {
                    _full.Enqueue(_filling);
                    _filling = TakeSpare();
                }

                _filling.Add(head, payload, observer);
                if (_corks == 0 && !_sending)
                    batch = TakeNext();
            }
        }

        if (dropped)
            observer?.Sent(false);
        if (batch is not null)
            _ = SendLoopAsync(batch);
    }

    /// <summary>Holds queued messages back until the matching <see cref="Uncork"/>, so that several leave in one send.</summary>
    public void Cork()
    {
        lock (_gate)
            _corks++;
    }

    public void Uncork()
    {
        SendBatch? batch = null;
        lock (_gate)
        {
            if (--_corks == 0 && !_sending && !_closed)
                batch = TakeNext();
        }

        if (batch is not null)
            _ = SendLoopAsync(batch);
    }

    /// <summary>Completes when everything queued so far was handed to the network, or the connection ended.</summary>
    public Task FlushAsync()
    {
        lock (_gate)
        {
            if (_closed || (!_sending && _filling.IsEmpty && _full.Count == 0))
                return Task.CompletedTask;
            _flushed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _flushed.Task;
        }
    }

    /// <summary>Ends both directions. The first reason is kept; null means an ordinary end.</summary>
    public void Shutdown(Exception? reason = null)
    {
        SendBatch? dropped = null;
        TaskCompletionSource? flushed;
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            if (!_sending)
                dropped = _filling;
            (flushed, _flushed) = (_flushed, null);
        }

        _channel.Abort();
        flushed?.TrySetResult();
        if (dropped is not null)
            DropQueued(dropped);
        _received.Reader.CancelPendingRead();
        _ended.TrySetResult(reason);
    }

    private async Task ReceiveLoopAsync()
    {
        Exception? reason = null;
        var want = _limits.ReceiveMinimumBytes;
        try
        {
            while (true)
            {
                var memory = _received.Writer.GetMemory(want);
                var count = await _channel.ReceiveAsync(memory);
                if (count == 0)
                    break;
                // A receive that filled its memory asks for more next time; one that used little gives it back.
                if (count == memory.Length)
                    want = Math.Min(want * 4, _limits.ReceiveMaximumBytes);
                else if (count < want / 4)
                    want = Math.Max(want / 2, _limits.ReceiveMinimumBytes);
                _received.Writer.Advance(count);
                var flushed = await _received.Writer.FlushAsync();
                if (flushed.IsCompleted)
                    break;
            }
        }
        catch (IOException error)
        {
            reason = error;
        }

        await _received.Writer.CompleteAsync(reason);
        if (reason is not null)
            Shutdown(reason);
    }

    private async Task SendLoopAsync(SendBatch batch)
    {
        Exception? failure = null;
        while (true)
        {
            var sent = false;
            try
            {
                if (failure is null && !Volatile.Read(ref _closed))
                {
                    await _channel.SendAsync(batch);
                    sent = true;
                }
            }
            catch (IOException error)
            {
                failure = error;
            }

            batch.Complete(sent);
            TaskCompletionSource? flushed = null;
            SendBatch? next = null;
            lock (_gate)
            {
                _spare ??= batch;
                // Messages corked meanwhile wait for their Uncork, unless the connection ended: then nobody else drops them.
                if (_corks == 0 || _closed || failure is not null)
                    next = TakeNext();
                else
                    _sending = false;
                if (next is null)
                    (flushed, _flushed) = (_flushed, null);
            }

            flushed?.TrySetResult();
            if (next is null)
                break;
            batch = next;
        }

        if (failure is not null)
            Shutdown(failure);
    }

    private void DropQueued(SendBatch filling)
    {
        while (_full.TryDequeue(out var batch))
            batch.Complete(sent: false);
        filling.Complete(sent: false);
    }

    private SendBatch TakeSpare()
    {
        var batch = _spare ?? new SendBatch();
        _spare = null;
        return batch;
    }

    /// <summary>The next batch to send, with the loop marked as running; null when nothing is queued. Called under the gate.</summary>
    private SendBatch? TakeNext()
    {
        _sending = false;
        if (!_full.TryDequeue(out var next))
        {
            if (_filling.IsEmpty)
                return null;
            next = _filling;
            _filling = TakeSpare();
        }

        _sending = true;
        return next;
    }
}
