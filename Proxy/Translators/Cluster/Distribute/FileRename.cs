using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>
/// Renaming a file. Its data stays where it is; what changes is on which subvolumes its names and link files are. The step that decides is one
/// RENAME on one brick; before it nothing that exists has changed, after it only leftovers are removed. The order is that of stock clients.
/// </summary>
/// <remarks>
/// S has the data, Hs is the subvolume of the old name, H that of the new name, D has the data of a file that is overwritten.
/// S = D, or H = S:  RENAME on S; before it the new name's old link file goes, after it the new name gets its link file on H, the overwritten data
///                   goes from D.
/// else:             the old name gets a link file on H, the data a hard link with the new name on S; RENAME on H replaces whatever the new name
///                   was there; then the old name goes from S, and the overwritten data from D.
/// </remarks>
internal sealed class FileRename(DistributeTranslator distribute)
{
    private const int Attempts = 5;

    public async ValueTask<RenameReply> RenameAsync(FopContext ctx, RenameRequest request)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (before, errno) = await PlanAsync(ctx, request);
            if (errno != Errno.None)
                return RenameReply.Failed(errno);
            await using var locks = new NameLocks(distribute, ctx);
            locks.Inode(before.Source, before.File, DistributeKeys.MigrateDomain, LkType.Write);
            if (before.Replaced is { } replaced)
                locks.Inode(before.ReplacedAt, replaced, DistributeKeys.MigrateDomain, LkType.Write);
            locks.Name(before.OldHashed, request.Old.Parent!, request.Old.Name!);
            locks.Name(before.NewHashed, request.New.Parent!, request.New.Name!);
            errno = await locks.TakeAsync();
            if (errno != Errno.None)
                return RenameReply.Failed(errno);

