using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>Names of files that are there: one more, or one less. Where data and name belong to different subvolumes a link file comes or goes with it.</summary>
internal sealed class LinkAndUnlink(DistributeTranslator distribute)
{
    public async ValueTask<EntryReply> LinkAsync(FopContext ctx, LinkRequest request)
    {
        var (cached, unknown) = await distribute.Names.CachedAsync(ctx, request.Old.Inode!);
        if (cached < 0)
            return EntryReply.Failed(unknown);
        var (hashed, _, errno) = await new NewEntries(distribute).ChooseAsync(ctx, request.New, attempt: 1);
        if (hashed < 0)
            return EntryReply.Failed(errno);
        if (hashed == cached)
            return await distribute.Children[cached].LinkAsync(ctx, in request);

        var place = request.New with { Inode = request.Old.Inode };
        var made = await distribute.Children[hashed].MknodAsync(DistributeTranslator.InternalContext(in ctx), new MknodRequest(
            place, Linkto.Mode, Xdata: DistributeKeys.ForLinkto(distribute.Children[cached].Name, request.Old.Gfid, replace: false)));
        if (made.Errno != Errno.None)
            return made;
        var reply = await distribute.Children[cached].LinkAsync(ctx, in request);
        if (reply.Errno == Errno.None)
            await distribute.Names.GiveOwnerAsync(ctx, hashed, reply.Stat);
        else
            await RemoveAsync(ctx, hashed, place, "taking the new link file back");
        return reply;
    }

    public async ValueTask<PrePostReply> UnlinkAsync(FopContext ctx, UnlinkRequest request)
    {
        var found = await distribute.Names.FindAsync(ctx, request.Loc, null);
        if (!found.Exists)
            return PrePostReply.Failed(found.Errno);
        if (found.IsDirectory)
            return PrePostReply.Failed(Errno.EISDIR);
        // The data first: a link file that points nowhere is harmless, data that no name leads to is lost space.
        var reply = await distribute.Children[found.Cached].UnlinkAsync(ctx, in request);
        if (reply.Errno == Errno.None && found.HasLinkto && found.Hashed != found.Cached)
            await RemoveAsync(ctx, found.Hashed, request.Loc, "removing the link file");
        return reply;
    }

    /// <summary>Removes one subvolume's file of a name, on distribution's own account. A failure is logged and left to a later lookup.</summary>
    public async ValueTask RemoveAsync(FopContext ctx, int child, Loc loc, string what, Xdata? xdata = null)
    {
        var removed = await distribute.Children[child].UnlinkAsync(
            DistributeTranslator.InternalContext(in ctx), new UnlinkRequest(loc, Xdata: xdata ?? DistributeKeys.InternalUnaccounted()));
        if (removed.Errno is not (Errno.None or Errno.ENOENT or Errno.ESTALE))
            DistributeLog.LeftOver(distribute.Logger, distribute.Name, what, loc.ToString(), distribute.Children[child].Name, removed.Errno);
    }
}
