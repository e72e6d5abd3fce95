using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>From a fop's fd to an open file. gluster-rpc section 9: anonymous fds name a gfid, and the brick opens it by itself.</summary>
internal sealed partial class Brick
{
    /// <summary>The translator's number, under which fds carry their <see cref="PosixFd"/>.</summary>
    public int Slot { get; set; }

    /// <summary>The open file of an fd, for reading and writing bytes. EBADF for an fd that was never opened here.</summary>
    public Errno UseFile(Fd fd, out InodeRef file)
    {
        file = default;
        if (fd.GetSlot<PosixFd>(Slot) is { } open)
        {
            if (!open.TryRetain())
                return Errno.EBADF;
            file = new InodeRef(open.Inode, open.File, null, isOpen: true, open);
            return Errno.None;
        }

        return fd.IsAnonymous ? OpenAnonymous(fd.Inode.Gfid, out file) : Errno.EBADF;
    }

    /// <summary>The inode behind an fd, for attributes; an anonymous one may be of any type.</summary>
    public Errno UseInode(Fd fd, out InodeRef found)
    {
        if (fd.IsAnonymous && fd.GetSlot<PosixFd>(Slot) is null)
            return Resolve(fd.Inode.Gfid, out found);
        return UseFile(fd, out found);
    }

    /// <summary>Makes an opened file the fd's. Called under the inode's gate when the open count decides about the last name.</summary>
    public void Attach(Fd fd, PosixInode inode, FileHandle file, OpenFlags flags)
    {
        inode.OpenFds++;
        fd.SetSlot(Slot, new PosixFd(inode, file, flags));
    }

    /// <summary>The last user of an fd is gone.</summary>
    public void Detach(Fd fd)
    {
        if (fd.GetSlot<PosixFd>(Slot) is not { } open || !open.TryRelease())
            return;
        fd.SetSlot(Slot, null);
        open.File.Release();
        lock (open.Inode.Gate)
        {
            if (--open.Inode.OpenFds == 0 && open.Inode.Unlinked)
            {
                RemoveUnlinked(open.Inode.Gfid);
                open.Inode.Unlinked = false;
                Inodes.DropCached(open.Inode);
            }
        }

        Inodes.Release(open.Inode);
    }

    /// <summary>
    /// A regular file by gfid, open for reading and writing, or for reading alone where its mode allows no more. It stays open for the next
    /// such call, within the limit of <c>fd-cache-limit</c>.
    /// </summary>
    public Errno OpenAnonymous(Gfid gfid, out InodeRef file)
    {
        var errno = Resolve(gfid, out file);
        if (errno != Errno.None)
            return errno;
        errno = Sys.Stat(file.File, out var stat);
        if (errno == Errno.None && !stat.IsRegular)
            errno = stat.IsDirectory ? Errno.EISDIR : Errno.EINVAL;
        if (errno != Errno.None)
        {
            file.Dispose();
            file = default;
            return errno;
        }

        // The cached handle of a regular file is one that this method opened.
        if (ReferenceEquals(file.File, file.Inode.Cached))
        {
            file = new InodeRef(file.Inode, file.File, Inodes, isOpen: true);
            return Errno.None;
        }

        errno = Sys.Reopen(file.File, Sys.O_RDWR, out var handle);
        if (errno is Errno.EACCES or Errno.EROFS)
            errno = Sys.Reopen(file.File, Sys.O_RDONLY, out handle);
        else if (errno == Errno.None)
            Inodes.Cache(file.Inode, handle!);
        file.File.Release();
        if (errno != Errno.None)
        {
            Inodes.Release(file.Inode);
            file = default;
            return errno;
        }

        file = new InodeRef(file.Inode, handle!, Inodes, isOpen: true);
        return Errno.None;
    }

    /// <summary>Opens the very file that a handle names as a client asked for it.</summary>
    public Errno OpenForClient(FileHandle path, OpenFlags flags, out FileHandle? file) =>
        Sys.Reopen(path, ToSystem(flags & ~(OpenFlags.Create | OpenFlags.Exclusive)), out file);

    /// <summary>The wire's flags as open(2) wants them. gluster-rpc section 8: but for SYNC they are those of x86-64.</summary>
    public int ToSystem(OpenFlags flags)
    {
        const OpenFlags Same = OpenFlags.AccessMask | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.Truncate | OpenFlags.Append | OpenFlags.NoAtime;
        var system = (int)(flags & Same) | Sys.O_NOCTTY;
        if (flags.HasFlag(OpenFlags.Sync))
            system |= Sys.O_SYNC;
        if (flags.HasFlag(OpenFlags.Direct) || Options.ForceDirect)
            system |= Sys.O_DIRECT;
        return system;
    }
}
