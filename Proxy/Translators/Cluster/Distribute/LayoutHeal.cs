using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>
/// What all subvolumes say of a directory, as one answer; and its mending: a subvolume that misses the directory gets it, a directory that nobody
/// laid out (the root of a new volume) gets a layout. Only while all subvolumes are up, and under the lock that stock clients take for it.
/// </summary>
internal sealed class LayoutHeal(DistributeTranslator distribute, SubvolumeSizes sizes)
{
    private const ulong DirectorySize = 4096; // as stock clients report every directory
    private const ulong DirectoryBlocks = 8;

    private const SetattrFields CopiedFields = SetattrFields.Mode | SetattrFields.Uid | SetattrFields.Gid;

    /// <summary>Merges, mends what can be mended, and remembers the layout.</summary>
    /// <param name="first">A subvolume that has the directory.</param>
    public async ValueTask<LookupReply> MergeAsync(FopContext ctx, LookupRequest request, LookupReply[] replies, int first)
    {
        var path = request.Loc.ToString();
        if (Conflict(replies, first, path))
            return LookupReply.Failed(Errno.EIO);
        var layout = LayoutOf(replies);
        if (replies.All(r => r.Errno is Errno.None or Errno.ENOENT or Errno.ESTALE) && NeedsHealing(replies, layout))
            (replies, layout) = await HealAsync(DistributeTranslator.InternalContext(in ctx), request, replies, first, path);
        distribute.Remember(replies[first].Stat.Gfid, layout);
        return Merged(replies, first);
    }

    /// <summary>A directory's attributes as one: its size is always the same, its times are the latest.</summary>
    public static Iatt Merged(Iatt one, Iatt other) => one with
    {
        Atime = Later(one.Atime, other.Atime),
        Mtime = Later(one.Mtime, other.Mtime),
        Ctime = Later(one.Ctime, other.Ctime),
        Size = DirectorySize,
        Blocks = DirectoryBlocks,
    };

    /// <summary>The layout for a new directory, or for one that has none.</summary>
    public DirectoryLayout NewLayout(IReadOnlyList<ulong> weights, string path, Gfid gfid, uint commitHash)
    {
        var order = Enumerable.Range(0, distribute.Children.Count).OrderBy(i => distribute.Children[i].Name, StringComparer.Ordinal).ToArray();
        var seed = ByteText.Encode(distribute.Options.RandomizeByGfid ? gfid.ToString() : path);
        return DirectoryLayout.New(weights, order, (int)(DistributeHash.OfBytes(seed) % (uint)order.Length), distribute.Options.LayoutSpread, commitHash);
    }

    /// <summary>Writes a layout to every subvolume it has a range for; answers the ranges that were written.</summary>
    public async ValueTask<DirectoryLayout> WriteAsync(FopContext ctx, Inode directory, DirectoryLayout layout, string path)
    {
        var context = DistributeTranslator.InternalContext(in ctx);
        var written = layout.Ranges.ToArray();
        var pending = new Task<StatusReply>?[written.Length];
        for (var i = 0; i < written.Length; i++)
        {
            if (written[i] is not { } range)
                continue;
            var values = new Xdata { [DistributeKeys.Layout] = XdataValue.Bytes(range.ToBytes()) };
            var xdata = new Xdata { [DistributeKeys.IattInXattr] = XdataValue.Int(1) };
            xdata[DistributeKeys.InternalFop] = XdataValue.String("yes");
            pending[i] = distribute.Children[i].SetxattrAsync(context, new SetxattrRequest(Loc.Of(directory), values, Xdata: xdata)).AsTask();
        }

        for (var i = 0; i < written.Length; i++)
        {
            if (pending[i] is not { } awaited || await awaited is not { Errno: not Errno.None } failed)
                continue;
            DistributeLog.NotHealed(distribute.Logger, distribute.Name, path, distribute.Children[i].Name, failed.Errno);
            written[i] = null;
        }

        return new DirectoryLayout(written);
    }

    private static bool NeedsHealing(LookupReply[] replies, DirectoryLayout layout) =>
        replies.Any(r => r.Errno != Errno.None) || !layout.IsComplete || layout.Ranges.Any(r => r is null);

    private static DirectoryLayout LayoutOf(LookupReply[] replies) => new(
        [.. replies.Select(r => r.Xdata is { } xdata && xdata.TryGetBytes(DistributeKeys.Layout, out var bytes) ? LayoutRange.Read(bytes) : null)]);

