using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>
/// New files of every kind: they go to the subvolume that their name hashes to. The call carries the layout that the choice was made by; where a
/// rebalance has changed it meanwhile the brick refuses, the layout is read anew and the choice made once more.
/// </summary>
internal sealed class NewEntries(DistributeTranslator distribute)
{
    private const int Attempts = 3;

    public async ValueTask<CreateReply> CreateAsync(FopContext ctx, CreateRequest request)
    {
        // Without O_EXCL a file that is there is opened, wherever it is.
        if ((request.Flags & OpenFlags.Exclusive) == 0)
        {
            var found = await distribute.Names.FindAsync(ctx, request.Loc, null);
            if (found.Exists)
                return await OpenExistingAsync(ctx, request, found);
            if (found.Errno != Errno.ENOENT)
                return CreateReply.Failed(found.Errno);
        }

        for (var attempt = 1; ; attempt++)
        {
            var (hashed, range, errno) = await ChooseAsync(ctx, request.Loc, attempt);
            if (hashed < 0)
                return CreateReply.Failed(errno);
            var reply = await distribute.Children[hashed].CreateAsync(ctx, request with { Xdata = DistributeKeys.WithParentLayout(request.Xdata, range) });
            if (attempt < Attempts && LayoutChanged(reply.Errno, reply.Xdata))
                continue;
            if (reply.Errno == Errno.None)
                distribute.Remember(reply.Stat.Gfid, hashed);
            return reply;
        }
    }

    public async ValueTask<EntryReply> MknodAsync(FopContext ctx, MknodRequest request)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (hashed, range, errno) = await ChooseAsync(ctx, request.Loc, attempt);
            if (hashed < 0)
                return EntryReply.Failed(errno);
            var reply = await distribute.Children[hashed].MknodAsync(ctx, request with { Xdata = DistributeKeys.WithParentLayout(request.Xdata, range) });
            if (attempt < Attempts && LayoutChanged(reply.Errno, reply.Xdata))
                continue;
            if (reply.Errno == Errno.None)
                distribute.Remember(reply.Stat.Gfid, hashed);
            return reply;
        }
    }

    public async ValueTask<EntryReply> SymlinkAsync(FopContext ctx, SymlinkRequest request)
    {
        var (hashed, _, errno) = await ChooseAsync(ctx, request.Loc, attempt: 1);
        if (hashed < 0)
            return EntryReply.Failed(errno);
        var reply = await distribute.Children[hashed].SymlinkAsync(ctx, request);
        if (reply.Errno == Errno.None)
            distribute.Remember(reply.Stat.Gfid, hashed);
        return reply;
    }

    /// <summary>Whether a brick refused because the parent's layout is not the one that the call carried.</summary>
    public static bool LayoutChanged(Errno errno, Xdata? xdata) => errno != Errno.None && xdata is not null && xdata.Contains(DistributeKeys.PreopCheckFailed);

    /// <summary>The subvolume of a new name, and the parent's range there; -1 and the reason when there is none.</summary>
    public async ValueTask<(int Hashed, LayoutRange Range, Errno Errno)> ChooseAsync(FopContext ctx, Loc loc, int attempt)
    {
        var (layout, errno) = attempt == 1 ? await distribute.Names.LayoutAsync(ctx, loc.Parent!) : await distribute.Names.FreshLayoutAsync(ctx, loc.Parent!);
        if (layout is null)
            return (-1, default, errno);
        var hash = distribute.HashOf(loc.Name!);
        var hashed = layout.Find(hash);
        if (hashed >= 0)
            return (hashed, layout.Ranges[hashed]!.Value, Errno.None);
        if (attempt == 1)
            return await ChooseAsync(ctx, loc, attempt + 1);
        DistributeLog.Hole(distribute.Logger, distribute.Name, loc.Parent!.ToString(), hash.ToString("x8", System.Globalization.CultureInfo.InvariantCulture));
        return (-1, default, Errno.EIO);
    }

    private async ValueTask<CreateReply> OpenExistingAsync(FopContext ctx, CreateRequest request, FoundName found)
    {
        if (found.IsDirectory)
            return CreateReply.Failed(Errno.EISDIR);
        // The fd that the caller made belongs to the gfid it chose for a new file; one of another gfid cannot stand for this file.
        if (request.Fd.Inode.Gfid != found.Reply.Stat.Gfid)
            return CreateReply.Failed(Errno.EEXIST);
        var flags = request.Flags & ~(OpenFlags.Create | OpenFlags.Exclusive);
        var opened = await distribute.Children[found.Cached].OpenAsync(ctx, new OpenRequest(Loc.Of(request.Fd.Inode), request.Fd, flags));
        return opened.Errno == Errno.None
            ? new(Errno.None, found.Reply.Stat, PostParent: found.Reply.PostParent)
            : CreateReply.Failed(opened.Errno);
    }
}
