using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Data;

/// <summary>read, write and fsync: the fops of every block.</summary>
internal sealed class ReadWriteFops(Brick brick, SpaceReserve space)
{
    private const int PageSize = 4096;
    private const int AtOnceLimit = 128 * 1024; // beyond it, copying alone takes long enough to be worth a thread's wake-up
    private const uint AlwaysSync = Sys.O_SYNC & ~Sys.O_DSYNC; // what full O_SYNC has beyond O_DSYNC

    /// <summary>Reads if memory holds all of it. False when the disk must be asked: then nothing was done.</summary>
    public bool TryReadAtOnce(in ReadRequest request, out ReadReply reply)
    {
        reply = default;
        if (request.Xdata is not null || request.Offset < 0 || request.Fd.GetSlot<PosixFd>(brick.Slot) is not { } open || (open.Flags & OpenFlags.Direct) != 0
            || brick.Options.ForceDirect || !open.TryRetain())
            return false;
        using var file = new InodeRef(open.Inode, open.File, null, isOpen: true, open);
        if (Sys.ReadWithoutWaiting(file.File, request.Destination.Span, request.Offset, out var count) != Errno.None || brick.Stat(in file, out var stat) != Errno.None)
            return false;
        // Fewer bytes than asked for are the end of the file, or only what memory had of it.
        if (count < request.Destination.Length && (ulong)(request.Offset + count) < stat.Size)
            return false;
        reply = Done(in request, count, in stat);
        return true;
    }

    /// <summary>Whether a write ends in the page cache, without reading anything first: whole pages, no O_DIRECT, not to be made durable.</summary>
    public bool MayWriteAtOnce(in WriteRequest request) =>
        request.Data.Length is > 0 and <= AtOnceLimit && request.Offset % PageSize == 0 && request.Data.Length % PageSize == 0
        && request.Xdata is null && (request.Flag & Sys.O_SYNC) == 0 && !brick.Options.ForceDirect
        && request.Fd.GetSlot<PosixFd>(brick.Slot) is { } open && (open.Flags & (OpenFlags.Direct | OpenFlags.Sync)) == 0;

    public ReadReply Read(FopContext ctx, in ReadRequest request)
    {
        if (request.Offset < 0)
            return ReadReply.Failed(Errno.EINVAL);
        var errno = brick.UseFile(request.Fd, out var file);
        if (errno != Errno.None)
            return ReadReply.Failed(errno);
        using (file)
        {
            errno = IsDirect(in file)
                ? ReadAligned(file.File, request.Destination.Span, request.Offset, out var count)
                : Sys.Read(file.File, request.Destination.Span, request.Offset, out count);
            Iatt stat = default;
            if (errno == Errno.None)
                errno = brick.Stat(in file, out stat);
            if (errno != Errno.None)
                return ReadReply.Failed(errno);
            brick.Touch(in file, ctx, ref stat);
            return Done(in request, count, in stat);
        }
    }

    public WriteReply Write(FopContext ctx, in WriteRequest request)
    {
        if (request.Offset < 0)
            return WriteReply.Failed(Errno.EINVAL);
        var errno = brick.UseFile(request.Fd, out var file);
        if (errno != Errno.None)
            return WriteReply.Failed(errno);
        using (file)
        {
            errno = CheckSpace(ctx, in request, in file);
            if (errno == Errno.None && request.Xdata is not null)
                errno = CheckExternalWrites(in file, request.Xdata);
            if (errno != Errno.None)
                return WriteReply.Failed(errno);
            if (request.Xdata is null || !(request.Xdata.Contains(XattrKeys.WriteIsAppend) || request.Xdata.Contains(XattrKeys.WriteUpdateAtomic)))
                return WriteNow(ctx, in request, in file);
            // Stat, write and stat as one step: the client computes with the differences.
            lock (file.Inode.WriteGate)
                return WriteNow(ctx, in request, in file);
        }
    }

    public PrePostReply Fsync(FopContext ctx, in FsyncRequest request)
    {
        var errno = brick.UseFile(request.Fd, out var file);
        if (errno != Errno.None)
            return PrePostReply.Failed(errno);
        using (file)
        {
            errno = brick.Stat(in file, out var pre);
            if (errno == Errno.None)
                errno = Sys.Sync(file.File, request.DataOnly);
            if (errno != Errno.None)
                return PrePostReply.Failed(errno);
            errno = brick.Stat(in file, out var post);
            return errno == Errno.None ? new PrePostReply(Errno.None, pre, post) : PrePostReply.Failed(errno);
        }
    }

