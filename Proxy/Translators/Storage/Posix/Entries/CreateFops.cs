using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Entries;

/// <summary>create, mknod, mkdir and symlink.</summary>
internal sealed class CreateFops(Brick brick, NewEntry entries, SpaceReserve space)
{
    private const uint LinkFileMode = 0x200; // 01000: DHT's linkto files, and nothing else, have just the sticky bit
    private const uint PermissionBits = 0xfff;
    private const int TargetLimit = 4095; // PATH_MAX without the NUL

    public CreateReply Create(FopContext ctx, in CreateRequest request)
    {
        Span<byte> bytes = stackalloc byte[EntryName.Size];
        var errno = Begin(ctx, request.Loc, request.Xdata, bytes, out var name, out var gfid, out var parent);
        if (errno != Errno.None)
            return CreateReply.Failed(errno);
        using (parent)
        using (brick.EnterEntries(parent.Gfid))
        {
            errno = brick.Stat(in parent, out var pre);
            if (errno != Errno.None)
                return CreateReply.Failed(errno);
            var flags = request.Flags | OpenFlags.Create;
            if (request.Flags == 0)
                flags |= OpenFlags.ReadWrite | OpenFlags.Exclusive;
            Iatt stat;
            if (Sys.Stat(parent.File, name, out _) == Errno.None)
            {
                if (flags.HasFlag(OpenFlags.Exclusive))
                    return CreateReply.Failed(Errno.EEXIST);
                errno = OpenExisting(ctx, in parent, name, gfid, request.Fd, flags, out stat);
                return errno == Errno.None ? Created(ctx, in parent, in pre, stat, null) : CreateReply.Failed(errno);
            }

            errno = entries.CheckLayout(in parent, request.Xdata, out var xdata, out var answer);
            if (errno != Errno.None)
                return CreateReply.Failed(errno, answer);
            errno = Sys.Open(parent.File.Number, name, brick.ToSystem(flags | OpenFlags.Exclusive) | Sys.O_NOFOLLOW, request.Mode & PermissionBits, out var file);
            if (errno != Errno.None)
                return CreateReply.Failed(errno);
            errno = entries.Complete(ctx, in parent, in pre, name, file!, gfid, request.Mode & PermissionBits, xdata, out var inode, out stat);
            if (errno != Errno.None)
            {
                Sys.Unlink(parent.File, name);
                file!.Dispose();
                return CreateReply.Failed(errno);
            }

            lock (inode!.Gate)
                brick.Attach(request.Fd, inode, file!, request.Flags);
            return Created(ctx, in parent, in pre, stat, answer);
        }
    }

    public EntryReply Mknod(FopContext ctx, in MknodRequest request)
    {
        Span<byte> bytes = stackalloc byte[EntryName.Size];
        var errno = Begin(ctx, request.Loc, request.Xdata, bytes, out var name, out var gfid, out var parent);
        if (errno != Errno.None)
            return EntryReply.Failed(errno);
        using (parent)
        using (brick.EnterEntries(parent.Gfid))
        {
            errno = brick.Stat(in parent, out var pre);
            if (errno != Errno.None)
                return EntryReply.Failed(errno);
            var xdata = request.Xdata!;
            if (xdata.Contains(XattrKeys.InternalFop) && TryLinkExisting(ctx, in parent, in pre, name, gfid, out var linked))
                return linked;

            // Bare permission bits are a regular file, as for mknod(2).
            var type = (request.Mode & Sys.S_IFMT) == 0 ? Sys.S_IFREG : request.Mode & Sys.S_IFMT;
            errno = Sys.Mknod(parent.File, name, type | (request.Mode & PermissionBits), request.Dev);
            if (errno == Errno.EEXIST && xdata.Contains(XattrKeys.ForceReplace) && RemoveStaleLinkFile(in parent, name))
                errno = Sys.Mknod(parent.File, name, type | (request.Mode & PermissionBits), request.Dev);
            if (errno != Errno.None)
                return EntryReply.Failed(errno);
            return Finish(ctx, in parent, in pre, name, gfid, request.Mode & PermissionBits, xdata, isDirectory: false);
        }
    }

