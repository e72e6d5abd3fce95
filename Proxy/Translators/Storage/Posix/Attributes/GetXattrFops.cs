using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Attributes;

/// <summary>getxattr and fgetxattr: stored attributes, but for GlusterFS's own, and the few that the brick computes.</summary>
internal sealed class GetXattrFops(Brick brick, XattrQuery query)
{
    private const string PathSeparator = ":";

    public XattrReply Getxattr(FopContext ctx, in GetxattrRequest request)
    {
        var errno = brick.Resolve(request.Loc.Gfid, out var found);
        if (errno != Errno.None)
            return XattrReply.Failed(errno);
        using (found)
            return Get(ctx, in found, request.Name, request.Xdata);
    }

    public XattrReply Fgetxattr(FopContext ctx, in FgetxattrRequest request)
    {
        var errno = brick.UseInode(request.Fd, out var found);
        if (errno != Errno.None)
            return XattrReply.Failed(errno);
        using (found)
            return Get(ctx, in found, request.Name, request.Xdata);
    }

    private XattrReply Get(FopContext ctx, in InodeRef found, string? name, Xdata? xdata)
    {
        var values = new Xdata();
        var errno = string.IsNullOrEmpty(name) ? All(values, in found, ctx.Caller.Pid) : One(values, in found, name, ctx.Caller.Pid);
        if (errno != Errno.None)
            return XattrReply.Failed(errno);
        if (xdata is null || xdata.Count == 0)
            return new XattrReply(Errno.None, values);
        errno = brick.Stat(in found, out var stat);
        return errno == Errno.None ? new XattrReply(Errno.None, values, query.Answer(xdata, in found, in stat)) : XattrReply.Failed(errno);
    }

    private Errno All(Xdata values, in InodeRef found, int pid)
    {
        var errno = XattrStore.List(found.File, brick.Names, out var names);
        foreach (var name in names)
        {
            if (!XattrKeys.IsDropped(name) && !XattrKeys.IsHidden(name, pid) && brick.Names.OnDisk(name) is { } stored
                && XattrStore.Read(found.File, stored, out var value) == Errno.None)
                values[name] = XdataValue.Bytes(value);
        }

        return errno;
    }

    private Errno One(Xdata values, in InodeRef found, string name, int pid)
    {
        if (XattrKeys.IsHidden(name, pid))
            return Errno.ENODATA;
        switch (name)
        {
            case XattrKeys.OpenFdCount:
                values[name] = XdataValue.UInt(found.Inode.OpenFds > 0 ? 1u : 0);
                return Errno.None;
            case XattrKeys.PathInfo:
                values[name] = XdataValue.String($"<POSIX({brick.Path}):{Environment.MachineName}:{brick.Path}/{HandleText(found.Gfid)}>");
                return Errno.None;
            case XattrKeys.GfidToPath:
                return Paths(values, in found, name);
        }

        if (!XattrNames.IsStored(name))
            return Errno.EOPNOTSUPP;
        if (brick.Names.OnDisk(name) is not { } stored)
            return Errno.ERANGE;
        var errno = XattrStore.Read(found.File, stored, out var value);
        if (errno != Errno.None)
            return errno;
        // Reading them succeeds and shows nothing, as in stock.
        if (!XattrKeys.IsDropped(name))
            values[name] = XdataValue.Bytes(value);
        return Errno.None;
    }

    /// <summary>All names of a file, as paths from the root of the brick.</summary>
    private Errno Paths(Xdata values, in InodeRef found, string key)
    {
        if (!brick.Options.Gfid2Path)
            return Errno.ENODATA;
        var errno = XattrStore.List(found.File, brick.Names, out var names);
        if (errno != Errno.None)
            return errno;
        List<string> paths = [];
        foreach (var name in names)
        {
            if (XattrKeys.IsGfid2Path(name) && XattrStore.Read(found.File, brick.Names.OnDisk(name)!, out var value) == Errno.None
                && value.Length > GfidPath.TextLength + 1 && GfidPath.TryReadText(value.AsSpan(0, GfidPath.TextLength), out var parent)
                && brick.PathOf(parent) is { } directory)
                paths.Add(directory + "/" + ByteText.Decode(value.AsSpan(GfidPath.TextLength + 1)));
        }

        if (paths.Count == 0)
            return Errno.ENODATA;
        values[key] = XdataValue.String(string.Join(PathSeparator, paths));
        return Errno.None;
    }

    private static string HandleText(Gfid gfid)
    {
        Span<byte> path = stackalloc byte[GfidPath.Size];
        return ByteText.Decode(path[..GfidPath.Write(path, gfid)]);
    }
}
