using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>From a gfid to a file, and from a name in a directory to a gfid.</summary>
internal sealed partial class Brick
{
    /// <summary>Directories nested deeper than the kernel follows links are walked from the root; deeper than this they are refused.</summary>
    private const int DepthLimit = 4096;

    /// <summary>The inode of that gfid, of any type. ESTALE when the brick has none.</summary>
    public Errno Resolve(Gfid gfid, out InodeRef found)
    {
        found = default;
        if (gfid.IsNull)
            return Errno.ESTALE;
        var inode = Inodes.Acquire(gfid);
        var errno = OpenHandle(inode, out var handle);
        if (errno != Errno.None)
        {
            Inodes.Release(inode);
            return errno == Errno.ENOENT ? Errno.ESTALE : errno;
        }

        found = new InodeRef(inode, handle!, Inodes);
        return Errno.None;
    }

    /// <summary>The directory of that gfid. ESTALE when the brick has none, ENOTDIR when it is something else.</summary>
    public Errno ResolveDirectory(Gfid gfid, out InodeRef found)
    {
        found = default;
        if (gfid.IsNull)
            return Errno.ESTALE;
        var inode = Inodes.Acquire(gfid);
        var errno = OpenDirectoryHandle(inode, out var handle);
        if (errno != Errno.None)
        {
            Inodes.Release(inode);
            return errno == Errno.ENOENT ? Errno.ESTALE : errno;
        }

        found = new InodeRef(inode, handle!, Inodes);
        return Errno.None;
    }

    /// <summary>A name that exists in a directory. ENODATA when what is there has no gfid (then <paramref name="found"/> is empty).</summary>
    public Errno ResolveEntry(FileHandle directory, ReadOnlySpan<byte> name, out InodeRef found)
    {
        found = default;
        var errno = Sys.Open(directory.Number, name, Sys.O_PATH | Sys.O_NOFOLLOW, 0, out var handle);
        if (errno != Errno.None)
            return errno;
        errno = ReadGfid(handle!, out var gfid);
        if (errno != Errno.None)
        {
            handle!.Dispose();
            return errno;
        }

        found = new InodeRef(Inodes.Acquire(gfid), handle!, Inodes);
        return Errno.None;
    }

    /// <summary>The gfid of an open or O_PATH handle; ENODATA when it has none.</summary>
    public Errno ReadGfid(FileHandle file, out Gfid gfid)
    {
        Span<byte> value = stackalloc byte[Gfid.Size];
        gfid = default;
        var errno = Sys.GetXattr(file, Names.Gfid, value, out var length);
        if (errno != Errno.None)
            return errno == Errno.EOPNOTSUPP ? Errno.ENODATA : errno;
        if (length != Gfid.Size)
            return Errno.ENODATA;
        gfid = Gfid.Read(value);
        return gfid.IsNull ? Errno.ENODATA : Errno.None;
    }

    /// <summary>The gfid of a name, without opening it.</summary>
    public Errno ReadGfidAt(FileHandle directory, ReadOnlySpan<byte> name, out Gfid gfid)
    {
        Span<byte> value = stackalloc byte[Gfid.Size];
        gfid = default;
        var errno = Sys.GetXattrAt(directory, name, Names.Gfid, value, out var length);
        if (errno == Errno.None && length == Gfid.Size)
            gfid = Gfid.Read(value);
        return errno;
    }

    private Errno OpenHandle(PosixInode inode, out FileHandle? handle)
    {
        if (inode.Gfid.IsRoot)
        {
            handle = Root.Retain();
            return Errno.None;
        }

        handle = Inodes.UseCached(inode);
        if (handle is not null)
            return Errno.None;
        Span<byte> path = stackalloc byte[GfidPath.Size];
        if (inode.Unlinked)
            GfidPath.WriteUnlinked(path, inode.Gfid);
        else
            GfidPath.Write(path, inode.Gfid);
        var errno = Sys.Open(Root.Number, path, Sys.O_PATH | Sys.O_NOFOLLOW, 0, out handle);
        if (errno != Errno.None)
            return errno;
        errno = Sys.Stat(handle!, out var stat);
        if (errno != Errno.None || !stat.IsSymlink)
            return errno;

        // A directory's handle is a link, and so is the handle of a client's own link. Only what the former leads to bears this gfid.
        if (OpenDirectoryHandle(inode, out var directory) == Errno.None)
        {
            handle!.Dispose();
            handle = directory;
            return Errno.None;
        }

        // A client's link has a name beside its handle. One without is the handle of a directory that was moved or removed under it.
        if (stat.Nlink > 1)
            return Errno.None;
        handle!.Dispose();
        handle = null;
        return Errno.ENOENT;
    }

