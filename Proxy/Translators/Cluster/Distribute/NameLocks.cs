using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>
/// The locks of one change of names, so that two clients, stock ones among them, do not change the same names at once. They are taken one after the
/// other in the order that stock clients take theirs (files before names, then by subvolume, directory and name), which rules out that two wait for each
/// other; disposing gives them back.
/// </summary>
internal sealed class NameLocks(DistributeTranslator distribute, FopContext ctx) : IAsyncDisposable
{
    private readonly List<(int Child, Inode Inode, string? Name, string Domain, LkType Type)> _wanted = [];
    private readonly FopContext _context = distribute.LockContext(in ctx);
    private int _taken;

    /// <summary>A whole inode in a domain.</summary>
    public void Inode(int child, Inode inode, string domain, LkType type) => _wanted.Add((child, inode, null, domain, type));

    /// <summary>A name: the parent's layout must stay as it is, and nobody else may touch the name.</summary>
    public void Name(int child, Inode parent, string name)
    {
        _wanted.Add((child, parent, null, DistributeKeys.LayoutDomain, LkType.Read));
        _wanted.Add((child, parent, name, DistributeKeys.EntryDomain, LkType.Write));
    }

    /// <summary>Takes all of them, waiting as long as it takes; on an error those taken are given back.</summary>
    public async ValueTask<Errno> TakeAsync()
    {
        var groups = _wanted.Select((w, i) => (Want: w, Order: i)).ToList();
        groups.Sort((a, b) => Compare(a.Want, b.Want) is not 0 and var order ? order : a.Order.CompareTo(b.Order));
        _wanted.Clear();
        _wanted.AddRange(groups.Select(g => g.Want).Distinct());
        while (_taken < _wanted.Count)
        {
            var errno = await CallAsync(_wanted[_taken], unlock: false);
            if (errno != Errno.None)
            {
                await DisposeAsync();
                return errno;
            }

            _taken++;
        }

        return Errno.None;
    }

    public async ValueTask DisposeAsync()
    {
        // A brick that is away has dropped its locks with the connection.
        while (_taken > 0)
            await CallAsync(_wanted[--_taken], unlock: true);
    }

    private int Compare(
        (int Child, Inode Inode, string? Name, string Domain, LkType Type) one, (int Child, Inode Inode, string? Name, string Domain, LkType Type) other)
    {
        var rank = Rank(one.Domain).CompareTo(Rank(other.Domain));
        if (rank != 0)
            return rank;
        var subvolume = string.CompareOrdinal(distribute.Children[one.Child].Name, distribute.Children[other.Child].Name);
        if (subvolume != 0)
            return subvolume;
        var inode = CompareGfids(one.Inode.Gfid, other.Inode.Gfid);
        return inode != 0 ? inode : string.CompareOrdinal(one.Name, other.Name);
    }

    private static int Rank(string domain) => domain == DistributeKeys.MigrateDomain ? 0 : 1;

    private static int CompareGfids(Gfid one, Gfid other) => one.High != other.High ? one.High.CompareTo(other.High) : one.Low.CompareTo(other.Low);

    private async ValueTask<Errno> CallAsync((int Child, Inode Inode, string? Name, string Domain, LkType Type) want, bool unlock)
    {
        var child = distribute.Children[want.Child];
        if (want.Name is { } name)
        {
            return (await child.EntrylkAsync(_context, new EntrylkRequest(
                Loc.Of(want.Inode), want.Domain, name, unlock ? EntrylkCommand.Unlock : EntrylkCommand.Lock, EntrylkType.Write))).Errno;
        }

        var whole = new FileLock(unlock ? LkType.Unlock : want.Type, 0, 0);
        return (await child.InodelkAsync(_context, new InodelkRequest(
            Loc.Of(want.Inode), want.Domain, unlock ? LkCommand.Set : LkCommand.SetWait, whole))).Errno;
    }
}
