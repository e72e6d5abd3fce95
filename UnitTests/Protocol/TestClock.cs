namespace BlockProxy.UnitTests.Protocol;

/// <summary>A clock that stands still until a test moves it. Timers, periodic ones too, fire in order on the thread that moves it.</summary>
internal sealed class TestClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Alarm> _alarms = [];
    private TimeSpan _now;

    /// <summary>Timers that wait at this moment.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _alarms.Count;
        }
    }

    /// <summary>The shortest time that a timer waits for.</summary>
    public TimeSpan Next
    {
        get
        {
            lock (_gate)
                return _alarms.Count == 0 ? TimeSpan.MaxValue : _alarms.Min(a => a.Due) - _now;
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + _now;

    public override long GetTimestamp() => _now.Ticks;

    public void Advance(TimeSpan step)
    {
        var end = _now + step;
        while (true)
        {
            Alarm? first;
            lock (_gate)
            {
                first = _alarms.Where(a => a.Due <= end).MinBy(a => a.Due);
                _now = first is null ? end : TimeSpan.FromTicks(Math.Max(_now.Ticks, first.Due.Ticks));
            }

            if (first is null)
                return;
            first.Fire();
        }
    }

    /// <summary>Waits until something has set a timer that is due within that time, as code under test does on other threads.</summary>
    public async Task UntilDueAsync(TimeSpan within)
    {
        while (Next > within)
            await Task.Yield();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, callback, state);
        alarm.Change(dueTime, period);
        return alarm;
    }

    private sealed class Alarm(TestClock clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public TimeSpan Due { get; private set; }

        public void Fire()
        {
            lock (clock._gate)
            {
                if (_period == Timeout.InfiniteTimeSpan || _period == TimeSpan.Zero)
                    clock._alarms.Remove(this);
                else
                    Due += _period;
            }

            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._alarms.Remove(this);
                _period = period;
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                Due = clock._now + dueTime;
                clock._alarms.Add(this);
            }

            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
