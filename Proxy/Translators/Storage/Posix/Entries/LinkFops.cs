using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Entries;

/// <summary>link and rename.</summary>
internal sealed class LinkFops(Brick brick, RemoveFops removal, SpaceReserve space)
{
    /// <summary>With more names than this, stock keeps the names of a file no more; the attributes would not fit.</summary>
    private const int NamesKeptLimit = 500;

    public EntryReply Link(FopContext ctx, in LinkRequest request)
    {
        Span<byte> bytes = stackalloc byte[EntryName.Size];
        var errno = CheckName(request.New, bytes, out var name);
        if (errno == Errno.None)
            errno = space.Check(ctx, request.Xdata);
        if (errno != Errno.None)
            return EntryReply.Failed(errno);
        errno = brick.Resolve(request.Old.Gfid, out var found);
        if (errno != Errno.None)
            return EntryReply.Failed(errno);
        using (found)
        {
            errno = brick.ResolveDirectory(request.New.ParentGfid, out var parent);
            if (errno != Errno.None)
                return EntryReply.Failed(errno);
            using (parent)
            using (brick.EnterEntries(parent.Gfid))
                return Link(ctx, in found, in parent, name);
        }
    }

    public RenameReply Rename(FopContext ctx, in RenameRequest request)
    {
        Span<byte> oldBytes = stackalloc byte[EntryName.Size];
        Span<byte> newBytes = stackalloc byte[EntryName.Size];
        var errno = CheckName(request.Old, oldBytes, out var oldName);
        var other = CheckName(request.New, newBytes, out var newName);
        if (errno == Errno.None)
            errno = other;
        if (errno != Errno.None)
            return RenameReply.Failed(errno);
        errno = brick.ResolveDirectory(request.Old.ParentGfid, out var oldParent);
        if (errno != Errno.None)
            return RenameReply.Failed(errno);
        using (oldParent)
        {
            errno = brick.ResolveDirectory(request.New.ParentGfid, out var newParent);
            if (errno != Errno.None)
                return RenameReply.Failed(errno);
            using (newParent)
            using (brick.EnterEntries(oldParent.Gfid, newParent.Gfid))
                return Rename(ctx, in request, in oldParent, oldName, in newParent, newName);
        }
    }

    private static Errno CheckName(in Loc loc, Span<byte> bytes, out ReadOnlySpan<byte> name)
    {
        var errno = EntryName.Write(loc.Name, bytes, out name);
        return errno == Errno.None && EntryName.IsHidden(loc.ParentGfid, name) ? Errno.EPERM : errno;
    }

    private EntryReply Link(FopContext ctx, in InodeRef found, in InodeRef parent, ReadOnlySpan<byte> name)
    {
        var errno = brick.Stat(in found, out var stat);
        if (errno == Errno.None && stat.Type == FileType.Directory)
            errno = Errno.EPERM;
        if (errno == Errno.None && brick.Options.MaximumLinks > 0 && stat.Nlink >= brick.Options.MaximumLinks)
            errno = Errno.EMLINK;
        Iatt pre = default;
        if (errno == Errno.None)
            errno = brick.Stat(in parent, out pre);
        if (errno != Errno.None)
            return EntryReply.Failed(errno);

        // By the handle, so that the file is found whatever its names are now.
        Span<byte> path = stackalloc byte[GfidPath.Size];
        GfidPath.Write(path, found.Gfid);
        errno = Sys.Link(brick.Root, path, parent.File, name);
        if (errno != Errno.None)
            return EntryReply.Failed(errno == Errno.ENOENT ? Errno.ESTALE : errno);
        errno = stat.Nlink < NamesKeptLimit ? brick.AddPath(found.File, parent.Gfid, name) : Errno.None;
        if (errno == Errno.None)
            errno = brick.Stat(in found, out stat);
        Iatt post = default;
        if (errno == Errno.None)
            errno = brick.Stat(in parent, out post);
        if (errno != Errno.None)
        {
            Sys.Unlink(parent.File, name);
            return EntryReply.Failed(errno);
        }

        brick.Touch(in found, ctx, ref stat);
        brick.TouchParent(in parent, ctx, ref post);
        return new EntryReply(Errno.None, stat, pre, post);
    }

