using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>
/// Renaming a directory: on the new name's hashed subvolume first, then on the others. All must be up, since a half-renamed tree is what nobody
/// can use; should a later step fail, the earlier ones are taken back as far as that goes.
/// </summary>
internal sealed class DirectoryRename(DistributeTranslator distribute)
{
    public async ValueTask<RenameReply> RenameAsync(FopContext ctx, RenameRequest request)
    {
        var old = await distribute.Names.FindAsync(ctx, request.Old, null);
        if (!old.Exists)
            return RenameReply.Failed(old.Errno);
        var @new = await distribute.Names.FindAsync(ctx, request.New, null);
        if (@new.Exists && !@new.IsDirectory)
            return RenameReply.Failed(Errno.ENOTDIR);
        if (!@new.Exists && @new.Errno is not (Errno.ENOENT or Errno.ESTALE))
            return RenameReply.Failed(@new.Errno);
        if (old.Hashed < 0 || @new.Hashed < 0)
            return RenameReply.Failed(Errno.EIO);
        for (var i = 0; i < distribute.Children.Count; i++)
        {
            if (!distribute.IsUp(i))
                return RenameReply.Failed(Errno.ENOTCONN);
        }

        await using var locks = new NameLocks(distribute, ctx);
        locks.Name(old.Hashed, request.Old.Parent!, request.Old.Name!);
        locks.Name(@new.Hashed, request.New.Parent!, request.New.Name!);
        if (await locks.TakeAsync() is not Errno.None and var errno)
            return RenameReply.Failed(errno);
        if (@new.Exists)
        {
            var occupied = await new DirectoryRemoval(distribute).CheckEmptyAsync(ctx, distribute.InodeOf(@new.Reply.Stat.Gfid), removeLinks: true);
            if (occupied != Errno.None)
                return RenameReply.Failed(occupied);
        }

        return await OnAllAsync(ctx, request, @new.Hashed, canTakeBack: !@new.Exists);
    }

    private async ValueTask<RenameReply> OnAllAsync(FopContext ctx, RenameRequest request, int first, bool canTakeBack)
    {
        var reply = await distribute.Children[first].RenameAsync(ctx, in request);
        if (reply.Errno != Errno.None)
            return reply;
        var done = new List<int> { first };
        for (var i = 0; i < distribute.Children.Count; i++)
        {
            if (i == first)
                continue;
            var renamed = await distribute.Children[i].RenameAsync(ctx, in request);
            if (renamed.Errno is Errno.None or Errno.ENOENT)
            {
                done.Add(i);
                continue;
            }

            DistributeLog.LeftOver(distribute.Logger, distribute.Name, "renaming", request.Old.ToString(), distribute.Children[i].Name, renamed.Errno);
            if (canTakeBack)
                await TakeBackAsync(ctx, request, done);
            return RenameReply.Failed(renamed.Errno);
        }

        return reply with { Stat = LayoutHeal.Merged(reply.Stat, reply.Stat) };
    }

    private async ValueTask TakeBackAsync(FopContext ctx, RenameRequest request, List<int> done)
    {
        foreach (var child in done)
        {
            var back = await distribute.Children[child].RenameAsync(ctx, new RenameRequest(request.New with { Inode = request.Old.Inode }, request.Old));
            if (back.Errno is not (Errno.None or Errno.ENOENT))
                DistributeLog.LeftOver(distribute.Logger, distribute.Name, "renaming back", request.New.ToString(), distribute.Children[child].Name, back.Errno);
        }
    }
}
