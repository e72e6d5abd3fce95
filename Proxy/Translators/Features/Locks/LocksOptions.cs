using BlockProxy.Proxy.Options;

namespace BlockProxy.Proxy.Translators.Features.Locks;

/// <summary>The options of features/locks. Mandatory locking is not built: stock volumes have it off.</summary>
public sealed record LocksOptions : IVolumeOptions<LocksOptions>
{
    public static OptionTable<LocksOptions> Table { get; } = new OptionTable<LocksOptions>()
        .Bool("notify-contention", "Tell a holder of an inode or entry lock that somebody else waits for it", o => o.NotifyContention, (o, v) => o with { NotifyContention = v })
        .Seconds("notify-contention-delay", "The least time between two such notices for one lock", o => o.NotifyContentionDelay, (o, v) => o with { NotifyContentionDelay = v }, maximum: 60)
        .Int("client-lock-limit", "Locks that one client may hold and wait for; one more is answered with ENOLCK", o => o.ClientLockLimit, (o, v) => o with { ClientLockLimit = (int)v }, minimum: 1);

    public bool NotifyContention { get; init; } = true;

    public TimeSpan NotifyContentionDelay { get; init; } = TimeSpan.FromSeconds(5);

    public int ClientLockLimit { get; init; } = 262144;
}
