using System.IO.Hashing;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>
/// Handles under <c>.glusterfs</c>, and the attribute with a file's names. Made last and removed first, so that what a crash leaves is a name
/// whose handle is missing, which the next lookup by name repairs. gluster-translators sections 11.1 and 11.2.
/// </summary>
internal sealed partial class Brick
{
    private const uint HandleDirectoryMode = 0x1c0; // 0700

    /// <summary>Gives a file, link or device its handle: a hard link. EEXIST is success when it is this very file.</summary>
    public Errno LinkHandle(FileHandle directory, ReadOnlySpan<byte> name, Gfid gfid)
    {
        Span<byte> path = stackalloc byte[GfidPath.Size];
        GfidPath.Write(path, gfid);
        var errno = Sys.Link(directory, name, Root, path);
        if (errno == Errno.ENOENT && MakePrefixes(gfid) is var made)
            errno = made == Errno.None ? Sys.Link(directory, name, Root, path) : made;
        if (errno != Errno.EEXIST)
            return errno;
        return Sys.Stat(Root, path, out var there) == Errno.None && Sys.Stat(directory, name, out var mine) == Errno.None
            && there.Ino == mine.Ino && there.Dev == mine.Dev
            ? Errno.None
            : Errno.EEXIST;
    }

    /// <summary>Points a directory's handle to where it lies. One that points elsewhere is replaced.</summary>
    public Errno PointHandle(Gfid gfid, Gfid parent, ReadOnlySpan<byte> name)
    {
        Span<byte> path = stackalloc byte[GfidPath.Size];
        Span<byte> target = stackalloc byte[GfidPath.TargetSize];
        GfidPath.Write(path, gfid);
        var length = GfidPath.WriteTarget(target, parent, name);
        var errno = Sys.Symlink(target, Root, path);
        if (errno == Errno.ENOENT && MakePrefixes(gfid) is var made)
            errno = made == Errno.None ? Sys.Symlink(target, Root, path) : made;
        if (errno != Errno.EEXIST || HandlePointsTo(path, target[..length]))
            return errno == Errno.EEXIST ? Errno.None : errno;
        errno = Sys.Unlink(Root, path);
        return errno == Errno.None ? Sys.Symlink(target, Root, path) : errno;
    }

    public Errno RemoveHandle(Gfid gfid)
    {
        Span<byte> path = stackalloc byte[GfidPath.Size];
        GfidPath.Write(path, gfid);
        var errno = Sys.Unlink(Root, path);
        return errno == Errno.ENOENT ? Errno.None : errno;
    }

    /// <summary>Removes a directory's handle if it points to that place: another directory may have taken the gfid over.</summary>
    public void RemoveHandle(Gfid gfid, Gfid parent, ReadOnlySpan<byte> name)
    {
        Span<byte> path = stackalloc byte[GfidPath.Size];
        Span<byte> target = stackalloc byte[GfidPath.TargetSize];
        GfidPath.Write(path, gfid);
        var length = GfidPath.WriteTarget(target, parent, name);
        if (HandlePointsTo(path, target[..length]))
            Sys.Unlink(Root, path);
    }

    /// <summary>Moves the handle of an open file whose last name goes to <c>.glusterfs/unlink</c>.</summary>
    public Errno MoveToUnlinked(Gfid gfid)
    {
        Span<byte> path = stackalloc byte[GfidPath.Size];
        Span<byte> unlinked = stackalloc byte[GfidPath.Size];
        GfidPath.Write(path, gfid);
        GfidPath.WriteUnlinked(unlinked, gfid);
        return Sys.Rename(Root, path, Root, unlinked);
    }

    public void RemoveUnlinked(Gfid gfid)
    {
        Span<byte> unlinked = stackalloc byte[GfidPath.Size];
        GfidPath.WriteUnlinked(unlinked, gfid);
        Sys.Unlink(Root, unlinked);
    }

    /// <summary>Whether the gfid's handle exists: of either kind.</summary>
    public bool HandleExists(Gfid gfid)
    {
        Span<byte> path = stackalloc byte[GfidPath.Size];
        GfidPath.Write(path, gfid);
        return Sys.Stat(Root, path, out _) == Errno.None;
    }

    /// <summary>Adds a name to a file's <c>trusted.gfid2path.*</c>; its value is <c>parent gfid/name</c>, its suffix the value's xxhash64.</summary>
    public Errno AddPath(FileHandle file, Gfid parent, ReadOnlySpan<byte> name)
    {
        if (!Options.Gfid2Path)
            return Errno.None;
        Span<byte> value = stackalloc byte[GfidPath.TextLength + 1 + FileNames.MaximumBytes];
        var key = PathAttribute(value, parent, name, out var length);
        var errno = Sys.SetXattr(file, key, value[..length], Sys.XATTR_CREATE);
        return errno == Errno.EEXIST ? Errno.None : errno;
    }

    public Errno RemovePath(FileHandle file, Gfid parent, ReadOnlySpan<byte> name)
    {
        if (!Options.Gfid2Path)
            return Errno.None;
        Span<byte> value = stackalloc byte[GfidPath.TextLength + 1 + FileNames.MaximumBytes];
        var errno = Sys.RemoveXattr(file, PathAttribute(value, parent, name, out _));
        return errno == Errno.ENODATA ? Errno.None : errno;
    }

    private XattrName PathAttribute(Span<byte> value, Gfid parent, ReadOnlySpan<byte> name, out int length)
    {
        GfidPath.WriteText(value, parent);
        value[GfidPath.TextLength] = (byte)'/';
        name.CopyTo(value[(GfidPath.TextLength + 1)..]);
        length = GfidPath.TextLength + 1 + name.Length;
        return Names.OnDisk($"trusted.gfid2path.{XxHash64.HashToUInt64(value[..length]):x16}")!;
    }

    private Errno MakePrefixes(Gfid gfid)
    {
        Span<byte> path = stackalloc byte[GfidPath.Size];
        for (var level = 1; level <= 2; level++)
        {
            GfidPath.WritePrefix(path, gfid, level);
            if (Sys.Mkdir(Root, path, HandleDirectoryMode) is var errno && errno is not (Errno.None or Errno.EEXIST))
                return errno;
        }

        return Errno.None;
    }

    private bool HandlePointsTo(ReadOnlySpan<byte> path, ReadOnlySpan<byte> target)
    {
        Span<byte> actual = stackalloc byte[GfidPath.TargetSize];
        return Sys.ReadLink(Root, path, actual, out var length) == Errno.None && actual[..length].SequenceEqual(target);
    }
}
