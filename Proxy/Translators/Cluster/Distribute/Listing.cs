using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>
/// Listings: the subvolumes one after another, each name once. Link files are left out; a directory, which is on all, is listed by its hashed
/// subvolume. The cookie tells which subvolume to go on with. A subvolume that is away fails the listing: names must not be silently missing.
/// gluster-translators section 5.4.
/// </summary>
internal sealed class Listing(DistributeTranslator distribute)
{
    public async ValueTask<StatusReply> OpenAsync(FopContext ctx, OpendirRequest request)
    {
        var replies = await distribute.OnThoseUpAsync<OpendirRequest, StatusReply>(ctx, request with { Xdata = DistributeKeys.ForListing(request.Xdata) });
        request.Fd.SetSlot(distribute.Slot, new DistributedDirectoryFd([.. replies.Select(r => r.Errno)]));
        // Open as soon as one has it; the listing says so when it comes to one that is away.
        return replies.Any(r => r.Errno == Errno.None) ? replies.First(r => r.Errno == Errno.None) : Worst(replies);
    }

    public async ValueTask<ReaddirReply> ReadAsync(FopContext ctx, ReaddirpRequest request, bool withAttributes)
    {
        var (layout, unknown) = await distribute.Names.LayoutAsync(ctx, request.Fd.Inode);
        if (layout is null)
            return ReaddirReply.Failed(unknown);
        var opened = request.Fd.GetSlot<DistributedDirectoryFd>(distribute.Slot)?.Results;
        var first = FirstOpen(opened);
        var child = request.Offset == 0 ? 0 : distribute.ChildOfCookie(request.Offset);
        var offset = request.Offset;
        for (; child < distribute.Children.Count; child++, offset = 0)
        {
            if (opened is not null && opened[child] != Errno.None)
                opened[child] = await OpenAgainAsync(ctx, request.Fd, child);
            if (opened is not null && opened[child] is Errno.ENOENT or Errno.ESTALE)
                continue; // this subvolume misses the directory: it has no names of it
            if (opened is not null && opened[child] != Errno.None)
                return ReaddirReply.Failed(opened[child]);
            while (true)
            {
                var reply = await distribute.Children[child].ReaddirpAsync(
                    ctx, request with { Offset = offset, Xdata = DistributeKeys.ForListing(request.Xdata) });
                if (reply.Errno != Errno.None)
                    return reply;
                if (reply.Entries is not { Count: > 0 } entries)
                    break;
                var kept = Filter(entries, child, first, layout, withAttributes);
                var isLast = child == distribute.Children.Count - 1;
                if (kept.Count > 0)
                    return reply with { Entries = kept, EndOfDirectory = isLast && reply.EndOfDirectory };
                if (reply.EndOfDirectory)
                    break;
                offset = entries[^1].Offset;
            }
        }

        return new(Errno.None, [], EndOfDirectory: true);
    }

    /// <summary>A subvolume that was away when the directory was opened may be back.</summary>
    private async ValueTask<Errno> OpenAgainAsync(FopContext ctx, Fd fd, int child) =>
        (await distribute.Children[child].OpendirAsync(ctx, new OpendirRequest(Loc.Of(fd.Inode), fd, DistributeKeys.ForListing(null)))).Errno;

    private List<DirectoryEntry> Filter(IReadOnlyList<DirectoryEntry> entries, int child, int first, DirectoryLayout layout, bool withAttributes)
    {
        var kept = new List<DirectoryEntry>(entries.Count);
        foreach (var entry in entries)
        {
            if (entry.Name is "." or "..")
            {
                if (child != first)
                    continue;
            }
            else if (Linkto.TargetOf(entry.Stat, entry.Xdata) is not null)
            {
                continue;
            }
            else if (entry.Stat.Type == FileType.Directory && !ListsDirectory(child, layout.Find(distribute.HashOf(entry.Name))))
            {
                continue;
            }

            kept.Add(withAttributes ? entry with { Stat = StatOf(entry.Stat) } : entry with { Stat = default, Xdata = null });
        }

        return kept;
    }

    /// <summary>The hashed subvolume lists a directory; when that one is away, the first that is up.</summary>
    private bool ListsDirectory(int child, int hashed) => child == (hashed >= 0 && distribute.IsUp(hashed) ? hashed : distribute.FirstUp());

    private static Iatt StatOf(Iatt stat) => stat.Type == FileType.Directory ? LayoutHeal.Merged(stat, stat) : Linkto.WithoutMarks(stat);

    private static int FirstOpen(Errno[]? opened) => opened is null ? 0 : Math.Max(0, Array.IndexOf(opened, Errno.None));

    private static StatusReply Worst(StatusReply[] replies) =>
        replies.FirstOrDefault(r => r.Errno == Errno.ENOTCONN) is { Errno: Errno.ENOTCONN } away ? away : replies[0];
}
