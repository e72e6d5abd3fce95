using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Data;

/// <summary>open, opendir, flush, release, releasedir and fsyncdir.</summary>
internal sealed class OpenFops(Brick brick)
{
    public StatusReply Open(FopContext ctx, in OpenRequest request)
    {
        var errno = brick.Resolve(request.Loc.Gfid, out var found);
        if (errno != Errno.None)
            return StatusReply.Failed(errno);
        using (found)
        {
            errno = Sys.Stat(found.File, out var raw);
            if (errno == Errno.None && !raw.IsRegular)
                errno = raw.IsDirectory ? Errno.EISDIR : raw.IsSymlink ? Errno.ELOOP : Errno.EINVAL;
            return errno == Errno.None
                ? Open(ctx, in found, request.Fd, request.Flags)
                : StatusReply.Failed(errno);
        }
    }

    public StatusReply Opendir(FopContext ctx, in OpendirRequest request)
    {
        var errno = brick.ResolveDirectory(request.Loc.Gfid, out var found);
        if (errno != Errno.None)
            return StatusReply.Failed(errno);
        using (found)
        {
            errno = Sys.Reopen(found.File, Sys.O_RDONLY | Sys.O_DIRECTORY, out var file);
            if (errno != Errno.None)
                return StatusReply.Failed(errno);
            var inode = brick.Inodes.Acquire(found.Gfid);
            lock (inode.Gate)
                brick.Attach(request.Fd, inode, file!, OpenFlags.Directory);
            return new StatusReply(Errno.None);
        }
    }

    /// <summary>Nothing waits in the brick: close(2) has nothing to report.</summary>
    public StatusReply Flush(FopContext ctx, in FlushRequest request)
    {
        var errno = brick.UseInode(request.Fd, out var found);
        found.Dispose();
        return new StatusReply(errno);
    }

    public StatusReply Release(FopContext ctx, in ReleaseRequest request)
    {
        brick.Detach(request.Fd);
        return new StatusReply(Errno.None);
    }

    public StatusReply Releasedir(FopContext ctx, in ReleasedirRequest request)
    {
        brick.Detach(request.Fd);
        return new StatusReply(Errno.None);
    }

    /// <summary>Stock does nothing here; entries that a caller asked to be durable should be.</summary>
    public StatusReply Fsyncdir(FopContext ctx, in FsyncdirRequest request)
    {
        var errno = brick.UseInode(request.Fd, out var found);
        if (errno != Errno.None)
            return StatusReply.Failed(errno);
        using (found)
        {
            if (found.IsOpen)
                return new StatusReply(Sys.Sync(found.File, request.DataOnly));
            errno = Sys.Reopen(found.File, Sys.O_RDONLY | Sys.O_DIRECTORY, out var file);
            if (errno != Errno.None)
                return StatusReply.Failed(errno);
            using (file)
                return new StatusReply(Sys.Sync(file!, request.DataOnly));
        }
    }

    private StatusReply Open(FopContext ctx, in InodeRef found, Fd fd, OpenFlags flags)
    {
        var inode = brick.Inodes.Acquire(found.Gfid);
        Errno errno;
        FileHandle? file;
        // Under the gate: an unlink that comes now either sees the open fd, or has removed the last name before.
        lock (inode.Gate)
        {
            errno = brick.OpenForClient(found.File, flags, out file);
            if (errno == Errno.None && Sys.Stat(file!, out var raw) == Errno.None && raw.Nlink == 0)
            {
                file!.Dispose();
                errno = Errno.ESTALE;
            }

            if (errno == Errno.None)
                brick.Attach(fd, inode, file!, flags);
        }

        if (errno != Errno.None)
        {
            brick.Inodes.Release(inode);
            return StatusReply.Failed(errno);
        }

        if (ctx.Times != FopTimes.None)
        {
            var opened = new InodeRef(inode, file!, null, isOpen: true);
            Iatt ignored = default;
            brick.Touch(in opened, ctx, ref ignored);
        }

        return new StatusReply(Errno.None);
    }
}