            // What was seen before the locks may not be so any more.
            var (now, changed) = await PlanAsync(ctx, request);
            if (changed != Errno.None)
                return RenameReply.Failed(changed);
            if (now != before && attempt < Attempts)
                continue;
            if (now != before)
                return RenameReply.Failed(Errno.EBUSY);
            if (now.Replaced is not null && ReferenceEquals(now.Replaced, now.File))
                return new(Errno.None, now.Stat); // both names are the same file: rename(2) does nothing
            return now.IsInPlace ? await InPlaceAsync(ctx, request, now) : await OverLinkAsync(ctx, request, now);
        }
    }

    private async ValueTask<(Plan Plan, Errno Errno)> PlanAsync(FopContext ctx, RenameRequest request)
    {
        var old = await distribute.Names.FindAsync(ctx, request.Old, null);
        if (!old.Exists)
            return (default, old.Errno);
        var @new = await distribute.Names.FindAsync(ctx, request.New, null);
        if (!@new.Exists && @new.Errno is not (Errno.ENOENT or Errno.ESTALE))
            return (default, @new.Errno);
        if (@new.IsDirectory)
            return (default, Errno.EISDIR);
        if (old.Hashed < 0 || @new.Hashed < 0)
            return (default, Errno.EIO);
        return (new Plan(
            distribute.InodeOf(old.Reply.Stat.Gfid), old.Cached, old.Hashed, old.HasLinkto, @new.Hashed,
            @new.Exists ? distribute.InodeOf(@new.Reply.Stat.Gfid) : null, @new.Cached, @new.HasLinkto)
        { Stat = old.Reply.Stat }, Errno.None);
    }

    private async ValueTask<RenameReply> InPlaceAsync(FopContext ctx, RenameRequest request, Plan plan)
    {
        var links = new LinkAndUnlink(distribute);
        var target = request.New with { Inode = plan.File };
        if (plan.ReplacedAt == plan.Source && plan.NewHasLinkto)
            await links.RemoveAsync(ctx, plan.NewHashed, request.New, "removing the overwritten file's link file");
        var hinted = request with { Xdata = Xdata.With(request.Xdata, DistributeKeys.RenameHint, DistributeKeys.RenameHintOf(request.Old, request.New)) };
        var reply = await distribute.Children[plan.Source].RenameAsync(ctx, in hinted);
        if (reply.Errno != Errno.None)
        {
            // Nothing was renamed: the new name is still the old file's.
            if (plan.Replaced is { } kept && plan.ReplacedAt == plan.Source && plan.NewHasLinkto)
                await MakeLinktoAsync(ctx, request.New with { Inode = kept }, plan.NewHashed, plan.Source, plan.Stat with { Gfid = kept.Gfid });
            return reply;
        }

        if (plan.NewHashed != plan.Source)
            await MakeLinktoAsync(ctx, target, plan.NewHashed, plan.Source, reply.Stat);
        if (plan.OldHasLinkto && plan.OldHashed != plan.Source)
            await links.RemoveAsync(ctx, plan.OldHashed, request.Old, "removing the old name's link file");
        if (plan.Replaced is not null && plan.ReplacedAt != plan.Source)
            await links.RemoveAsync(ctx, plan.ReplacedAt, request.New, "removing the overwritten file", DistributeKeys.Internal());
        return reply;
    }

    private async ValueTask<RenameReply> OverLinkAsync(FopContext ctx, RenameRequest request, Plan plan)
    {
        var links = new LinkAndUnlink(distribute);
        var madeLinkto = false;
        var old = request.Old with { Inode = plan.File };
        var @new = request.New with { Inode = plan.File };
        if (plan.NewHashed != plan.OldHashed || !plan.OldHasLinkto)
        {
            var made = await distribute.Names.MakeLinktoAsync(ctx, old, plan.NewHashed, plan.Source, plan.Stat, replace: true);
            if (made.Errno != Errno.None)
                return RenameReply.Failed(made.Errno);
            madeLinkto = true;
        }

        var source = distribute.Children[plan.Source];
        var linked = await source.LinkAsync(ctx, new LinkRequest(old, @new, DistributeKeys.ForRenameLink()));
        if (linked.Errno != Errno.None)
        {
            if (madeLinkto)
                await links.RemoveAsync(ctx, plan.NewHashed, old, "taking the link file back");
            return RenameReply.Failed(linked.Errno);
        }

        var reply = await distribute.Children[plan.NewHashed].RenameAsync(
            DistributeTranslator.InternalContext(in ctx), new RenameRequest(old, @new, new Xdata { [DistributeKeys.DontAccount] = XdataValue.String("yes") }));
        if (reply.Errno != Errno.None)
        {
            // A brick that went away in between may have renamed: then the hard link is what its link file will lead to, and must stay.
            if (reply.Errno != Errno.ENOTCONN)
            {
                await links.RemoveAsync(ctx, plan.Source, @new, "taking the hard link back");
                if (madeLinkto)
                    await links.RemoveAsync(ctx, plan.NewHashed, old, "taking the link file back");
            }

            return reply;
        }

        var hint = DistributeKeys.InternalUnaccounted();
        hint[DistributeKeys.RenameHint] = DistributeKeys.RenameHintOf(request.Old, request.New);
        var removed = await source.UnlinkAsync(ctx, new UnlinkRequest(old, Xdata: hint));
        if (removed.Errno is not (Errno.None or Errno.ENOENT or Errno.ESTALE))
            DistributeLog.LeftOver(distribute.Logger, distribute.Name, "removing the old name", request.Old.ToString(), source.Name, removed.Errno);
        if (plan.OldHasLinkto && plan.OldHashed != plan.NewHashed && plan.OldHashed != plan.Source)
            await links.RemoveAsync(ctx, plan.OldHashed, request.Old, "removing the old name's link file");
        if (plan.Replaced is not null && plan.ReplacedAt != plan.NewHashed)
            await links.RemoveAsync(ctx, plan.ReplacedAt, request.New, "removing the overwritten file", DistributeKeys.Internal());
        // The brick answered with its link file's attributes; the file's are those of the hard link.
        return reply with { Stat = linked.Stat with { Nlink = plan.Stat.Nlink } };
    }

    private async ValueTask MakeLinktoAsync(FopContext ctx, Loc loc, int at, int target, Iatt file)
    {
        var made = await distribute.Names.MakeLinktoAsync(ctx, loc, at, target, file, replace: false);
        if (made.Errno != Errno.None)
            DistributeLog.LeftOver(distribute.Logger, distribute.Name, "making the link file", loc.ToString(), distribute.Children[at].Name, made.Errno);
    }

    /// <summary>Who has what; equal plans mean that nothing has changed.</summary>
    /// <param name="Source">S: has the data.</param>
    /// <param name="OldHashed">Hs: the old name's subvolume.</param>
    /// <param name="NewHashed">H: the new name's subvolume.</param>
    /// <param name="Replaced">The file that is overwritten, or null.</param>
    /// <param name="ReplacedAt">D: has the overwritten data; -1 for none.</param>
    private readonly record struct Plan(
        Inode File, int Source, int OldHashed, bool OldHasLinkto, int NewHashed, Inode? Replaced, int ReplacedAt, bool NewHasLinkto)
    {
        public Iatt Stat { get; init; }

        public bool IsInPlace => NewHashed == Source || (Replaced is not null && ReplacedAt == Source);

        public bool Equals(Plan other) =>
            (File, Source, OldHashed, OldHasLinkto, NewHashed, Replaced, ReplacedAt, NewHasLinkto)
            == (other.File, other.Source, other.OldHashed, other.OldHasLinkto, other.NewHashed, other.Replaced, other.ReplacedAt, other.NewHasLinkto);

        public override int GetHashCode() => HashCode.Combine(File, Source, NewHashed, ReplacedAt);
    }
}
