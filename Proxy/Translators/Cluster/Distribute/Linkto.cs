using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>
/// Link files: where a name's hashed subvolume does not have the data, an empty file of mode 01000 says which one has. gluster-translators section 5.3.
/// </summary>
internal static class Linkto
{
    public const uint Mode = 0x8000 | StickyBit; // S_IFREG | S_ISVTX

    private const uint StickyBit = 0x200; // 01000
    private const uint SetGidBit = 0x400; // 02000

    /// <summary>Whether the mode is that of a link file. Only with the xattr beside it, it is one.</summary>
    public static bool HasMode(in Iatt stat) => stat.Type == FileType.Regular && stat.Permissions == StickyBit;

    /// <summary>The subvolume that a link file names; null when the file is none.</summary>
    public static string? TargetOf(in Iatt stat, Xdata? xdata) =>
        HasMode(in stat) && xdata is not null && xdata.TryGet(DistributeKeys.Linkto, out var value) ? value.AsText() : null;

    /// <summary>Whether a rebalance is moving the file: its data is here, and part of it already elsewhere.</summary>
    public static bool IsMigrating(in Iatt stat) =>
        stat.Type == FileType.Regular && (stat.Permissions & (StickyBit | SetGidBit)) == (StickyBit | SetGidBit);

    /// <summary>The attributes without the marks of a move.</summary>
    public static Iatt WithoutMarks(in Iatt stat) => IsMigrating(in stat) ? stat with { Mode = stat.Mode & ~(StickyBit | SetGidBit) } : stat;
}
