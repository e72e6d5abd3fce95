using System.Buffers.Binary;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>Where a name was found.</summary>
/// <param name="Reply">What the caller gets.</param>
/// <param name="Hashed">The subvolume the name belongs to; -1 where the parent's layout has a hole or is not known.</param>
/// <param name="Cached">The subvolume that has the file; -1 for directories and for what was not found.</param>
/// <param name="HasLinkto">Whether the hashed subvolume has a link file of that name.</param>
internal readonly record struct FoundName(LookupReply Reply, int Hashed, int Cached = -1, bool HasLinkto = false)
{
    public Errno Errno => Reply.Errno;

    public bool Exists => Reply.Errno == Errno.None;

    public bool IsDirectory => Exists && Reply.Stat.Type == FileType.Directory;
}

/// <summary>
/// Finds names and inodes: first on the hashed subvolume, through a link file if there is one, then everywhere. Where a subvolume that might have
/// the name cannot be reached the answer is ENOTCONN, not ENOENT: an application must not take a file for gone that is only away.
/// </summary>
internal sealed class NameLookup(DistributeTranslator distribute)
{
    /// <summary>A name in its parent.</summary>
    public async ValueTask<FoundName> FindAsync(FopContext ctx, Loc loc, Xdata? asked)
    {
        var (layout, errno) = await LayoutAsync(ctx, loc.Parent!);
        if (layout is null)
            return new(LookupReply.Failed(errno), -1);
        var request = new LookupRequest(loc, DistributeKeys.ForLookup(asked, isRoot: false));
        var hashed = layout.Find(distribute.HashOf(loc.Name!));
        if (hashed < 0)
            return await EverywhereAsync(ctx, request, hashed);

        var first = await distribute.Children[hashed].LookupAsync(ctx, in request);
        switch (first.Errno)
        {
            case Errno.None when first.Stat.Type == FileType.Directory:
                return new(await DirectoryAsync(ctx, request), hashed);
            case Errno.None when Linkto.TargetOf(first.Stat, first.Xdata) is { } target:
                return await FollowAsync(ctx, request, hashed, first, target);
            case Errno.None:
                return FileFound(first, hashed, hashed, hasLinkto: false);
            case Errno.ENOENT or Errno.ESTALE when !distribute.Options.LookupUnhashed || IsFinal(layout):
                return new(first, hashed);
            case Errno.ENOENT or Errno.ESTALE or Errno.ENOTCONN:
                return await EverywhereAsync(ctx, request, hashed);
            default:
                return new(first, hashed);
        }
    }

    /// <summary>An inode by its gfid alone.</summary>
    public async ValueTask<LookupReply> FindAsync(FopContext ctx, Inode inode, Xdata? asked)
    {
        var isRoot = inode.Gfid.IsRoot;
        var request = new LookupRequest(new Loc(inode, Path: isRoot ? "/" : ""), DistributeKeys.ForLookup(asked, isRoot));
        return (await AskAllAsync(ctx, request, hashed: -1)).Found.Reply;
    }

    /// <summary>The layout of a directory, looked up if it is not known; null with the reason when it cannot be had.</summary>
    public async ValueTask<(DirectoryLayout? Layout, Errno Errno)> LayoutAsync(FopContext ctx, Inode directory)
    {
        if (distribute.Known(directory)?.Layout is { } known)
            return (known, Errno.None);
        var found = await FindAsync(DistributeTranslator.InternalContext(in ctx), directory, null);
        if (found.Errno != Errno.None)
            return (null, found.Errno == Errno.ENOENT ? Errno.ESTALE : found.Errno);
        return distribute.Known(directory)?.Layout is { } layout ? (layout, Errno.None) : (null, Errno.ENOTDIR);
    }

    /// <summary>The layout of a directory that may have changed.</summary>
    public ValueTask<(DirectoryLayout? Layout, Errno Errno)> FreshLayoutAsync(FopContext ctx, Inode directory)
    {
        if (distribute.Known(directory) is { } known)
            known.Layout = null;
        return LayoutAsync(ctx, directory);
    }

