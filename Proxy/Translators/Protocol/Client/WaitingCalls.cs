namespace BlockProxy.Proxy.Translators.Protocol.Client;

/// <summary>A call that waits for a connection.</summary>
internal interface IWaitingCall
{
    /// <summary>A connection is there.</summary>
    void Resume(BrickSession session);

    /// <summary>None came in time.</summary>
    void GiveUp();
}

/// <summary>
/// Calls that wait for the brick to come back, for the time of reconnect-wait each. They are resumed in the order they came. Bounded by what the
/// fronts have in flight: nothing is read from a client beyond its window.
/// </summary>
internal sealed class WaitingCalls : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<(IWaitingCall Call, long Deadline)> _waiting = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private bool _closed;

    public WaitingCalls(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static state => ((WaitingCalls)state!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    public void Add(IWaitingCall call, TimeSpan wait)
    {
        var closed = false;
        lock (_gate)
        {
            if (_closed)
            {
                closed = true;
            }
            else
            {
                _waiting.Enqueue((call, _time.GetTimestamp() + (long)(wait.TotalSeconds * _time.TimestampFrequency)));
                if (_waiting.Count == 1)
                    _timer.Change(wait, Timeout.InfiniteTimeSpan);
            }
        }

        if (closed)
            call.GiveUp();
    }

    /// <summary>A connection is there: everything that waits goes on. A call that finds it gone again may come back here.</summary>
    public void Resume(BrickSession session)
    {
        foreach (var call in TakeAll())
            call.Resume(session);
    }

    /// <summary>Gives up everything that waits, and whatever may come.</summary>
    public void Dispose()
    {
        lock (_gate)
            _closed = true;
        _timer.Dispose();
        foreach (var call in TakeAll())
            call.GiveUp();
    }

    private List<IWaitingCall> TakeAll()
    {
        lock (_gate)
        {
            List<IWaitingCall> all = [.. _waiting.Select(w => w.Call)];
            _waiting.Clear();
            return all;
        }
    }

    private void Expire()
    {
        List<IWaitingCall> late = [];
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            while (_waiting.TryPeek(out var first) && first.Deadline <= now)
                late.Add(_waiting.Dequeue().Call);
            if (!_closed && _waiting.TryPeek(out var next))
                _timer.Change(TimeSpan.FromSeconds(Math.Max(0.001, (next.Deadline - now) / (double)_time.TimestampFrequency)), Timeout.InfiniteTimeSpan);
        }

        foreach (var call in late)
            call.GiveUp();
    }
}