    public EntryReply Mkdir(FopContext ctx, in MkdirRequest request)
    {
        Span<byte> bytes = stackalloc byte[EntryName.Size];
        var errno = Begin(ctx, request.Loc, request.Xdata, bytes, out var name, out var gfid, out var parent);
        if (errno != Errno.None)
            return EntryReply.Failed(errno);
        using (parent)
        using (brick.EnterEntries(parent.Gfid))
        {
            errno = brick.Stat(in parent, out var pre);
            if (errno != Errno.None)
                return EntryReply.Failed(errno);
            errno = entries.CheckLayout(in parent, request.Xdata, out var xdata, out var answer);
            if (errno != Errno.None)
                return EntryReply.Failed(errno, answer);
            var mode = NewEntry.DirectoryModeIn(in pre, request.Mode);
            errno = Sys.Mkdir(parent.File, name, mode);
            return errno == Errno.None
                ? Finish(ctx, in parent, in pre, name, gfid, mode, xdata, isDirectory: true)
                : EntryReply.Failed(errno);
        }
    }

    public EntryReply Symlink(FopContext ctx, in SymlinkRequest request)
    {
        Span<byte> bytes = stackalloc byte[EntryName.Size];
        if (request.Target.Length == 0 || request.Target.Contains('\0', StringComparison.Ordinal))
            return EntryReply.Failed(request.Target.Length == 0 ? Errno.ENOENT : Errno.EINVAL);
        var target = FileNames.WithNul(request.Target);
        if (target.Length - 1 > TargetLimit)
            return EntryReply.Failed(Errno.ENAMETOOLONG);
        if (brick.Names.Namespace == XattrNamespace.User)
            return EntryReply.Failed(Errno.EOPNOTSUPP); // links cannot carry user attributes, so they could have no gfid
        var errno = Begin(ctx, request.Loc, request.Xdata, bytes, out var name, out var gfid, out var parent);
        if (errno != Errno.None)
            return EntryReply.Failed(errno);
        using (parent)
        using (brick.EnterEntries(parent.Gfid))
        {
            errno = brick.Stat(in parent, out var pre);
            if (errno != Errno.None)
                return EntryReply.Failed(errno);
            errno = Sys.Symlink(target, parent.File, name);
            return errno == Errno.None
                ? Finish(ctx, in parent, in pre, name, gfid, mode: null, request.Xdata, isDirectory: false)
                : EntryReply.Failed(errno);
        }
    }

    private Errno Begin(FopContext ctx, in Loc loc, Xdata? xdata, Span<byte> bytes, out ReadOnlySpan<byte> name, out Gfid gfid, out InodeRef parent)
    {
        parent = default;
        var errno = NewEntry.RequestedGfid(xdata, out gfid);
        var named = EntryName.Write(loc.Name, bytes, out name);
        if (errno == Errno.None)
            errno = named;
        if (errno == Errno.None && EntryName.IsHidden(loc.ParentGfid, name))
            errno = Errno.EPERM;
        if (errno == Errno.None)
            errno = space.Check(ctx, xdata);
        return errno == Errno.None ? brick.ResolveDirectory(loc.ParentGfid, out parent) : errno;
    }

    private EntryReply Finish(
        FopContext ctx, in InodeRef parent, in Iatt pre, ReadOnlySpan<byte> name, Gfid gfid, uint? mode, Xdata? xdata, bool isDirectory)
    {
        var errno = Sys.Open(parent.File.Number, name, Sys.O_PATH | Sys.O_NOFOLLOW, 0, out var file);
        Iatt stat = default;
        if (errno == Errno.None)
        {
            using (file)
            {
                errno = entries.Complete(ctx, in parent, in pre, name, file!, gfid, mode, xdata, out var inode, out stat);
                if (errno == Errno.None)
                    brick.Inodes.Release(inode!);
            }
        }

        if (errno != Errno.None)
        {
            if (isDirectory)
                Sys.Rmdir(parent.File, name);
            else
                Sys.Unlink(parent.File, name);
            return EntryReply.Failed(errno);
        }

        errno = brick.Stat(in parent, out var post);
        if (errno != Errno.None)
            return EntryReply.Failed(errno);
        brick.TouchParent(in parent, ctx, ref post);
        return new EntryReply(Errno.None, stat, pre, post);
    }