    /// <summary>The subvolume that has a file, looked up if it is not known; -1 with the reason when it cannot be had. For a directory: one that is up.</summary>
    public async ValueTask<(int Cached, Errno Errno)> CachedAsync(FopContext ctx, Inode inode)
    {
        if (Home(inode) is >= 0 and var known)
            return (known, Errno.None);
        var found = await FindAsync(DistributeTranslator.InternalContext(in ctx), inode, null);
        if (found.Errno != Errno.None)
            return (-1, found.Errno == Errno.ENOENT ? Errno.ESTALE : found.Errno);
        return Home(inode) is >= 0 and var now ? (now, Errno.None) : (-1, Errno.EIO);
    }

    /// <summary>Where an inode's fops go, as far as is known: a file's subvolume, any live one for a directory; else -1.</summary>
    public int Home(Inode inode) => distribute.Known(inode) switch
    {
        null => -1,
        { Layout: not null } => distribute.FirstUp(),
        var file => file.Cached,
    };

    /// <summary>Looks a directory up on all subvolumes, whatever is known of it.</summary>
    public async ValueTask<LookupReply> DirectoryAsync(FopContext ctx, LookupRequest request) =>
        (await AskAllAsync(ctx, request, hashed: -1)).Found.Reply;

    private static bool IsMissing(Errno errno) => errno is Errno.ENOENT or Errno.ESTALE;

    private bool IsFinal(DirectoryLayout layout) =>
        distribute.Options.LookupOptimize && layout.CommitHash == distribute.VolumeCommitHash && layout.CommitHash != DirectoryLayout.InvalidCommitHash && layout.IsComplete;

    private async ValueTask<FoundName> FollowAsync(FopContext ctx, LookupRequest request, int hashed, LookupReply link, string target)
    {
        var cached = distribute.IndexOf(target);
        if (cached >= 0 && cached != hashed)
        {
            var reply = await distribute.Children[cached].LookupAsync(ctx, in request);
            if (reply.Errno == Errno.None && reply.Stat.Type != FileType.Directory && Linkto.TargetOf(reply.Stat, reply.Xdata) is null
                && reply.Stat.Gfid == link.Stat.Gfid)
                return FileFound(reply, hashed, cached, hasLinkto: true);
            // The link file says that the data is there: being away is not being gone.
            if (reply.Errno == Errno.ENOTCONN)
                return new(reply, hashed);
        }

        return await EverywhereAsync(ctx, request, hashed);
    }

    private async ValueTask<FoundName> EverywhereAsync(FopContext ctx, LookupRequest request, int hashed)
    {
        var (found, replies) = await AskAllAsync(ctx, request, hashed);
        // Found elsewhere, and its own place is free: a link file there saves the next one the search.
        if (found.Cached >= 0 && hashed >= 0 && found.Cached != hashed && IsMissing(replies[hashed].Errno)
            && await MakeLinktoAsync(ctx, request.Loc, hashed, found.Cached, found.Reply.Stat, replace: false) is { Errno: Errno.None })
            return found with { HasLinkto = true };
        return found;
    }

    /// <summary>Asks all subvolumes. Those that are away are asked last, and only when the others do not have it: that may take as long as fops wait.</summary>
    private async ValueTask<(FoundName Found, LookupReply[] Replies)> AskAllAsync(FopContext ctx, LookupRequest request, int hashed)
    {
        var replies = await distribute.OnThoseUpAsync<LookupRequest, LookupReply>(ctx, request);
        if (request.Loc.Inode is { Gfid.IsRoot: true })
            ReadCommitHash(replies);
        var found = await JudgeAsync(ctx, request, replies, hashed);
        if (found.Errno != Errno.ENOTCONN)
            return (found, replies);
        var asked = false;
        for (var i = 0; i < replies.Length; i++)
        {
            if (replies[i].Errno != Errno.ENOTCONN || !distribute.IsAway(i))
                continue;
            replies[i] = await distribute.Children[i].LookupAsync(ctx, in request);
            asked = true;
        }

        return (asked ? await JudgeAsync(ctx, request, replies, hashed) : found, replies);
    }

