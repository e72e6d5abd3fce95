namespace BlockProxy.Io;

/// <summary>
/// Bounds what one connection has in flight, in requests and in bytes. The read loop acquires before it starts a request; when the window is
/// full the loop waits, stops reading, and TCP slows the client down.
/// </summary>
/// <remarks>One waiter at a time: the read loop is the only one that acquires. Release may come from any thread.</remarks>
public sealed class Window
{
    private readonly Lock _gate = new();
    private readonly Waiter _waiter;
    private int _requests;
    private long _bytes;
    private bool _waiting;
    private long _wanted;
    private TaskCompletionSource? _drained;

    /// <param name="requestLimit">The most requests in flight; at least 1.</param>
    /// <param name="byteLimit">The most payload bytes in flight; at least 1. One request larger than this is let through when it is alone.</param>
    public Window(int requestLimit, long byteLimit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(requestLimit, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(byteLimit, 1);
        RequestLimit = requestLimit;
        ByteLimit = byteLimit;
        _waiter = new Waiter();
    }

    public int RequestLimit { get; }

    public long ByteLimit { get; }

    public int Requests => Volatile.Read(ref _requests);

    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Takes one place and <paramref name="bytes"/> bytes if there is room for them now.</summary>
    public bool TryAcquire(long bytes)
    {
        lock (_gate)
        {
            if (_waiting || !HasRoom(bytes))
                return false;
            Take(bytes);
            return true;
        }
    }

    /// <summary>Takes one place and <paramref name="bytes"/> bytes; completes at once while there is room.</summary>
    public ValueTask AcquireAsync(long bytes)
    {
        lock (_gate)
        {
            if (_waiting)
                throw new InvalidOperationException("a window has one waiter: the read loop");
            if (HasRoom(bytes))
            {
                Take(bytes);
                return default;
            }

            _waiting = true;
            _wanted = bytes;
            return _waiter.Completion;
        }
    }

    /// <summary>Gives one place and its bytes back.</summary>
    public void Release(long bytes)
    {
        var wake = false;
        TaskCompletionSource? drained = null;
        lock (_gate)
        {
            _requests--;
            _bytes -= bytes;
            if (_requests < 0 || _bytes < 0)
                throw new InvalidOperationException("a window was released more often than it was acquired");
            if (_waiting && HasRoom(_wanted))
            {
                _waiting = false;
                Take(_wanted);
                wake = true;
            }

            if (_requests == 0)
                (drained, _drained) = (_drained, null);
        }

        drained?.TrySetResult();
        if (wake)
            _waiter.Wake();
    }

    /// <summary>Completes when nothing is in flight.</summary>
    public Task WhenDrainedAsync()
    {
        lock (_gate)
        {
            if (_requests == 0)
                return Task.CompletedTask;
            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    private bool HasRoom(long bytes) => _requests < RequestLimit && (_bytes + bytes <= ByteLimit || _requests == 0);

    private void Take(long bytes)
    {
        _requests++;
        _bytes += bytes;
    }

    private sealed class Waiter : PooledOperation<bool>
    {
        public void Wake() => SetResult(true);

        protected override void Recycle()
        {
            // Owned by its window for life.
        }
    }
}