    private CreateReply Created(FopContext ctx, in InodeRef parent, in Iatt pre, in Iatt stat, Xdata? answer)
    {
        var errno = brick.Stat(in parent, out var post);
        if (errno != Errno.None)
            return CreateReply.Failed(errno);
        brick.TouchParent(in parent, ctx, ref post);
        return new CreateReply(Errno.None, stat, pre, post, answer);
    }

    /// <summary>A create without EXCL of a name that exists opens it; one that a crash left without a gfid gets the requested one.</summary>
    private Errno OpenExisting(FopContext ctx, in InodeRef parent, ReadOnlySpan<byte> name, Gfid gfid, Fd fd, OpenFlags flags, out Iatt stat)
    {
        stat = default;
        var errno = Sys.Open(parent.File.Number, name, Sys.O_PATH | Sys.O_NOFOLLOW, 0, out var path);
        if (errno != Errno.None)
            return errno;
        using (path)
        {
            errno = Sys.Stat(path!, out var raw);
            if (errno == Errno.None && !raw.IsRegular)
                errno = raw.IsDirectory ? Errno.EISDIR : raw.IsSymlink ? Errno.ELOOP : Errno.EINVAL;
            if (errno == Errno.None && brick.ReadGfid(path!, out var there) is var read)
            {
                if (read == Errno.ENODATA)
                    errno = entries.SetGfid(path!, gfid);
                else
                    (errno, gfid) = (read, there);
            }

            if (errno == Errno.None)
                errno = brick.LinkHandle(parent.File, name, gfid);
            if (errno != Errno.None)
                return errno;
            errno = brick.OpenForClient(path!, flags, out var file);
            if (errno != Errno.None)
                return errno;
            var inode = brick.Inodes.Acquire(gfid);
            lock (inode.Gate)
                brick.Attach(fd, inode, file!, flags);
            var opened = new InodeRef(inode, file!, null, isOpen: true);
            errno = brick.Stat(in opened, out stat);
            if (errno == Errno.None)
                brick.Touch(in opened, ctx, ref stat);
            else
                brick.Detach(fd);
            return errno;
        }
    }

    /// <summary>
    /// A linkto file for a file with several names: the gfid is here already, under another name, and the new name becomes one more link to it.
    /// </summary>
    private bool TryLinkExisting(FopContext ctx, in InodeRef parent, in Iatt pre, ReadOnlySpan<byte> name, Gfid gfid, out EntryReply reply)
    {
        reply = default;
        if (brick.Resolve(gfid, out var existing) != Errno.None)
            return false;
        using (existing)
        {
            if (brick.Stat(in existing, out var stat) != Errno.None || stat.Type == FileType.Directory)
                return false;
            Span<byte> path = stackalloc byte[GfidPath.Size];
            GfidPath.Write(path, gfid);
            var errno = Sys.Link(brick.Root, path, parent.File, name);
            if (errno == Errno.None)
                errno = brick.AddPath(existing.File, parent.Gfid, name);
            if (errno == Errno.None)
                errno = brick.Stat(in existing, out stat);
            Iatt post = default;
            if (errno == Errno.None)
                errno = brick.Stat(in parent, out post);
            if (errno == Errno.None)
                brick.TouchParent(in parent, ctx, ref post);
            reply = errno == Errno.None ? new EntryReply(Errno.None, stat, pre, post) : EntryReply.Failed(errno);
            return true;
        }
    }

    private bool RemoveStaleLinkFile(in InodeRef parent, ReadOnlySpan<byte> name)
    {
        if (Sys.Stat(parent.File, name, out var raw) != Errno.None || !raw.IsRegular || (raw.Mode & PermissionBits) != LinkFileMode)
            return false;
        if (brick.ReadGfidAt(parent.File, name, out var gfid) == Errno.None && raw.Nlink <= 2)
            brick.RemoveHandle(gfid);
        return Sys.Unlink(parent.File, name) == Errno.None;
    }
}