    private RenameReply Rename(
        FopContext ctx, in RenameRequest request, in InodeRef oldParent, ReadOnlySpan<byte> oldName, in InodeRef newParent, ReadOnlySpan<byte> newName)
    {
        var errno = brick.Stat(in oldParent, out var preOld);
        Iatt preNew = default;
        if (errno == Errno.None)
            errno = brick.Stat(in newParent, out preNew);
        InodeRef moved = default;
        if (errno == Errno.None)
            errno = brick.ResolveEntry(oldParent.File, oldName, out moved);
        if (errno != Errno.None)
            return RenameReply.Failed(errno == Errno.ENODATA ? Errno.ESTALE : errno);
        using (moved)
        {
            errno = brick.Stat(in moved, out var stat);
            uint? victimLinks = null;
            if (errno == Errno.None)
                errno = MoveName(in request, in oldParent, oldName, in newParent, newName, in moved, in stat, out victimLinks);
            if (errno == Errno.None)
                errno = brick.Stat(in moved, out stat);
            if (errno != Errno.None)
                return RenameReply.Failed(errno);
            brick.Touch(in moved, ctx, ref stat);
            errno = brick.Stat(in oldParent, out var postOld);
            if (errno != Errno.None)
                return RenameReply.Failed(errno);
            brick.TouchParent(in oldParent, ctx, ref postOld);
            errno = brick.Stat(in newParent, out var postNew);
            if (errno != Errno.None)
                return RenameReply.Failed(errno);
            brick.TouchParent(in newParent, ctx, ref postNew);
            return new RenameReply(Errno.None, stat, preOld, postOld, preNew, postNew, Answer(request.Xdata, victimLinks));
        }
    }

    private Errno MoveName(
        in RenameRequest request, in InodeRef oldParent, ReadOnlySpan<byte> oldName, in InodeRef newParent, ReadOnlySpan<byte> newName,
        in InodeRef moved, in Iatt stat, out uint? victimLinks)
    {
        victimLinks = null;
        InodeRef victim = default;
        StatxBuffer victimRaw = default;
        var wasPresent = Sys.Stat(newParent.File, newName, out victimRaw) == Errno.None;
        if (wasPresent && brick.ResolveEntry(newParent.File, newName, out victim) is var resolved && resolved is not (Errno.None or Errno.ENODATA))
            return resolved;
        using (victim)
        {
            var victimKnown = victim.File is not null;
            // A directory that is there instead of the one the caller means to replace stays. The wire does not say which that is.
            if (wasPresent && victimRaw.IsDirectory && victimKnown && request.New.Inode is not null && request.New.Gfid != victim.Gfid)
                return Errno.EEXIST;
            if (victimKnown && victim.Gfid == moved.Gfid && stat.Type != FileType.Directory)
                return Sys.Rename(oldParent.File, oldName, newParent.File, newName); // two names of one file: rename(2) leaves both
            var isDirectory = stat.Type == FileType.Directory;
            Errno errno;
            if (victimKnown && !victimRaw.IsDirectory)
            {
                lock (victim.Inode.Gate)
                {
                    errno = Sys.Rename(oldParent.File, oldName, newParent.File, newName);
                    if (errno == Errno.None && victimRaw.Nlink <= 2)
                        removal.DropLast(victim.Inode);
                    else if (errno == Errno.None)
                        brick.RemovePath(victim.File!, newParent.Gfid, newName);
                }
            }
            else
            {
                errno = Sys.Rename(oldParent.File, oldName, newParent.File, newName);
                if (errno == Errno.None && victimKnown)
                    removal.RemoveReplaced(victim.Inode);
            }

            if (errno != Errno.None)
                return errno;
            if (wasPresent)
                victimLinks = victimRaw.IsDirectory ? victimRaw.Nlink : victimRaw.Nlink - 1;
            if (isDirectory)
                return brick.PointHandle(moved.Gfid, newParent.Gfid, newName);
            brick.RemovePath(moved.File, oldParent.Gfid, oldName);
            brick.AddPath(moved.File, newParent.Gfid, newName);
            return Errno.None;
        }
    }

    private static Xdata? Answer(Xdata? xdata, uint? victimLinks)
    {
        if (xdata is null || victimLinks is not { } links)
            return null;
        var answer = new Xdata();
        if (xdata.Contains(XattrKeys.GetLinkCount))
            answer[XattrKeys.GetLinkCount] = XdataValue.UInt(links);
        if (xdata.Contains(XattrKeys.RequestLinkCount))
            answer[XattrKeys.ResponseLinkCount] = XdataValue.UInt(links);
        return answer.Count == 0 ? null : answer;
    }
}
