using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Entries;

/// <summary>unlink and rmdir. The handle goes before the name, so that a crash leaves a name that the next lookup completes again.</summary>
internal sealed class RemoveFops(Brick brick, Landfill landfill)
{
    private const uint LinkFileMode = 0x200; // 01000
    private const uint PermissionBits = 0xfff;

    public PrePostReply Unlink(FopContext ctx, in UnlinkRequest request)
    {
        Span<byte> bytes = stackalloc byte[EntryName.Size];
        var errno = Begin(request.Loc, bytes, out var name, out var parent);
        if (errno != Errno.None)
            return PrePostReply.Failed(errno);
        using (parent)
        using (brick.EnterEntries(parent.Gfid))
        {
            Xdata? answer = null;
            errno = brick.Stat(in parent, out var pre);
            if (errno == Errno.None)
                errno = UnlinkName(ctx, in parent, name, request.Xdata, out answer);
            return Finish(ctx, in parent, in pre, errno, answer);
        }
    }

    public PrePostReply Rmdir(FopContext ctx, in RmdirRequest request)
    {
        Span<byte> bytes = stackalloc byte[EntryName.Size];
        var errno = Begin(request.Loc, bytes, out var name, out var parent);
        if (errno != Errno.None)
            return PrePostReply.Failed(errno);
        using (parent)
        using (brick.EnterEntries(parent.Gfid))
        {
            errno = brick.Stat(in parent, out var pre);
            if (errno == Errno.None)
                errno = RemoveDirectory(in parent, name, withContent: request.Flags != 0);
            return Finish(ctx, in parent, in pre, errno, null);
        }
    }

    private Errno Begin(in Loc loc, Span<byte> bytes, out ReadOnlySpan<byte> name, out InodeRef parent)
    {
        parent = default;
        var errno = EntryName.Write(loc.Name, bytes, out name);
        if (errno == Errno.None && EntryName.IsHidden(loc.ParentGfid, name))
            errno = Errno.EPERM;
        return errno == Errno.None ? brick.ResolveDirectory(loc.ParentGfid, out parent) : errno;
    }

    private PrePostReply Finish(FopContext ctx, in InodeRef parent, in Iatt pre, Errno errno, Xdata? answer)
    {
        Iatt post = default;
        if (errno == Errno.None)
            errno = brick.Stat(in parent, out post);
        if (errno != Errno.None)
            return PrePostReply.Failed(errno, answer);
        brick.TouchParent(in parent, ctx, ref post);
        return new PrePostReply(Errno.None, pre, post, answer);
    }

    private Errno UnlinkName(FopContext ctx, in InodeRef parent, ReadOnlySpan<byte> name, Xdata? xdata, out Xdata? answer)
    {
        answer = null;
        var errno = Sys.Stat(parent.File, name, out var raw);
        if (errno != Errno.None)
            return errno;
        if (raw.IsDirectory)
            return Errno.EISDIR;
        errno = brick.ResolveEntry(parent.File, name, out var found);
        if (errno == Errno.ENODATA)
            return Sys.Unlink(parent.File, name); // half made by a crash: it has no handle either
        if (errno != Errno.None)
            return errno;
        using (found)
        {
            if (Asks(xdata, XattrKeys.SkipOpenFd) && found.Inode.OpenFds > 0)
                return Errno.EBUSY;
            if (Asks(xdata, XattrKeys.SkipNonLinkto) && !IsLinkFile(in found, in raw))
                return Errno.EBUSY;
            bool wasLast;
            lock (found.Inode.Gate)
                errno = DropName(in parent, name, in found, in raw, out wasLast);
            if (errno != Errno.None)
                return errno;
            var stat = Brick.ToIatt(in raw, found.Gfid, null);
            if (!wasLast && brick.Stat(in found, out var left) == Errno.None)
                brick.Touch(in found, ctx, ref left);
            answer = Answer(xdata, in found, in stat);
            return Errno.None;
        }
    }

