using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>
/// Keeps the last part of the file system free (option <c>reserve</c>), so that heals and deletions always work. The file system is asked
/// at most once in <see cref="Interval"/>.
/// </summary>
internal sealed class SpaceReserve(Brick brick)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long _askedAt = long.MinValue;
    private bool _full;

    /// <summary>ENOSPC when less than the reserve is free and the caller is an ordinary client; gluster's own processes may go on.</summary>
    public Errno Check(FopContext ctx, Xdata? xdata) =>
        ctx.Caller.Pid < 0 || !IsFull() || (xdata is not null && xdata.Contains(XattrKeys.InternalFop)) ? Errno.None : Errno.ENOSPC;

    /// <summary>The blocks that are kept free.</summary>
    public ulong ReservedBlocks(in StatFsBuffer stat)
    {
        var reserve = brick.Options.Reserve;
        if (reserve < 100)
            return (ulong)((stat.Blocks * reserve / 100) + 0.5);
        return stat.BlockSize <= 0 ? 0 : ((ulong)reserve + (ulong)stat.BlockSize - 1) / (ulong)stat.BlockSize;
    }

    private bool IsFull()
    {
        if (brick.Options.Reserve == 0)
            return false;
        var asked = Volatile.Read(ref _askedAt);
        if (asked != long.MinValue && brick.Time.GetElapsedTime(asked) < Interval)
            return Volatile.Read(ref _full);
        Volatile.Write(ref _askedAt, brick.Time.GetTimestamp());
        if (Sys.StatFs(brick.Root, out var stat) == Errno.None)
            Volatile.Write(ref _full, stat.BlocksFree <= ReservedBlocks(in stat));
        return Volatile.Read(ref _full);
    }
}
