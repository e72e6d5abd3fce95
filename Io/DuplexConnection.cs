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
/// A channel with its two small loops: one receives into a pipe, one (the <see cref="SendQueue"/>) sends what was queued.
/// <see cref="Shutdown"/> keeps the first reason and ends both.
/// </summary>
public sealed class DuplexConnection
{
    private readonly IByteChannel _channel;
    private readonly DuplexLimits _limits;
    private readonly Pipe _received;
    private readonly SendQueue _queue;
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _closed;

    public DuplexConnection(IByteChannel channel, DuplexLimits? limits = null)
    {
        _channel = channel;
        _limits = limits ?? new DuplexLimits();
        _queue = new SendQueue(channel, Shutdown);
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

    /// <inheritdoc cref="SendQueue.Send"/>
    public void Send(ReadOnlySpan<byte> head, Payload payload = default, ISendObserver? observer = null) => _queue.Send(head, payload, observer);

    /// <inheritdoc cref="SendQueue.Cork"/>
    public void Cork() => _queue.Cork();

    public void Uncork() => _queue.Uncork();

    /// <summary>Completes when everything queued so far was handed to the network, or the connection ended.</summary>
    public Task FlushAsync() => _queue.FlushAsync();

    /// <summary>Ends both directions. The first reason is kept; null means an ordinary end.</summary>
    public void Shutdown(Exception? reason = null)
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        _channel.Abort();
        _queue.Close();
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
}