    private Errno OpenDirectoryHandle(PosixInode inode, out FileHandle? handle)
    {
        if (inode.Gfid.IsRoot)
        {
            handle = Root.Retain();
            return Errno.None;
        }

        handle = Inodes.UseCached(inode);
        if (handle is not null)
        {
            // What is kept with an inode is a directory's handle or an open regular file.
            if (Sys.Stat(handle, out var kept) == Errno.None && kept.IsDirectory)
                return Errno.None;
            handle.Release();
            handle = null;
            return Errno.ENOTDIR;
        }

        Span<byte> path = stackalloc byte[GfidPath.Size];
        GfidPath.Write(path, inode.Gfid);
        var errno = Sys.Open(Root.Number, path, Sys.O_PATH | Sys.O_DIRECTORY, 0, out handle);
        if (errno == Errno.ELOOP)
            errno = WalkToDirectory(inode.Gfid, out handle);
        if (errno != Errno.None)
            return errno;
        errno = ReadGfid(handle!, out var gfid);
        if (errno == Errno.None && gfid == inode.Gfid)
        {
            Inodes.Cache(inode, handle!);
            return Errno.None;
        }

        // The link leads to something else: it is a client's link, or a stale handle.
        handle!.Dispose();
        handle = null;
        return errno is Errno.None or Errno.ENODATA ? Errno.ENOTDIR : errno;
    }

    /// <summary>Opens a directory that lies deeper than the kernel follows links: up the handles to the root, then down by name.</summary>
    private Errno WalkToDirectory(Gfid gfid, out FileHandle? handle)
    {
        handle = null;
        Span<byte> path = stackalloc byte[GfidPath.Size];
        Span<byte> target = stackalloc byte[GfidPath.TargetSize];
        var names = new Stack<byte[]>();
        while (!gfid.IsRoot)
        {
            GfidPath.Write(path, gfid);
            var errno = Sys.ReadLink(Root, path, target, out var length);
            if (errno != Errno.None)
                return errno;
            if (!GfidPath.TryReadTarget(target[..length], out gfid, out var name) || names.Count >= DepthLimit)
                return Errno.ELOOP;
            names.Push([.. name, 0]);
        }

        var at = Root.Retain();
        foreach (var name in names)
        {
            var errno = Sys.Open(at.Number, name, Sys.O_PATH | Sys.O_DIRECTORY | Sys.O_NOFOLLOW, 0, out var next);
            at.Release();
            if (errno != Errno.None)
                return errno;
            at = next!;
        }

        handle = at;
        return Errno.None;
    }

    /// <summary>A directory's path from the root of the brick, by its handles; empty for the root, null when a handle is missing.</summary>
    public string? PathOf(Gfid directory)
    {
        Span<byte> path = stackalloc byte[GfidPath.Size];
        Span<byte> target = stackalloc byte[GfidPath.TargetSize];
        var text = "";
        for (var depth = 0; !directory.IsRoot; depth++)
        {
            GfidPath.Write(path, directory);
            if (depth >= DepthLimit || Sys.ReadLink(Root, path, target, out var length) != Errno.None
                || !GfidPath.TryReadTarget(target[..length], out directory, out var name))
                return null;
            text = "/" + ByteText.Decode(name) + text;
        }

        return text;
    }

    /// <summary>The directory that a directory lies in, by its handle; the root's is the root. Null when there is no such directory.</summary>
    public Gfid? ParentOf(Gfid directory)
    {
        if (directory.IsRoot)
            return directory;
        Span<byte> path = stackalloc byte[GfidPath.Size];
        Span<byte> target = stackalloc byte[GfidPath.TargetSize];
        GfidPath.Write(path, directory);
        return Sys.ReadLink(Root, path, target, out var length) == Errno.None && GfidPath.TryReadTarget(target[..length], out var parent, out _) ? parent : null;
    }
}
