using System.Runtime.CompilerServices;

namespace BlockProxy.Io;

/// <summary>
/// The sending half of a connection: messages are queued by any thread and leave in order, everything that waits gathered into one call of
/// the channel. The thread that queues also sends, unless a send is already under way; then that one takes the message along.
/// </summary>
public sealed class SendQueue
{
    /// <summary>Bytes that leave although the queue is corked: more gathered in one send saves nothing, and the peer could already work.</summary>
    public const int CorkBytes = 128 << 10;

    private static readonly IOException Dropped = new("the connection ended before this was sent");

    private readonly IByteChannel _channel;
    private readonly Action<IOException> _broken;
    private readonly Action _continue;
    private readonly Lock _gate = new();
    private readonly Queue<SendBatch> _full = new();
    private SendBatch _filling = new();
    private SendBatch? _spare = new();
    private bool _sending;
    private bool _closed;
    private int _corks;
    private TaskCompletionSource? _flushed;

    // Of the send under way; there is one at a time.
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _awaiter;
    private SendBatch? _underWay;
    private IOException? _failure;

    /// <param name="channel">Where the bytes go.</param>
    /// <param name="broken">Called once, with the reason, when sending failed; it should end the connection.</param>
    public SendQueue(IByteChannel channel, Action<IOException> broken)
    {
        _channel = channel;
        _broken = broken;
        _continue = Continue;
    }

    /// <summary>
    /// Queues one message: the head is copied, the payload is referenced until it was sent. Never blocks. After the queue was closed the
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
                if (!_sending && (_corks == 0 || _filling.Bytes >= CorkBytes))
                    batch = TakeNext();
            }
        }

        if (dropped)
            observer?.Sent(false);
        if (batch is not null)
            SendAll(batch);
    }

    /// <summary>
    /// Holds queued messages back until the matching <see cref="Uncork"/>, or until <see cref="CorkBytes"/> of them wait, so that several
    /// leave in one send.
    /// </summary>
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
            SendAll(batch);
    }

    /// <summary>Completes when everything queued so far was handed to the network, or the queue was closed.</summary>
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

    /// <summary>Drops what is queued and whatever is queued later. The owner aborts the channel, which ends a send under way.</summary>
    public void Close()
    {
        SendBatch? dropped = null;
        TaskCompletionSource? flushed;
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            // A send under way drops the rest itself when it returns.
            if (!_sending)
                dropped = _filling;
            (flushed, _flushed) = (_flushed, null);
        }

        flushed?.TrySetResult();
        if (dropped is null)
            return;
        while (_full.TryDequeue(out var batch))
            batch.Complete(sent: false);
        dropped.Complete(sent: false);
    }

    /// <summary>Sends a batch, and all that waits behind it. No async method: most sends complete at once, and this is every reply's way.</summary>
    private void SendAll(SendBatch batch)
    {
        for (SendBatch? next = batch; next is not null; next = Finish(next))
        {
            _failure = Volatile.Read(ref _closed) ? Dropped : null;
            if (_failure is not null)
                continue;
            ValueTask sending;
            try
            {
                sending = _channel.SendAsync(next);
            }
            catch (IOException error)
            {
                _failure = error;
                continue;
            }

            _awaiter = sending.ConfigureAwait(false).GetAwaiter();
            if (_awaiter.IsCompleted)
            {
                TakeResult();
                continue;
            }

            _underWay = next;
            _awaiter.UnsafeOnCompleted(_continue);
            return;
        }
    }

    private void Continue()
    {
        TakeResult();
        if (Finish(_underWay!) is { } next)
            SendAll(next);
    }

    private void TakeResult()
    {
        try
        {
            _awaiter.GetResult();
        }
        catch (IOException error)
        {
            _failure = error;
        }
    }

    /// <summary>Settles a batch that was sent or dropped; the next one, if there is one to send.</summary>
    private SendBatch? Finish(SendBatch batch)
    {
        var failure = _failure;
        batch.Complete(sent: failure is null);
        if (failure is not null && failure != Dropped)
        {
            // Nothing more can be sent: the owner ends the connection, and what is queued is dropped here.
            Volatile.Write(ref _closed, true);
            _broken(failure);
        }

        TaskCompletionSource? flushed = null;
        SendBatch? next = null;
        lock (_gate)
        {
            _spare ??= batch;
            // Messages corked meanwhile wait for their Uncork, unless the connection ended: then nobody else drops them.
            if (_corks == 0 || _closed)
                next = TakeNext();
            else
                _sending = false;
            if (next is null && (_closed || (_filling.IsEmpty && _full.Count == 0)))
                (flushed, _flushed) = (_flushed, null);
        }

        flushed?.TrySetResult();
        return next;
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
