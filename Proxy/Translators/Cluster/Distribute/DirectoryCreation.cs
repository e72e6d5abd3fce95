using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>
/// A new directory: on the hashed subvolume first, whose EEXIST decides; then on the others with the same gfid; then its layout on all.
/// gluster-translators section 5.3.
/// </summary>
internal sealed class DirectoryCreation(DistributeTranslator distribute, SubvolumeSizes sizes)
{
    private const int Attempts = 3;

    private static readonly byte[] IsMds = new byte[4];

    public async ValueTask<EntryReply> CreateAsync(FopContext ctx, MkdirRequest request)
    {
        var choice = new NewEntries(distribute);
        for (var attempt = 1; ; attempt++)
        {
            var (hashed, range, errno) = await choice.ChooseAsync(ctx, request.Loc, attempt);
            if (hashed < 0)
                return EntryReply.Failed(errno);
            var weights = await sizes.GetAsync(ctx);
            var reply = await OnAllAsync(ctx, request, hashed, range, weights);
            if (attempt < Attempts && NewEntries.LayoutChanged(reply.Errno, reply.Xdata))
                continue;
            if (reply.Errno == Errno.None)
                await LayOutAsync(ctx, request.Loc, reply.Stat.Gfid, hashed, weights);
            return reply;
        }
    }

    private async ValueTask<EntryReply> OnAllAsync(FopContext ctx, MkdirRequest request, int hashed, LayoutRange parentRange, ulong[] weights)
    {
        await using var locks = new NameLocks(distribute, ctx);
        locks.Name(hashed, request.Loc.Parent!, request.Loc.Name!);
        if (await locks.TakeAsync() is not Errno.None and var errno)
            return EntryReply.Failed(errno);

        var first = new Xdata { [DistributeKeys.Mds] = XdataValue.Bytes(IsMds) };
        foreach (var (key, value) in DistributeKeys.WithParentLayout(request.Xdata, parentRange))
            first[key] = value;
        var reply = await distribute.Children[hashed].MkdirAsync(ctx, request with { Xdata = first });
        if (reply.Errno != Errno.None)
            return reply;

        var pending = new Task<EntryReply>?[distribute.Children.Count];
        for (var i = 0; i < pending.Length; i++)
            pending[i] = i == hashed ? null : distribute.Children[i].MkdirAsync(ctx, in request).AsTask();
        var (preParent, postParent) = (reply.PreParent, reply.PostParent);
        for (var i = 0; i < pending.Length; i++)
        {
            if (pending[i] is not { } awaited)
                continue;
            var made = await awaited;
            if (made.Errno is Errno.None)
            {
                preParent = LayoutHeal.Merged(preParent, made.PreParent);
                postParent = LayoutHeal.Merged(postParent, made.PostParent);
            }
            else if (made.Errno != Errno.EEXIST)
            {
                // It gets no range there; a lookup with all bricks up makes it later.
                weights[i] = 0;
                DistributeLog.LeftOver(distribute.Logger, distribute.Name, "mkdir", request.Loc.ToString(), distribute.Children[i].Name, made.Errno);
            }
        }

        return reply with { Stat = LayoutHeal.Merged(reply.Stat, reply.Stat), PreParent = preParent, PostParent = postParent };
    }

    private async ValueTask LayOutAsync(FopContext ctx, Loc loc, Gfid gfid, int hashed, ulong[] weights)
    {
        if (weights[hashed] == 0)
            weights[hashed] = 1;
        var directory = distribute.InodeOf(gfid);
        var path = PathOf(loc);
        var layout = distribute.Heal.NewLayout(weights, path, gfid, distribute.VolumeCommitHash ?? 0);
        // A subvolume without the directory cannot store its range.
        layout = new DirectoryLayout([.. layout.Ranges.Select((range, i) => weights[i] == 0 ? null : range)]);
        var internalContext = DistributeTranslator.InternalContext(in ctx);
        await using var locks = new NameLocks(distribute, internalContext);
        locks.Inode(hashed, directory, DistributeKeys.LayoutDomain, LkType.Write);
        if (await locks.TakeAsync() is not Errno.None and var errno)
        {
            DistributeLog.NotHealed(distribute.Logger, distribute.Name, path, distribute.Children[hashed].Name, errno);
            return;
        }

        distribute.Remember(gfid, await distribute.Heal.WriteAsync(internalContext, directory, layout, path));
    }

    /// <summary>The path as clients see it decides where the layout begins.</summary>
    private static string PathOf(Loc loc) => loc.Path.StartsWith('/') ? loc.Path : loc.Parent!.Gfid.IsRoot ? "/" + loc.Name : $"<gfid:{loc.ParentGfid}>/{loc.Name}";
}