    /// <summary>Decides what all subvolumes' answers mean together.</summary>
    private async ValueTask<FoundName> JudgeAsync(FopContext ctx, LookupRequest request, LookupReply[] replies, int hashed)
    {
        var path = request.Loc.ToString();
        var file = -1;
        var directory = -1;
        var away = Errno.None;
        var other = Errno.None;
        for (var i = 0; i < replies.Length; i++)
        {
            var reply = replies[i];
            if (reply.Errno != Errno.None)
            {
                if (reply.Errno == Errno.ENOTCONN)
                    away = reply.Errno;
                else if (!IsMissing(reply.Errno))
                    other = reply.Errno;
                continue;
            }

            if (reply.Stat.Type == FileType.Directory)
            {
                directory = directory < 0 ? i : directory;
                continue;
            }

            if (Linkto.TargetOf(reply.Stat, reply.Xdata) is not null)
                continue;
            if (file >= 0 && replies[file].Stat.Gfid != reply.Stat.Gfid)
            {
                DistributeLog.GfidConflict(distribute.Logger, distribute.Name, path,
                    replies[file].Stat.Gfid, distribute.Children[file].Name, reply.Stat.Gfid, distribute.Children[i].Name);
                return new(LookupReply.Failed(Errno.EIO), hashed);
            }

            if (file < 0 || i == hashed)
                file = i;
        }

        if (file >= 0 && directory >= 0)
        {
            DistributeLog.TypeConflict(distribute.Logger, distribute.Name, path);
            return new(LookupReply.Failed(Errno.EIO), hashed);
        }

        if (directory >= 0)
            return new(await distribute.Heal.MergeAsync(ctx, request, replies, directory), hashed);
        if (file >= 0)
            return FileFound(replies[file], hashed, file, hashed >= 0 && file != hashed && replies[hashed].Errno == Errno.None);
        // ENOTCONN before ENOENT: who cannot be asked may have it.
        return new(LookupReply.Failed(away != Errno.None ? away : other != Errno.None ? other : Errno.ENOENT), hashed);
    }

    /// <summary>Makes a link file, as root and with the gfid of the data, and gives it the file's owner.</summary>
    public async ValueTask<EntryReply> MakeLinktoAsync(FopContext ctx, Loc loc, int at, int target, Iatt file, bool replace)
    {
        var context = DistributeTranslator.InternalContext(in ctx);
        var subvolume = distribute.Children[at];
        var xdata = DistributeKeys.ForLinkto(distribute.Children[target].Name, file.Gfid, replace);
        var made = await subvolume.MknodAsync(context, new MknodRequest(loc, Linkto.Mode, Xdata: xdata));
        if (made.Errno != Errno.None)
            return made;
        if (file.Uid != 0 || file.Gid != 0)
            await GiveOwnerAsync(ctx, at, file);
        return made;
    }

    /// <summary>A link file belongs to whom its data belongs.</summary>
    public ValueTask<PrePostReply> GiveOwnerAsync(FopContext ctx, int at, Iatt file) =>
        distribute.Children[at].SetattrAsync(DistributeTranslator.InternalContext(in ctx), new SetattrRequest(
            Loc.Of(distribute.InodeOf(file.Gfid)), file, SetattrFields.Uid | SetattrFields.Gid, DistributeKeys.Internal()));

    private void ReadCommitHash(LookupReply[] replies)
    {
        if (replies.Any(r => r.Errno == Errno.None))
            distribute.VolumeCommitHash ??= 0;
        foreach (var reply in replies)
        {
            if (reply.Xdata is { } xdata && xdata.TryGetBytes(DistributeKeys.CommitHash, out var bytes) && bytes.Length == 4)
                distribute.VolumeCommitHash = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        }
    }

    private FoundName FileFound(LookupReply reply, int hashed, int cached, bool hasLinkto)
    {
        distribute.Remember(reply.Stat.Gfid, cached);
        return new(reply with { Stat = Linkto.WithoutMarks(reply.Stat) }, hashed, cached, hasLinkto);
    }
}