    /// <summary>Called under the inode's gate, so that nobody opens it between the decision and the removal.</summary>
    private Errno DropName(in InodeRef parent, ReadOnlySpan<byte> name, in InodeRef found, in StatxBuffer raw, out bool wasLast)
    {
        wasLast = raw.Nlink <= 2; // the name and the handle
        Errno errno;
        if (!wasLast)
        {
            errno = brick.RemovePath(found.File, parent.Gfid, name);
            if (errno != Errno.None)
                return errno;
            return Sys.Unlink(parent.File, name);
        }

        DropLast(found.Inode);
        errno = Sys.Unlink(parent.File, name);
        if (errno != Errno.None && !found.Inode.Unlinked)
            brick.LinkHandle(parent.File, name, found.Gfid);
        return errno;
    }

    /// <summary>Removes the handle of a file whose last name goes, or moves it aside while somebody has the file open. Called under the inode's gate.</summary>
    public void DropLast(PosixInode inode)
    {
        inode.HandleSeen = false;
        if (inode.OpenFds == 0)
        {
            brick.RemoveHandle(inode.Gfid);
            brick.Inodes.DropCached(inode);
        }
        else if (brick.MoveToUnlinked(inode.Gfid) == Errno.None)
        {
            inode.Unlinked = true;
        }
    }

    private Errno RemoveDirectory(in InodeRef parent, ReadOnlySpan<byte> name, bool withContent)
    {
        var errno = Sys.Stat(parent.File, name, out var raw);
        if (errno != Errno.None)
            return errno;
        if (!raw.IsDirectory)
            return Errno.ENOTDIR;
        var read = brick.ReadGfidAt(parent.File, name, out var gfid);
        errno = withContent && read == Errno.None ? landfill.Take(parent.File, name, gfid) : Sys.Rmdir(parent.File, name);
        if (errno == Errno.EEXIST)
            errno = Errno.ENOTEMPTY;
        if (errno != Errno.None || read != Errno.None)
            return errno;
        brick.RemoveHandle(gfid, parent.Gfid, name);
        var inode = brick.Inodes.Acquire(gfid);
        Forget(inode);
        brick.Inodes.Release(inode);
        return Errno.None;
    }

    /// <summary>Nothing remembered of a removed directory may serve another one that gets the same gfid, as a heal makes it.</summary>
    private void Forget(PosixInode inode)
    {
        lock (inode.Gate)
        {
            inode.HandleSeen = false;
            inode.ForgetTimes();
        }

        brick.Inodes.DropCached(inode);
    }

    /// <summary>The same for a directory that a rename replaced; its handle goes too.</summary>
    public void RemoveReplaced(PosixInode directory)
    {
        brick.RemoveHandle(directory.Gfid);
        Forget(directory);
    }

    private bool IsLinkFile(in InodeRef found, in StatxBuffer raw) =>
        raw.IsRegular && (raw.Mode & PermissionBits) == LinkFileMode
        && XattrStore.Read(found.File, brick.Names.OnDisk(XattrKeys.LinkTo)!, out var value) == Errno.None && value.Length > 0;

    private Xdata? Answer(Xdata? xdata, in InodeRef found, in Iatt stat)
    {
        if (xdata is null)
            return null;
        var answer = new Xdata();
        if (xdata.Contains(XattrKeys.FileBlockCount))
            answer[XattrKeys.FileBlockCount] = XdataValue.UInt(stat.Blocks);
        if (xdata.Contains(XattrKeys.GetLinkCount))
            answer[XattrKeys.GetLinkCount] = XdataValue.UInt(stat.Nlink);
        if (xdata.Contains(XattrKeys.RequestLinkCount))
            answer[XattrKeys.ResponseLinkCount] = XdataValue.UInt(stat.Nlink);
        if (xdata.Contains(XattrKeys.StatInXdata) && stat.Type == FileType.Regular && brick.Stat(in found, out var after) == Errno.None)
        {
            answer[XattrKeys.StatInXdata] = XdataValue.Iatt(after);
            answer[XattrKeys.PostStat] = XdataValue.Iatt(after);
        }

        return answer.Count == 0 ? null : answer;
    }

    private static bool Asks(Xdata? xdata, string key) => xdata is not null && xdata.TryGetNumber(key, out var value) && value != 0;
}
