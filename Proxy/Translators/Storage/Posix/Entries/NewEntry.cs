using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Entries;

/// <summary>
/// What all creations share, in the order of stock bricks: the name, then owner and mode, the names attribute, attributes out of xdata, the
/// gfid, the handle, the time stamps. A crash in between leaves a name without a gfid or handle; the next lookup by name completes
/// it. gluster-translators section 11.2.
/// </summary>
internal sealed class NewEntry(Brick brick)
{
    private const uint PermissionBits = 0xfff;
    private const uint SetGidBit = 0x400; // S_ISGID

    /// <summary>The gfid the creator chose. EINVAL without one.</summary>
    public static Errno RequestedGfid(Xdata? xdata, out Gfid gfid)
    {
        gfid = default;
        return xdata is not null && xdata.TryGet(XattrKeys.GfidRequest, out var value) && value.TryGetGfid(out gfid) && !gfid.IsNull && !gfid.IsRoot
            ? Errno.None
            : Errno.EINVAL;
    }

    /// <summary>The group of what is made in a directory: the directory's own if it is set-gid.</summary>
    public static uint GroupIn(in Iatt parent, FopContext ctx) => (parent.Mode & SetGidBit) != 0 ? parent.Gid : ctx.Caller.Gid;

    /// <summary>A directory made in a set-gid one is set-gid as well.</summary>
    public static uint DirectoryModeIn(in Iatt parent, uint mode) => (mode & PermissionBits) | (parent.Mode & SetGidBit);

    /// <summary>
    /// Makes a name that was just created, and that <paramref name="file"/> names, a part of the volume. On failure the caller removes the
    /// name; the handle, if it was made, is removed here.
    /// </summary>
    /// <param name="ctx">Its caller becomes the owner.</param>
    /// <param name="parent">Where it lies.</param>
    /// <param name="parentStat">The parent's attributes.</param>
    /// <param name="name">Its name.</param>
    /// <param name="file">A handle of it.</param>
    /// <param name="gfid">Its gfid.</param>
    /// <param name="mode">The permission bits it is to have; null for a link.</param>
    /// <param name="xdata">Attributes to store with it, among other keys.</param>
    /// <param name="inode">What the brick remembers of it; the caller becomes a user.</param>
    /// <param name="stat">Its attributes.</param>
    public Errno Complete(
        FopContext ctx, in InodeRef parent, in Iatt parentStat, ReadOnlySpan<byte> name, FileHandle file, Gfid gfid, uint? mode, Xdata? xdata,
        out PosixInode? inode, out Iatt stat)
    {
        inode = null;
        stat = default;
        var errno = Sys.Stat(file, out var raw);
        if (errno != Errno.None)
            return errno;
        var isDirectory = raw.IsDirectory;
        errno = SetOwnerAndMode(file, in raw, ctx.Caller.Uid, GroupIn(in parentStat, ctx), mode);
        if (errno != Errno.None)
            return errno;
        if (!isDirectory)
            Report("storing the name", gfid, brick.AddPath(file, parent.Gfid, name));
        StoreAttributes(file, gfid, xdata);
        errno = SetGfid(file, gfid);
        if (errno != Errno.None)
            return errno;
        errno = isDirectory ? brick.PointHandle(gfid, parent.Gfid, name) : brick.LinkHandle(parent.File, name, gfid);
        if (errno != Errno.None)
            return errno;

        inode = brick.Inodes.Acquire(gfid);
        lock (inode.Gate)
        {
            // An inode of that gfid that is remembered from before is another file: it was removed, or healed away.
            inode.ForgetTimes();
            inode.HandleSeen = true;
            brick.Inodes.DropCached(inode);
        }

        var made = new InodeRef(inode, file, null);
        errno = brick.Stat(in made, out stat);
        if (errno == Errno.None)
        {
            brick.Touch(in made, ctx, ref stat);
            return Errno.None;
        }

        brick.Inodes.Release(inode);
        inode = null;
        brick.RemoveHandle(gfid);
        return errno;
    }

    /// <summary>Sets the gfid of a file that has none. One that is there already stays (EEXIST is success only when it is the same).</summary>
    public Errno SetGfid(FileHandle file, Gfid gfid)
    {
        Span<byte> value = stackalloc byte[Gfid.Size];
        gfid.Write(value);
        var errno = Sys.SetXattr(file, brick.Names.Gfid, value, Sys.XATTR_CREATE);
        return errno == Errno.EEXIST && brick.ReadGfid(file, out var there) == Errno.None && there == gfid ? Errno.None : errno;
    }

    /// <summary>
    /// Whether the parent still has the layout that the creator saw: DHT names an attribute of the parent and the value it expects there.
    /// EIO with a note in <paramref name="answer"/> when it has changed.
    /// </summary>
    /// <param name="parent">The parent directory.</param>
    /// <param name="xdata">The request's.</param>
    /// <param name="remaining">Xdata without the two keys, which are not attributes of the new entry.</param>
    /// <param name="answer">For the reply.</param>
    public Errno CheckLayout(in InodeRef parent, Xdata? xdata, out Xdata? remaining, out Xdata? answer)
    {
        remaining = xdata;
        answer = null;
        if (xdata is null || !xdata.TryGet(XattrKeys.PreopParentKey, out var named) || named.AsText() is not { } key)
            return Errno.None;
        remaining = xdata.Copy();
        remaining.Remove(XattrKeys.PreopParentKey);
        if (!xdata.TryGet(key, out var expected) || XattrStore.ToDisk(in expected) is not { } wanted)
            return Errno.None;
        remaining.Remove(key);
        var errno = brick.Names.OnDisk(key) is { } name ? XattrStore.Read(parent.File, name, out var actual) : Fail(out actual);
        if (errno == Errno.None && actual.AsSpan().SequenceEqual(wanted))
            return Errno.None;
        answer = new Xdata { [XattrKeys.PreopCheckFailed] = XdataValue.Int(1) };
        return errno == Errno.None ? Errno.EIO : errno;

        static Errno Fail(out byte[] value)
        {
            value = [];
            return Errno.ENODATA;
        }
    }

    private Errno SetOwnerAndMode(FileHandle file, in StatxBuffer raw, uint uid, uint gid, uint? mode)
    {
        if (raw.Uid != uid || raw.Gid != gid)
        {
            var errno = Sys.Chown(file, uid, gid);
            // Without privileges every file is the brick's own.
            if (errno != Errno.None && !(errno == Errno.EPERM && brick.Names.Namespace == XattrNamespace.User))
                return errno;
        }

        // The process's umask may have taken bits away, and a change of owner takes set-uid and set-gid.
        return mode is { } wanted && ((raw.Mode & PermissionBits) != (wanted & PermissionBits) || (wanted & 0xe00) != 0)
            ? Sys.Chmod(file, wanted & PermissionBits)
            : Errno.None;
    }

    private void StoreAttributes(FileHandle file, Gfid gfid, Xdata? xdata)
    {
        foreach (var (key, value) in xdata ?? [])
        {
            if (XattrKeys.IsStoredAtCreation(key) && brick.Names.OnDisk(key) is { } name && XattrStore.ToDisk(in value) is { } bytes)
                Report("storing an attribute", gfid, Sys.SetXattr(file, name, bytes, Sys.XATTR_CREATE));
        }
    }

    /// <summary>Failures that, as in stock, do not fail the creation.</summary>
    private void Report(string what, Gfid gfid, Errno errno)
    {
        if (errno is not (Errno.None or Errno.EEXIST))
            PosixLog.OperationFailed(brick.Logger, brick.Path, what, gfid, errno);
    }
}
