namespace BlockProxy.Proxy.Translators.Protocol.Client;

/// <summary>
/// How long to wait before the next attempt to connect: quickly at first, since a restarted brick is back within a second, then every 3 seconds as
/// stock clients do. Each delay varies by a fifth, so that many clients of one brick do not come back together.
/// </summary>
public sealed class ReconnectSchedule(Random random)
{
    private const double Jitter = 0.2;

    private static readonly TimeSpan[] Delays =
    [
        TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(500),
        TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3),
    ];

    private int _attempt;

    /// <summary>The delay before the next attempt.</summary>
    public TimeSpan Next()
    {
        var delay = Delays[Math.Min(_attempt++, Delays.Length - 1)];
        double chance;
        lock (random)
            chance = random.NextDouble();
        return delay * (1 + (Jitter * ((2 * chance) - 1)));
    }

    /// <summary>The connection has proved itself: the next loss begins with the short delays again.</summary>
    public void Reset() => _attempt = 0;
}