    private WriteReply WriteNow(FopContext ctx, in WriteRequest request, in InodeRef file)
    {
        var errno = brick.Stat(in file, out var pre);
        if (errno != Errno.None)
            return WriteReply.Failed(errno);
        errno = IsDirect(in file)
            ? WriteAligned(file.File, request.Data.Span, request.Offset, out var count)
            : Sys.Write(file.File, request.Data.Span, request.Offset, out count);
        // A part that was written is a short write, not an error: the caller learns how much is there.
        if (errno != Errno.None && count == 0)
            return WriteReply.Failed(errno);
        errno = brick.Stat(in file, out var post);
        if (errno != Errno.None)
            return WriteReply.Failed(errno);
        brick.Touch(in file, ctx, ref post);
        if ((request.Flag & Sys.O_SYNC) != 0)
        {
            errno = Sys.Sync(file.File, dataOnly: (request.Flag & AlwaysSync) == 0);
            if (errno != Errno.None)
                return WriteReply.Failed(errno);
        }

        return new WriteReply(Errno.None, count, pre, post, Answer(request.Xdata, in request, in file, in pre));
    }

    private static Xdata? Answer(Xdata? asked, in WriteRequest request, in InodeRef file, in Iatt pre)
    {
        if (asked is null)
            return null;
        var answer = new Xdata();
        if (asked.Contains(XattrKeys.OpenFdCount))
            answer[XattrKeys.OpenFdCount] = XdataValue.UInt((ulong)file.Inode.OpenFds);
        if (asked.Contains(XattrKeys.ActiveFdCount))
            answer[XattrKeys.ActiveFdCount] = XdataValue.UInt((ulong)file.Inode.OpenFds);
        if (asked.Contains(XattrKeys.WriteIsAppend))
        {
            var isAppend = (ulong)request.Offset == pre.Size || (request.Fd.Flags & OpenFlags.Append) != 0;
            answer[XattrKeys.WriteIsAppend] = XdataValue.UInt(isAppend ? 1u : 0);
        }

        return answer;
    }

    /// <summary>With the reserve used up, only what needs no new space may be written.</summary>
    private Errno CheckSpace(FopContext ctx, in WriteRequest request, in InodeRef file)
    {
        if (space.Check(ctx, request.Xdata) == Errno.None)
            return Errno.None;
        var errno = Sys.Stat(file.File, out var raw);
        if (errno != Errno.None)
            return errno;
        return (ulong)(request.Offset + request.Data.Length) <= raw.Size && raw.Blocks * 512 >= raw.Size ? Errno.None : Errno.ENOSPC;
    }

    /// <summary>A rebalance guards the file it copies to from writes that did not come through it. EBUSY.</summary>
    private Errno CheckExternalWrites(in InodeRef file, Xdata xdata)
    {
        var guard = brick.Names.OnDisk(XattrKeys.ProtectFromExternalWrites)!;
        lock (file.Inode.Gate)
        {
            if (xdata.TryGet(XattrKeys.ProtectFromExternalWrites, out var value))
                return Sys.SetXattrOpen(file.File, guard, XattrStore.ToDisk(in value), 0);
            if (!xdata.Contains(XattrKeys.AvoidOverwrite))
                return Errno.None;
            return Sys.GetXattrOpen(file.File, guard, [], out _) == Errno.ENODATA ? Errno.None : Errno.EBUSY;
        }
    }

    private static ReadReply Done(in ReadRequest request, int count, in Iatt stat) =>
        new(Errno.None, count, stat, EndOfFile: (ulong)(request.Offset + count) >= stat.Size);

    private bool IsDirect(in InodeRef file) => file.Fd is { } fd && ((fd.Flags & OpenFlags.Direct) != 0 || brick.Options.ForceDirect);

    private static Errno ReadAligned(FileHandle file, Span<byte> destination, long offset, out int count)
    {
        var buffer = AlignedBuffer.OfThread;
        count = 0;
        while (count < destination.Length)
        {
            var piece = buffer[..Math.Min(buffer.Length, destination.Length - count)];
            var errno = Sys.Read(file, piece, offset + count, out var read);
            if (errno != Errno.None)
                return count > 0 ? Errno.None : errno;
            piece[..read].CopyTo(destination[count..]);
            count += read;
            if (read < piece.Length)
                break;
        }

        return Errno.None;
    }

    private static Errno WriteAligned(FileHandle file, ReadOnlySpan<byte> source, long offset, out int count)
    {
        var buffer = AlignedBuffer.OfThread;
        count = 0;
        while (count < source.Length)
        {
            var piece = buffer[..Math.Min(buffer.Length, source.Length - count)];
            source.Slice(count, piece.Length).CopyTo(piece);
            var errno = Sys.Write(file, piece, offset + count, out var written);
            count += written;
            if (errno != Errno.None)
                return errno;
        }

        return Errno.None;
    }
}