    private static LookupReply Merged(LookupReply[] replies, int first)
    {
        var reply = replies[first];
        var stat = Merged(reply.Stat, reply.Stat);
        foreach (var other in replies)
        {
            if (other.Errno == Errno.None)
                stat = Merged(stat, other.Stat);
        }

        return reply with { Stat = stat };
    }

    private static Timespec Later(Timespec one, Timespec other) => one > other ? one : other;

    private bool Conflict(LookupReply[] replies, int first, string path)
    {
        for (var i = 0; i < replies.Length; i++)
        {
            if (replies[i].Errno != Errno.None || replies[i].Stat.Gfid == replies[first].Stat.Gfid)
                continue;
            DistributeLog.GfidConflict(distribute.Logger, distribute.Name, path,
                replies[first].Stat.Gfid, distribute.Children[first].Name, replies[i].Stat.Gfid, distribute.Children[i].Name);
            return true;
        }

        return false;
    }

    private async ValueTask<(LookupReply[] Replies, DirectoryLayout Layout)> HealAsync(
        FopContext ctx, LookupRequest request, LookupReply[] replies, int first, string path)
    {
        var stat = replies[first].Stat;
        var directory = distribute.InodeOf(stat.Gfid);
        // A directory that is missing somewhere can only be made where its name is known.
        if (replies.Any(r => r.Errno != Errno.None))
        {
            if (request.Loc.Name is null)
                return (replies, LayoutOf(replies));
            await MakeMissingAsync(ctx, request.Loc, replies, stat, path);
        }

        await using var locks = new NameLocks(distribute, ctx);
        for (var i = 0; i < replies.Length; i++)
            locks.Inode(i, directory, DistributeKeys.LayoutDomain, LkType.Write);
        if (await locks.TakeAsync() != Errno.None)
            return (replies, LayoutOf(replies));

        // Somebody else may have been faster: what counts is what is there now.
        var again = await distribute.OnAllAsync<LookupRequest, LookupReply>(ctx, new LookupRequest(Loc.Of(directory), DistributeKeys.ForLookup(null, isRoot: false)));
        var layout = LayoutOf(again);
        if (again.Any(r => r.Errno != Errno.None))
            return (replies, layout);
        if (layout.IsComplete && layout.Ranges.All(r => r is not null))
            return (again, layout);

        DirectoryLayout wanted;
        if (layout.IsComplete)
        {
            // The ranges tile without the newcomers, which get an empty one.
            var commit = layout.Ranges.First(r => r is not null)!.Value.CommitHash;
            wanted = new DirectoryLayout([.. layout.Ranges.Select(r => r ?? new LayoutRange(commit, 0, 0, 0))]);
        }
        else
        {
            // Files may be anywhere now: the invalid commit hash has them searched for everywhere.
            wanted = NewLayout(await sizes.GetAsync(ctx), path, stat.Gfid, DirectoryLayout.InvalidCommitHash);
        }

        var written = await WriteAsync(ctx, directory, wanted, path);
        DistributeLog.Healed(distribute.Logger, distribute.Name, path, layout.IsComplete ? "an empty range on a subvolume that missed it" : "a layout");
        return (again, written);
    }

    private async ValueTask MakeMissingAsync(FopContext ctx, Loc loc, LookupReply[] replies, Iatt stat, string path)
    {
        var directory = distribute.InodeOf(stat.Gfid);
        for (var i = 0; i < replies.Length; i++)
        {
            if (replies[i].Errno == Errno.None)
                continue;
            var made = await distribute.Children[i].MkdirAsync(ctx, new MkdirRequest(
                loc with { Inode = directory }, stat.Permissions, Xdata: new Xdata { [DistributeKeys.GfidRequest] = XdataValue.Gfid(stat.Gfid) }));
            if (made.Errno is not (Errno.None or Errno.EEXIST))
            {
                DistributeLog.NotHealed(distribute.Logger, distribute.Name, path, distribute.Children[i].Name, made.Errno);
                continue;
            }

            await distribute.Children[i].SetattrAsync(ctx, new SetattrRequest(Loc.Of(directory), stat, CopiedFields));
            DistributeLog.Healed(distribute.Logger, distribute.Name, path, $"a copy on {distribute.Children[i].Name}, which missed it");
        }
    }
}
