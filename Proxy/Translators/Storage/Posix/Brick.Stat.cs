using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>Attributes as clients see them, and the time stamps they set. gluster-translators section 11.1; gluster-rpc sections 3 and 6.1.</summary>
internal sealed partial class Brick
{
    private const FopTimes OwnTimes = FopTimes.Ctime | FopTimes.Mtime | FopTimes.Atime;
    private const int ParentTimesShift = 3; // the parent's three flags follow the file's own

    /// <summary>The attributes of a resolved inode.</summary>
    public Errno Stat(in InodeRef found, out Iatt stat) => Stat(found.Inode, found.File, found.IsOpen, out stat);

    /// <summary>The attributes of an inode.</summary>
    /// <param name="inode">What the brick remembers of it.</param>
    /// <param name="file">A handle of it.</param>
    /// <param name="open">Whether the handle is open for reading or writing, not O_PATH.</param>
    /// <param name="stat">What clients are told.</param>
    public Errno Stat(PosixInode inode, FileHandle file, bool open, out Iatt stat)
    {
        var errno = Sys.Stat(file, out var raw);
        if (errno != Errno.None)
        {
            stat = default;
            return errno;
        }

        stat = ToIatt(in raw, inode.Gfid, TimesOf(inode, file, open));
        return Errno.None;
    }

    /// <summary>Attributes of the file system as GlusterFS shows them: the handle's link is not counted, the inode number follows from the gfid.</summary>
    public static Iatt ToIatt(in StatxBuffer raw, Gfid gfid, Mdata? times) => new()
    {
        Gfid = gfid,
        Fields = IattFields.Brick,
        Ino = gfid.InodeNumber,
        Dev = raw.Dev,
        Rdev = raw.Rdev,
        Size = raw.Size,
        Blocks = raw.Blocks,
        Atime = times?.Atime ?? new Timespec(raw.Atime.Seconds, raw.Atime.Nanoseconds),
        Mtime = times?.Mtime ?? new Timespec(raw.Mtime.Seconds, raw.Mtime.Nanoseconds),
        Ctime = times?.Ctime ?? new Timespec(raw.Ctime.Seconds, raw.Ctime.Nanoseconds),
        Nlink = raw.IsDirectory || raw.Nlink == 0 ? raw.Nlink : raw.Nlink - 1,
        Uid = raw.Uid,
        Gid = raw.Gid,
        BlockSize = raw.BlockSize,
        Mode = raw.Mode,
    };

    /// <summary>Sets the stamps of the file itself that the caller's flags name; the attributes to be answered follow.</summary>
    public void Touch(in InodeRef found, FopContext ctx, ref Iatt stat) => Advance(found.Inode, found.File, found.IsOpen, ctx.Times & OwnTimes, ctx.Time, ref stat);

    /// <summary>Sets the stamps of a directory in which a name changed.</summary>
    public void TouchParent(in InodeRef parent, FopContext ctx, ref Iatt stat) =>
        Advance(parent.Inode, parent.File, open: false, (FopTimes)((uint)ctx.Times >> ParentTimesShift) & OwnTimes, ctx.Time, ref stat);

    /// <summary>
    /// Explicit time stamps (utimes) may go back; the change time never does. A file without stamps of its own gets none this way: it
    /// is older than the feature, and only a lookup brings it in.
    /// </summary>
    public void SetTimes(in InodeRef found, FopContext ctx, SetattrFields valid, in Iatt wanted)
    {
        if (!Options.Ctime)
            return;
        lock (found.Inode.Gate)
        {
            if (found.Inode.Times(Names, found.File, found.IsOpen) is not { } times)
                return;
            var ctime = valid.HasFlag(SetattrFields.Ctime) && !valid.HasFlag(SetattrFields.Atime) && !valid.HasFlag(SetattrFields.Mtime) ? wanted.Ctime : ctx.Time;
            StoreTimes(found.Inode, found.File, found.IsOpen, new Mdata(
                ctime > times.Ctime ? ctime : times.Ctime,
                valid.HasFlag(SetattrFields.Mtime) ? wanted.Mtime : times.Mtime,
                valid.HasFlag(SetattrFields.Atime) ? wanted.Atime : times.Atime));
        }
    }

    /// <summary>Stamps that another brick's copy or an older file brings in: the later of each is kept.</summary>
    public Errno MergeTimes(in InodeRef found, in Mdata times)
    {
        lock (found.Inode.Gate)
        {
            var known = found.Inode.Times(Names, found.File, found.IsOpen);
            return found.Inode.Store(Names, found.File, found.IsOpen, known is { } present ? present.Latest(in times) : times);
        }
    }

    private Mdata? TimesOf(PosixInode inode, FileHandle file, bool open)
    {
        if (!Options.Ctime)
            return null;
        lock (inode.Gate)
            return inode.Times(Names, file, open);
    }

    private void Advance(PosixInode inode, FileHandle file, bool open, FopTimes which, Timespec time, ref Iatt stat)
    {
        if (which == FopTimes.None || !Options.Ctime)
            return;
        Mdata times;
        lock (inode.Gate)
        {
            times = (inode.Times(Names, file, open) ?? Mdata.At(time)).Advanced(which, time);
            StoreTimes(inode, file, open, in times);
        }

        stat = stat with { Atime = times.Atime, Mtime = times.Mtime, Ctime = times.Ctime };
    }

    private void StoreTimes(PosixInode inode, FileHandle file, bool open, in Mdata times)
    {
        // As in stock, a stamp that could not be stored fails no operation: the data is there.
        var errno = inode.Store(Names, file, open, in times);
        if (errno != Errno.None)
            PosixLog.OperationFailed(Logger, Path, "storing the time stamps", inode.Gfid, errno);
    }
}
