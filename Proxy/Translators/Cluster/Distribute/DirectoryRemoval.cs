using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>
/// Removing a directory: it must be empty everywhere but for link files left over, which are removed; then it goes from all subvolumes, from the
/// hashed one last, since that one decides whether it exists. gluster-translators section 5.3.
/// </summary>
internal sealed class DirectoryRemoval(DistributeTranslator distribute)
{
    private const int ListingBytes = 4096;

    public async ValueTask<PrePostReply> RemoveAsync(FopContext ctx, RmdirRequest request)
    {
        var found = await distribute.Names.FindAsync(ctx, request.Loc, null);
        if (!found.Exists)
            return PrePostReply.Failed(found.Errno);
        if (!found.IsDirectory)
            return PrePostReply.Failed(Errno.ENOTDIR);
        if (found.Hashed < 0)
            return PrePostReply.Failed(Errno.EIO);
        var directory = distribute.InodeOf(found.Reply.Stat.Gfid);
        if (request.Flags == 0 && await CheckEmptyAsync(ctx, directory, removeLinks: true) is not Errno.None and var occupied)
            return PrePostReply.Failed(occupied);

        await using var locks = new NameLocks(distribute, ctx);
        locks.Name(found.Hashed, request.Loc.Parent!, request.Loc.Name!);
        if (await locks.TakeAsync() is not Errno.None and var errno)
            return PrePostReply.Failed(errno);

        var pending = new Task<PrePostReply>?[distribute.Children.Count];
        for (var i = 0; i < pending.Length; i++)
            pending[i] = i == found.Hashed ? null : distribute.Children[i].RmdirAsync(ctx, in request).AsTask();
        var removed = new List<int>();
        var failed = Errno.None;
        for (var i = 0; i < pending.Length; i++)
        {
            if (pending[i] is not { } awaited)
                continue;
            var reply = await awaited;
            if (reply.Errno == Errno.None)
                removed.Add(i);
            else if (reply.Errno is not (Errno.ENOENT or Errno.ESTALE))
                failed = reply.Errno;
        }

        var last = failed == Errno.None ? await distribute.Children[found.Hashed].RmdirAsync(ctx, in request) : PrePostReply.Failed(failed);
        if (last.Errno != Errno.None && removed.Count > 0)
            await PutBackAsync(ctx, request.Loc, found.Reply.Stat, removed);
        return last.Errno == Errno.None
            ? last with { Pre = LayoutHeal.Merged(last.Pre, last.Pre), Post = LayoutHeal.Merged(last.Post, last.Post) }
            : last;
    }

    /// <summary>Whether a directory holds nothing but its own names on any subvolume; ENOTEMPTY, or why it cannot be told.</summary>
    /// <param name="removeLinks">Whether link files that point nowhere useful are removed on the way; without it they count as nothing.</param>
    public async ValueTask<Errno> CheckEmptyAsync(FopContext ctx, Inode directory, bool removeLinks)
    {
        for (var i = 0; i < distribute.Children.Count; i++)
        {
            var errno = await CheckEmptyAtAsync(ctx, i, directory, removeLinks);
            if (errno != Errno.None)
                return errno;
        }

        return Errno.None;
    }

    private async ValueTask<Errno> CheckEmptyAtAsync(FopContext ctx, int child, Inode directory, bool removeLinks)
    {
        var subvolume = distribute.Children[child];
        var fd = new Fd(directory, OpenFlags.Directory);
        var opened = await subvolume.OpendirAsync(ctx, new OpendirRequest(Loc.Of(directory), fd, DistributeKeys.ForListing(null)));
        if (opened.Errno is Errno.ENOENT or Errno.ESTALE)
            return Errno.None;
        if (opened.Errno != Errno.None)
            return opened.Errno;
        var errno = Errno.None;
        for (ulong offset = 0; errno == Errno.None;)
        {
            var listed = await subvolume.ReaddirpAsync(ctx, new ReaddirpRequest(fd, offset, ListingBytes, DistributeKeys.ForListing(null)));
            errno = listed.Errno;
            if (errno != Errno.None || listed.Entries is not { Count: > 0 } entries)
                break;
            foreach (var entry in entries)
            {
                if (entry.Name is "." or "..")
                    continue;
                errno = Linkto.TargetOf(entry.Stat, entry.Xdata) is null ? Errno.ENOTEMPTY
                    : await IsInUseAsync(ctx, directory, entry) ? Errno.ENOTEMPTY
                    : removeLinks ? await RemoveLinkAsync(ctx, child, directory, entry)
                    : Errno.None;
                if (errno != Errno.None)
                    break;
            }

            offset = entries[^1].Offset;
        }

        await subvolume.ReleasedirAsync(ctx, new ReleasedirRequest(fd));
        return errno;
    }

    /// <summary>Whether the file that a link file stands for is there, or may be.</summary>
    private async ValueTask<bool> IsInUseAsync(FopContext ctx, Inode directory, DirectoryEntry entry)
    {
        var target = distribute.IndexOf(Linkto.TargetOf(entry.Stat, entry.Xdata)!);
        if (target < 0)
            return false;
        var reply = await distribute.Children[target].LookupAsync(
            ctx, new LookupRequest(new Loc(null, directory, entry.Name, entry.Name), DistributeKeys.ForLookup(null, isRoot: false)));
        return reply.Errno switch
        {
            Errno.None => Linkto.TargetOf(reply.Stat, reply.Xdata) is null,
            Errno.ENOENT or Errno.ESTALE => false,
            _ => true,
        };
    }

    private async ValueTask<Errno> RemoveLinkAsync(FopContext ctx, int child, Inode directory, DirectoryEntry entry)
    {
        var loc = new Loc(distribute.InodeOf(entry.Stat.Gfid), directory, entry.Name, entry.Name);
        var removed = await distribute.Children[child].UnlinkAsync(
            DistributeTranslator.InternalContext(in ctx), new UnlinkRequest(loc, Xdata: DistributeKeys.Internal()));
        return removed.Errno is Errno.ENOENT or Errno.ESTALE ? Errno.None : removed.Errno;
    }

    /// <summary>It could not be removed everywhere: where it is gone already it is made again, or the directory would be half there.</summary>
    private async ValueTask PutBackAsync(FopContext ctx, Loc loc, Iatt stat, List<int> removed)
    {
        var context = DistributeTranslator.InternalContext(in ctx);
        var directory = distribute.InodeOf(stat.Gfid);
        var layout = distribute.Known(directory)?.Layout;
        foreach (var child in removed)
        {
            var made = await distribute.Children[child].MkdirAsync(context, new MkdirRequest(
                loc with { Inode = directory }, stat.Permissions, Xdata: new Xdata { [DistributeKeys.GfidRequest] = XdataValue.Gfid(stat.Gfid) }));
            if (made.Errno is not (Errno.None or Errno.EEXIST))
            {
                DistributeLog.NotHealed(distribute.Logger, distribute.Name, loc.ToString(), distribute.Children[child].Name, made.Errno);
                continue;
            }

            await distribute.Children[child].SetattrAsync(context, new SetattrRequest(Loc.Of(directory), stat, SetattrFields.Uid | SetattrFields.Gid | SetattrFields.Mode));
            if (layout?.Ranges[child] is { } range)
            {
                await distribute.Children[child].SetxattrAsync(context, new SetxattrRequest(
                    Loc.Of(directory), new Xdata { [DistributeKeys.Layout] = XdataValue.Bytes(range.ToBytes()) }, Xdata: DistributeKeys.Internal()));
            }
        }
    }
}
