namespace BlockProxy.Proxy.Wire.Rpc;

/// <summary>
/// The two timeouts of a connection, on one timer that runs only while calls are outstanding. It counts ticks instead of reading clocks, so a
/// call costs two memory writes.
/// </summary>
/// <remarks>
/// Ping: a server that has been silent for a tick while calls are outstanding is sent a ping; silent for <see cref="TicksPerTimeout"/> ticks, and
/// the connection ends, between one and one and a quarter ping-timeout after the last byte. Stock clients also take their own sending for a sign
/// of life; we do not, since it only shows that the system's buffer has room.
/// Frame timeout: a call that waited for <see cref="TicksPerTimeout"/> sweeps is given up.
/// </remarks>
internal sealed class RpcWatch
{
    private const int TicksPerTimeout = 4;

    private readonly RpcClient _client;
    private readonly ITimer? _timer;
    private readonly TimeSpan _period;
    private readonly int _ticksPerPing;
    private readonly int _ticksPerSweep;
    private int _armed;
    private int _received;
    private int _silentTicks;
    private int _ticks;
    private int _sweep;

    public RpcWatch(RpcClient client, RpcClientSettings settings, TimeProvider time)
    {
        _client = client;
        var ping = settings.PingTimeout / TicksPerTimeout;
        var frame = settings.FrameTimeout / TicksPerTimeout;
        _period = ping > TimeSpan.Zero && (frame <= TimeSpan.Zero || ping < frame) ? ping : frame;
        if (_period <= TimeSpan.Zero)
            return;
        _ticksPerPing = ping > TimeSpan.Zero ? Math.Max(1, (int)Math.Round(ping / _period)) : 0;
        _ticksPerSweep = frame > TimeSpan.Zero ? Math.Max(1, (int)Math.Round(frame / _period)) : 0;
        _timer = time.CreateTimer(static state => ((RpcWatch)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The number of the current sweep.</summary>
    public int Sweep => Volatile.Read(ref _sweep);

    /// <summary>Something arrived.</summary>
    public void Received() => Volatile.Write(ref _received, 1);

    /// <summary>A call was sent: the timer runs from now on.</summary>
    public void CallStarted()
    {
        if (_timer is null || Volatile.Read(ref _armed) != 0 || Interlocked.Exchange(ref _armed, 1) != 0)
            return;
        Volatile.Write(ref _received, 0);
        _silentTicks = 0;
        _timer.Change(_period, _period);
    }

    public void Stop() => _timer?.Dispose();

    private void Tick()
    {
        if (_client.Calls.Count == 0)
        {
            // Disarmed first, looked at again afterwards: a call that began in between arms it itself.
            _timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Volatile.Write(ref _armed, 0);
            if (_client.Calls.Count > 0)
                CallStarted();
            return;
        }

        _ticks++;
        if (_ticksPerPing > 0 && _ticks % _ticksPerPing == 0)
            CheckLife();
        if (_ticksPerSweep > 0 && _ticks % _ticksPerSweep == 0)
            _client.GiveUpBefore(Interlocked.Increment(ref _sweep) - TicksPerTimeout);
    }

    private void CheckLife()
    {
        if (Interlocked.Exchange(ref _received, 0) != 0)
            _silentTicks = 0;
        else if (++_silentTicks == 1)
            _client.Ping();
        else if (_silentTicks >= TicksPerTimeout)
            _client.Close("it has not answered for the time of ping-timeout");
    }
}
