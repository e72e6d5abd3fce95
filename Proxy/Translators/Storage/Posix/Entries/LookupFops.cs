using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Entries;

/// <summary>
/// lookup, by name and by gfid. A lookup by name is also where the brick repairs what a crash left: a file without a gfid gets the one the
/// client asks for, and a missing handle is made.
/// </summary>
internal sealed class LookupFops(Brick brick, NewEntry entries, XattrQuery query)
{
    /// <summary>A file this young may be half made: whoever creates it is still to set its gfid.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    public LookupReply Lookup(FopContext ctx, in LookupRequest request)
    {
        if (request.Loc.Parent is null || string.IsNullOrEmpty(request.Loc.Name))
            return ByGfid(in request, request.Loc.Gfid);
        // libgfapi asks for "." of the root; the root is its own parent, and nothing above it is shown.
        return request.Loc.Name switch
        {
            "." => InSelf(in request, request.Loc.ParentGfid),
            ".." => brick.ParentOf(request.Loc.ParentGfid) is { } above ? InSelf(in request, above) : LookupReply.Failed(Errno.ESTALE),
            _ => ByName(in request),
        };
    }

    private LookupReply InSelf(in LookupRequest request, Gfid directory)
    {
        var reply = ByGfid(in request, directory);
        return reply.Errno == Errno.None ? reply with { PostParent = reply.Stat } : reply;
    }

    private LookupReply ByGfid(in LookupRequest request, Gfid gfid)
    {
        var errno = brick.Resolve(gfid, out var found);
        if (errno == Errno.ESTALE)
        {
            if (request.Xdata is not null && request.Xdata.TryGetNumber(XattrKeys.UnlinkedLookup, out var unlinked) && unlinked != 0)
                return Unlinked(gfid);
            RemoveStaleHandle(gfid);
            return LookupReply.Failed(Errno.ENOENT);
        }

        if (errno != Errno.None)
            return LookupReply.Failed(errno);
        using (found)
        {
            errno = brick.Stat(in found, out var stat);
            return errno == Errno.None
                ? new LookupReply(Errno.None, stat, Xdata: query.Answer(request.Xdata, in found, in stat))
                : LookupReply.Failed(errno);
        }
    }

    private LookupReply ByName(in LookupRequest request)
    {
        Span<byte> bytes = stackalloc byte[EntryName.Size];
        var errno = EntryName.Write(request.Loc.Name, bytes, out var name);
        if (errno == Errno.None && EntryName.IsHidden(request.Loc.ParentGfid, name))
            errno = Errno.EPERM;
        if (errno != Errno.None)
            return LookupReply.Failed(errno);
        errno = brick.ResolveDirectory(request.Loc.ParentGfid, out var parent);
        if (errno != Errno.None)
            return LookupReply.Failed(errno);
        using (parent)
        {
            errno = brick.ResolveEntry(parent.File, name, out var found);
            if (errno == Errno.ENODATA)
                errno = Heal(in parent, name, request.Xdata, request.Loc.Name!, out found);
            if (errno != Errno.None)
                return brick.Stat(in parent, out var beside) == Errno.None ? new LookupReply(errno, PostParent: beside) : LookupReply.Failed(errno);
            using (found)
            {
                errno = brick.Stat(in found, out var stat);
                if (errno == Errno.None && !found.Inode.HandleSeen)
                    errno = EnsureHandle(in parent, name, in found, in stat, out stat);
                if (errno == Errno.None && brick.Stat(in parent, out var post) is var at)
                    return at == Errno.None
                        ? new LookupReply(Errno.None, stat, post, query.Answer(request.Xdata, in found, in stat))
                        : LookupReply.Failed(Errno.ESTALE);
                return LookupReply.Failed(errno);
            }
        }
    }

    /// <summary>A file without a gfid: with gfid-req it gets one, unless it is so new that its creator is still at it.</summary>
    private Errno Heal(in InodeRef parent, ReadOnlySpan<byte> name, Xdata? xdata, string text, out InodeRef found)
    {
        found = default;
        if (NewEntry.RequestedGfid(xdata, out var gfid) != Errno.None)
            return Errno.ENODATA;
        using (brick.EnterEntries(parent.Gfid))
        {
            var errno = Sys.Open(parent.File.Number, name, Sys.O_PATH | Sys.O_NOFOLLOW, 0, out var file);
            if (errno != Errno.None)
                return errno;
            using (file)
            {
                // Whoever created it meanwhile under the same gate has finished.
                if (brick.ReadGfid(file!, out _) == Errno.ENODATA)
                {
                    errno = Sys.Stat(file!, out var raw);
                    if (errno != Errno.None)
                        return errno;
                    var age = brick.Time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(raw.Ctime.Seconds).AddMicroseconds(raw.Ctime.Nanoseconds / 1000.0);
                    if (age < Fresh && age > -Fresh)
                        return Errno.ENOENT;
                    errno = entries.SetGfid(file!, gfid);
                    if (errno != Errno.None)
                        return errno;
                    if (!raw.IsDirectory)
                        brick.AddPath(file!, parent.Gfid, name);
                    PosixLog.GfidHealed(brick.Logger, brick.Path, text, gfid);
                }
            }
        }

        return brick.ResolveEntry(parent.File, name, out found);
    }

    private Errno EnsureHandle(in InodeRef parent, ReadOnlySpan<byte> name, in InodeRef found, in Iatt before, out Iatt stat)
    {
        stat = before;
        if (brick.HandleExists(found.Gfid))
        {
            found.Inode.HandleSeen = true;
            return Errno.None;
        }

        using (brick.EnterEntries(parent.Gfid))
        {
            // It may be the last name of an open file, whose handle was moved aside just now.
            if (found.Inode.Unlinked || Sys.Stat(parent.File, name, out _) != Errno.None)
                return Errno.ENOENT;
            var errno = before.Type == FileType.Directory
                ? brick.PointHandle(found.Gfid, parent.Gfid, name)
                : brick.LinkHandle(parent.File, name, found.Gfid);
            if (errno != Errno.None)
                return errno;
            found.Inode.HandleSeen = true;
        }

        return brick.Stat(in found, out stat);
    }

    /// <summary>Says whether an unlinked file still lives because somebody has it open.</summary>
    private LookupReply Unlinked(Gfid gfid)
    {
        Span<byte> path = stackalloc byte[GfidPath.Size];
        GfidPath.WriteUnlinked(path, gfid);
        var errno = Sys.Stat(brick.Root, path, out var raw);
        return errno == Errno.None ? new LookupReply(Errno.None, Brick.ToIatt(in raw, gfid, null) with { Nlink = 0 }) : LookupReply.Failed(errno);
    }

    /// <summary>A handle that leads nowhere, or that no name shares any more, is garbage of a crash.</summary>
    private void RemoveStaleHandle(Gfid gfid)
    {
        Span<byte> path = stackalloc byte[GfidPath.Size];
        GfidPath.Write(path, gfid);
        if (Sys.Stat(brick.Root, path, out var raw) == Errno.None && raw.Nlink == 1 && raw.IsSymlink)
            brick.RemoveHandle(gfid);
    }
}
