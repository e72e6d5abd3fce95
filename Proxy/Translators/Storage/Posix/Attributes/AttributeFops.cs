using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Attributes;

/// <summary>stat, fstat, setattr, fsetattr, access, readlink and statfs.</summary>
internal sealed class AttributeFops(Brick brick, XattrQuery query, SpaceReserve space)
{
    private const int TargetLimit = 4096; // PATH_MAX
    private const uint PermissionBits = 0xfff;
    private const ulong FlagsAreValid = 0x20; // ST_VALID: statfs(2) has it, statvfs(3) and clients do not

    public IattReply Stat(FopContext ctx, in StatRequest request)
    {
        var errno = brick.Resolve(request.Loc.Gfid, out var found);
        if (errno != Errno.None)
            return IattReply.Failed(errno);
        using (found)
            return Stat(in found, request.Xdata);
    }

    public IattReply Fstat(FopContext ctx, in FstatRequest request)
    {
        var errno = brick.UseInode(request.Fd, out var found);
        if (errno != Errno.None)
            return IattReply.Failed(errno);
        using (found)
            return Stat(in found, request.Xdata);
    }

    public PrePostReply Setattr(FopContext ctx, in SetattrRequest request)
    {
        var errno = brick.Resolve(request.Loc.Gfid, out var found);
        if (errno != Errno.None)
            return PrePostReply.Failed(errno);
        using (found)
            return Change(ctx, in found, request.Valid, request.Attributes, request.Xdata);
    }

    public PrePostReply Fsetattr(FopContext ctx, in FsetattrRequest request)
    {
        var errno = brick.UseInode(request.Fd, out var found);
        if (errno != Errno.None)
            return PrePostReply.Failed(errno);
        using (found)
            return Change(ctx, in found, request.Valid, request.Attributes, request.Xdata);
    }

    /// <summary>The brick's own process may do all that the mask can name; the caller's rights are access-control's to judge.</summary>
    public StatusReply Access(FopContext ctx, in AccessRequest request)
    {
        if (request.Mask > 7)
            return StatusReply.Failed(Errno.EINVAL);
        var errno = brick.Resolve(request.Loc.Gfid, out var found);
        found.Dispose();
        return new StatusReply(errno);
    }

    public ReadlinkReply Readlink(FopContext ctx, in ReadlinkRequest request)
    {
        var errno = brick.Resolve(request.Loc.Gfid, out var found);
        if (errno != Errno.None)
            return ReadlinkReply.Failed(errno);
        using (found)
        {
            errno = brick.Stat(in found, out var stat);
            if (errno == Errno.None && stat.Type != FileType.Symlink)
                errno = Errno.EINVAL;
            if (errno != Errno.None)
                return ReadlinkReply.Failed(errno);
            var target = new byte[Math.Clamp(request.Size, 0, TargetLimit)];
            var length = 0;
            if (target.Length > 0)
                errno = Sys.ReadLink(found.File, "\0"u8, target, out length);
            return errno == Errno.None
                ? new ReadlinkReply(Errno.None, ByteText.Decode(target.AsSpan(0, length)), stat)
                : ReadlinkReply.Failed(errno);
        }
    }

    /// <summary>The file system's totals, less the reserve, shared between the bricks that lie on it.</summary>
    public StatFsReply Statfs(FopContext ctx, in StatfsRequest request)
    {
        var errno = brick.Resolve(request.Loc.Gfid, out var found);
        found.Dispose();
        if (errno != Errno.None)
            return StatFsReply.Failed(errno);
        errno = Sys.StatFs(brick.Root, out var raw);
        if (errno != Errno.None)
            return StatFsReply.Failed(errno);
        var reserved = space.ReservedBlocks(in raw);
        var free = raw.BlocksFree > reserved ? raw.BlocksFree - reserved : 0;
        var available = raw.BlocksFree > reserved ? Math.Min(raw.BlocksAvailable, free) : 0;
        var share = brick.Options.ExportStatFs ? (ulong)Math.Max(1, brick.Options.SharedBrickCount) : ulong.MaxValue;
        return new StatFsReply(Errno.None, new StatFs(
            BlockSize: (ulong)raw.BlockSize,
            FragmentSize: (ulong)raw.FragmentSize,
            Blocks: raw.Blocks / share,
            BlocksFree: free / share,
            BlocksAvailable: available / share,
            Files: raw.Files / share,
            FilesFree: raw.FilesFree / share,
            FilesAvailable: raw.FilesFree / share,
            FileSystemId: raw.FileSystemId,
            Flag: (ulong)raw.Flags & ~FlagsAreValid,
            NameMax: (ulong)raw.NameMax));
    }

    private IattReply Stat(in InodeRef found, Xdata? xdata)
    {
        var errno = brick.Stat(in found, out var stat);
        return errno == Errno.None ? new IattReply(Errno.None, stat, query.Answer(xdata, in found, in stat)) : IattReply.Failed(errno);
    }

    private PrePostReply Change(FopContext ctx, in InodeRef found, SetattrFields valid, in Iatt wanted, Xdata? xdata)
    {
        var errno = brick.Stat(in found, out var pre);
        if (errno == Errno.None && (valid & (SetattrFields.Uid | SetattrFields.Gid)) != 0)
            errno = Chown(found.File, valid, in wanted);
        // A link has no mode of its own; setting it is no error, as in stock.
        if (errno == Errno.None && valid.HasFlag(SetattrFields.Mode) && pre.Type != FileType.Symlink)
            errno = Sys.Chmod(found.File, wanted.Mode & PermissionBits);
        if (errno == Errno.None && (valid & (SetattrFields.Atime | SetattrFields.Mtime)) != 0)
            errno = Sys.SetTimes(found.File, Time(valid, SetattrFields.Atime, wanted.Atime), Time(valid, SetattrFields.Mtime, wanted.Mtime));
        if (errno == Errno.None && (valid & (SetattrFields.Atime | SetattrFields.Mtime | SetattrFields.Ctime)) != 0)
            brick.SetTimes(in found, ctx, valid, in wanted);
        Iatt post = default;
        if (errno == Errno.None)
            errno = brick.Stat(in found, out post);
        if (errno != Errno.None)
            return PrePostReply.Failed(errno);
        brick.Touch(in found, ctx, ref post);
        return new PrePostReply(Errno.None, pre, post, query.Answer(xdata, in found, in post));
    }

    private Errno Chown(FileHandle file, SetattrFields valid, in Iatt wanted)
    {
        var errno = Sys.Chown(file, valid.HasFlag(SetattrFields.Uid) ? wanted.Uid : uint.MaxValue, valid.HasFlag(SetattrFields.Gid) ? wanted.Gid : uint.MaxValue);
        return errno == Errno.EPERM && brick.Names.Namespace == XattrNamespace.User ? Errno.None : errno;
    }

    private static TimeSpec Time(SetattrFields valid, SetattrFields which, Timespec time) => valid.HasFlag(which)
        ? new TimeSpec { Seconds = time.Seconds, Nanoseconds = time.Nanoseconds }
        : new TimeSpec { Nanoseconds = TimeSpec.Omit };
}
