using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Attributes;

/// <summary>setxattr, removexattr and the same by fd. What clients may not change is refused or dropped as stock 10.3 does.</summary>
internal sealed class SetXattrFops(Brick brick, SpaceReserve space)
{
    public StatusReply Setxattr(FopContext ctx, in SetxattrRequest request)
    {
        var errno = space.Check(ctx, request.Xdata);
        if (errno != Errno.None)
            return StatusReply.Failed(errno);
        errno = brick.Resolve(request.Loc.Gfid, out var found);
        if (errno != Errno.None)
            return StatusReply.Failed(errno);
        using (found)
            return Set(ctx, in found, request.Values, request.Flags);
    }

    public StatusReply Fsetxattr(FopContext ctx, in FsetxattrRequest request)
    {
        var errno = space.Check(ctx, request.Xdata);
        if (errno != Errno.None)
            return StatusReply.Failed(errno);
        errno = brick.UseInode(request.Fd, out var found);
        if (errno != Errno.None)
            return StatusReply.Failed(errno);
        using (found)
            return Set(ctx, in found, request.Values, request.Flags);
    }

    public StatusReply Removexattr(FopContext ctx, in RemovexattrRequest request)
    {
        var errno = brick.Resolve(request.Loc.Gfid, out var found);
        if (errno != Errno.None)
            return StatusReply.Failed(errno);
        using (found)
            return Remove(ctx, in found, request.Name, request.Xdata);
    }

    public StatusReply Fremovexattr(FopContext ctx, in FremovexattrRequest request)
    {
        var errno = brick.UseInode(request.Fd, out var found);
        if (errno != Errno.None)
            return StatusReply.Failed(errno);
        using (found)
            return Remove(ctx, in found, request.Name, request.Xdata);
    }

    private StatusReply Set(FopContext ctx, in InodeRef found, Xdata values, SetxattrFlags flags)
    {
        var errno = brick.Stat(in found, out var pre);
        // A lookup found a file from before the time stamps were kept, and brings them in.
        if (errno == Errno.None && values.TryGet(XattrKeys.SetCtimeMdata, out var times) && times.Type == XdataType.Mdata)
            return new StatusReply(brick.MergeTimes(in found, new Mdata(times.AsMdata.Ctime, times.AsMdata.Mtime, times.AsMdata.Atime)));
        foreach (var (key, value) in values)
        {
            if (errno != Errno.None)
                break;
            errno = SetOne(in found, key, in value, flags);
        }

        Iatt post = default;
        if (errno == Errno.None)
            errno = brick.Stat(in found, out post);
        if (errno != Errno.None)
            return StatusReply.Failed(errno);
        brick.Touch(in found, ctx, ref post);
        return new StatusReply(Errno.None, Stats(in pre, in post));
    }

    private Errno SetOne(in InodeRef found, string key, in XdataValue value, SetxattrFlags flags)
    {
        if (XattrKeys.IsDropped(key) || key is XattrKeys.ForceReplace or "trusted.io-stats-dump" || key.StartsWith("glusterfs.ctx.", StringComparison.Ordinal))
            return Errno.None;
        if (XattrKeys.IsGfid2Path(key))
            return Errno.EOPNOTSUPP;
        if (key.Contains("glusterfs.pathinfo", StringComparison.Ordinal))
            return Errno.EACCES;
        if (XattrStore.ToDisk(in value) is not { } bytes)
            return Errno.EINVAL;
        if (key == XattrKeys.Mdata)
            return Mdata.TryRead(bytes, out var times) ? brick.MergeTimes(in found, in times) : Errno.EINVAL;
        if (!XattrNames.IsStored(key))
            return Errno.EOPNOTSUPP;
        return brick.Names.OnDisk(key) is { } name ? Sys.SetXattr(found.File, name, bytes, (int)flags) : Errno.ERANGE;
    }

    private StatusReply Remove(FopContext ctx, in InodeRef found, string name, Xdata? xdata)
    {
        if (XattrKeys.IsGfid2Path(name))
            return StatusReply.Failed(Errno.ENODATA);
        if (XattrKeys.IsDropped(name))
            return StatusReply.Failed(Errno.EPERM);
        var errno = brick.Stat(in found, out var pre);
        if (errno == Errno.None)
            errno = name.Length == 0 && xdata is not null ? RemoveAll(in found, xdata) : RemoveOne(in found, name);
        Iatt post = default;
        if (errno == Errno.None)
            errno = brick.Stat(in found, out post);
        if (errno != Errno.None)
            return StatusReply.Failed(errno);
        brick.Touch(in found, ctx, ref post);
        return new StatusReply(Errno.None, Stats(in pre, in post));
    }

    /// <summary>Between gluster's own processes: an empty name removes all keys of xdata; those that are not there are no error.</summary>
    private Errno RemoveAll(in InodeRef found, Xdata xdata)
    {
        foreach (var (key, _) in xdata)
        {
            if (XattrKeys.IsDropped(key))
                return Errno.EPERM;
        }

        foreach (var (key, _) in xdata)
        {
            var errno = RemoveOne(in found, key);
            if (errno is not (Errno.None or Errno.ENODATA))
                return errno;
        }

        return Errno.None;
    }

    private Errno RemoveOne(in InodeRef found, string key)
    {
        if (!XattrNames.IsStored(key))
            return Errno.EOPNOTSUPP;
        if (brick.Names.OnDisk(key) is not { } name)
            return Errno.ERANGE;
        if (key != XattrKeys.Mdata)
            return Sys.RemoveXattr(found.File, name);
        lock (found.Inode.Gate)
        {
            found.Inode.ForgetTimes();
            return Sys.RemoveXattr(found.File, name);
        }
    }

    private static Xdata Stats(in Iatt pre, in Iatt post) => new()
    {
        [XattrKeys.StatInXdata] = XdataValue.Iatt(post),
        [XattrKeys.PreStat] = XdataValue.Iatt(pre),
        [XattrKeys.PostStat] = XdataValue.Iatt(post),
    };
}
