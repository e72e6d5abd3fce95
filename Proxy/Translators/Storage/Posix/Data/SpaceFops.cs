using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Data;

/// <summary>truncate, fallocate, discard, zerofill, seek and copy_file_range.</summary>
internal sealed class SpaceFops(Brick brick, SpaceReserve space)
{
    private static readonly byte[] Zeros = new byte[256 * 1024];

    private delegate Errno Change(FileHandle file, int flags, long offset, long length);

    public PrePostReply Truncate(FopContext ctx, in TruncateRequest request)
    {
        var errno = brick.OpenAnonymous(request.Loc.Gfid, out var file);
        if (errno != Errno.None)
            return PrePostReply.Failed(errno);
        using (file)
            return Around(ctx, in file, 0, 0, request.Length, request.Xdata, static (handle, _, _, length) => Sys.Truncate(handle, length));
    }

    public PrePostReply Ftruncate(FopContext ctx, in FtruncateRequest request)
    {
        var errno = brick.UseFile(request.Fd, out var file);
        if (errno != Errno.None)
            return PrePostReply.Failed(errno);
        using (file)
            return Around(ctx, in file, 0, 0, request.Length, request.Xdata, static (handle, _, _, length) => Sys.Truncate(handle, length));
    }

    public PrePostReply Fallocate(FopContext ctx, in FallocateRequest request)
    {
        var flags = request.Flags.HasFlag(FallocateFlags.KeepSize) ? Sys.FALLOC_FL_KEEP_SIZE : 0;
        var errno = space.Check(ctx, request.Xdata);
        return errno == Errno.None
            ? OnFd(ctx, request.Fd, flags, request.Offset, request.Length, request.Xdata, Sys.Allocate)
            : PrePostReply.Failed(errno);
    }

    public PrePostReply Discard(FopContext ctx, in DiscardRequest request) =>
        OnFd(ctx, request.Fd, Sys.FALLOC_FL_PUNCH_HOLE | Sys.FALLOC_FL_KEEP_SIZE, request.Offset, request.Length, request.Xdata, Sys.Allocate);

    public PrePostReply Zerofill(FopContext ctx, in ZerofillRequest request)
    {
        if (request.Length == 0)
            return OnFd(ctx, request.Fd, 0, 0, 0, request.Xdata, static (_, _, _, _) => Errno.None);
        var errno = space.Check(ctx, request.Xdata);
        return errno == Errno.None
            ? OnFd(ctx, request.Fd, Sys.FALLOC_FL_ZERO_RANGE, request.Offset, request.Length, request.Xdata, ZeroRange)
            : PrePostReply.Failed(errno);
    }

    public SeekReply Seek(FopContext ctx, in SeekRequest request)
    {
        if (request.What is not (SeekWhat.Data or SeekWhat.Hole))
            return SeekReply.Failed(Errno.EOPNOTSUPP);
        var errno = brick.UseFile(request.Fd, out var file);
        if (errno != Errno.None)
            return SeekReply.Failed(errno);
        using (file)
        {
            errno = Sys.Seek(file.File, request.Offset, request.What == SeekWhat.Data ? Sys.SEEK_DATA : Sys.SEEK_HOLE, out var found);
            return errno == Errno.None ? new SeekReply(Errno.None, found) : SeekReply.Failed(errno);
        }
    }

    public CopyFileRangeReply CopyFileRange(FopContext ctx, in CopyFileRangeRequest request)
    {
        if (request.Flags != 0 || request.Length < 0)
            return CopyFileRangeReply.Failed(Errno.EINVAL);
        var errno = space.Check(ctx, request.Xdata);
        if (errno != Errno.None)
            return CopyFileRangeReply.Failed(errno);
        errno = brick.UseFile(request.Source, out var source);
        if (errno != Errno.None)
            return CopyFileRangeReply.Failed(errno);
        using (source)
        {
            errno = brick.UseFile(request.Destination, out var destination);
            if (errno != Errno.None)
                return CopyFileRangeReply.Failed(errno);
            using (destination)
                return Copy(ctx, in request, in source, in destination);
        }
    }

    private CopyFileRangeReply Copy(FopContext ctx, in CopyFileRangeRequest request, in InodeRef source, in InodeRef destination)
    {
        var errno = brick.Stat(in destination, out var pre);
        if (errno != Errno.None)
            return CopyFileRangeReply.Failed(errno);
        errno = Sys.CopyRange(source.File, request.SourceOffset, destination.File, request.DestinationOffset, request.Length, out var copied);
        if (errno != Errno.None)
            return CopyFileRangeReply.Failed(errno);
        errno = brick.Stat(in source, out var stat);
        Iatt post = default;
        if (errno == Errno.None)
            errno = brick.Stat(in destination, out post);
        if (errno != Errno.None)
            return CopyFileRangeReply.Failed(errno);
        // The destination was modified and the source read: each gets only the stamps of that.
        brick.Touch(in destination, ctx with { Times = ctx.Times & ~FopTimes.Atime }, ref post);
        brick.Touch(in source, ctx with { Times = ctx.Times & FopTimes.Atime }, ref stat);
        return new CopyFileRangeReply(Errno.None, copied, stat, pre, post);
    }

    private PrePostReply OnFd(FopContext ctx, Fd fd, int flags, long offset, long length, Xdata? xdata, Change change)
    {
        var errno = brick.UseFile(fd, out var file);
        if (errno != Errno.None)
            return PrePostReply.Failed(errno);
        using (file)
            return Around(ctx, in file, flags, offset, length, xdata, change);
    }

    private PrePostReply Around(FopContext ctx, in InodeRef file, int flags, long offset, long length, Xdata? xdata, Change change)
    {
        if (xdata is null || !xdata.Contains(XattrKeys.WriteUpdateAtomic))
            return Around(ctx, in file, flags, offset, length, change);
        lock (file.Inode.WriteGate)
            return Around(ctx, in file, flags, offset, length, change);
    }

    private PrePostReply Around(FopContext ctx, in InodeRef file, int flags, long offset, long length, Change change)
    {
        var errno = brick.Stat(in file, out var pre);
        if (errno == Errno.None)
            errno = change(file.File, flags, offset, length);
        Iatt post = default;
        if (errno == Errno.None)
            errno = brick.Stat(in file, out post);
        if (errno != Errno.None)
            return PrePostReply.Failed(errno);
        brick.Touch(in file, ctx, ref post);
        return new PrePostReply(Errno.None, pre, post);
    }

    /// <summary>Zeros by the file system where it can, written ones elsewhere.</summary>
    private static Errno ZeroRange(FileHandle file, int flags, long offset, long length)
    {
        var errno = Sys.Allocate(file, flags, offset, length);
        if (errno is not (Errno.EOPNOTSUPP or Errno.ENOSYS))
            return errno;
        for (long done = 0; done < length;)
        {
            var piece = (int)Math.Min(Zeros.Length, length - done);
            errno = Sys.Write(file, Zeros.AsSpan(0, piece), offset + done, out var written);
            done += written;
            if (errno != Errno.None)
                return errno;
        }

        return Errno.None;
    }
}
