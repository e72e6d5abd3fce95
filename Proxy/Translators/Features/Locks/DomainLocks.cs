using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Features.Locks;

/// <summary>Who holds or wants a lock: a client, and an owner of its choosing.</summary>
internal readonly record struct LockHolder(string Client, LkOwner Owner);

/// <summary>A lock in a domain: what inodelk and entrylk have in common.</summary>
internal abstract class DomainLock
{
    public required LockHolder Holder { get; init; }

    public required int Pid { get; init; }

    /// <summary>Completed when the lock is granted or given up; null for a request that does not wait.</summary>
    public TaskCompletionSource<StatusReply>? Waiter { get; init; }

    /// <summary>When the holder was last told that somebody waits: a timestamp, or null.</summary>
    public long? NotifiedAt { get; set; }

    /// <summary>Whether the two cannot be held by different holders at the same time.</summary>
    public abstract bool ConflictsWith(DomainLock other);

    /// <summary>Whether an unlock of that shape ends this lock.</summary>
    public abstract bool IsUnlockedBy(DomainLock unlock);

    public abstract LockContention Contention(Gfid inode, string domain);
}

/// <summary>A range of an inode. The end is inclusive.</summary>
internal sealed class InodeLock(LkType type, long start, long end, FileLock asked) : DomainLock
{
    public override bool ConflictsWith(DomainLock other)
    {
        var that = (InodeLock)other;
        return start <= that.End && that.Start <= end && (type == LkType.Write || that.Type == LkType.Write);
    }

    public override bool IsUnlockedBy(DomainLock unlock) => unlock is InodeLock that && that.Start == start && that.End == end && that.Holder == Holder;

    public override LockContention Contention(Gfid inode, string domain) => new(Holder.Client, inode, domain, Pid) { Range = asked };

    private long Start => start;

    private long End => end;

    private LkType Type => type;
}

/// <summary>A name in a directory, or all names.</summary>
internal sealed class EntryLock(string? name, EntrylkType type) : DomainLock
{
    public string? Name => name;

    /// <summary>Names conflict whatever the type, as in stock.</summary>
    public override bool ConflictsWith(DomainLock other) => name is null || ((EntryLock)other).Name is not { } that || that == name;

    public override bool IsUnlockedBy(DomainLock unlock) => unlock is EntryLock that && that.Name == name && that.Holder == Holder;

    public override LockContention Contention(Gfid inode, string domain) => new(Holder.Client, inode, domain, Pid) { Name = name, Type = type };
}

/// <summary>
/// The locks of one domain on one inode. Granted in the order they came: a request that conflicts with a waiting one waits behind it, unless its
/// holder has, or waits for, another lock of the domain already: else the two would wait for each other. gluster-translators section 11.4.
/// </summary>
internal sealed class DomainLocks(string name)
{
    private readonly List<DomainLock> _granted = [];
    private readonly List<DomainLock> _waiting = [];

    public string Name => name;

    public IReadOnlyList<DomainLock> Granted => _granted;

    /// <summary>Granted and waiting.</summary>
    public int Count => _granted.Count + _waiting.Count;

    /// <summary>
    /// Grants the lock, or queues it when it has a waiter. The holders in its way are added to <paramref name="contended"/>.
    /// </summary>
    /// <returns>Whether it was granted.</returns>
    public bool Request(DomainLock asked, List<DomainLock> contended)
    {
        foreach (var held in _granted)
        {
            if (held.Holder != asked.Holder && held.ConflictsWith(asked))
                contended.Add(held);
        }

        if (contended.Count == 0 && (!ConflictsWithAny(_waiting, asked) || Has(asked.Holder)))
        {
            _granted.Add(asked);
            return true;
        }

        if (asked.Waiter is not null)
            _waiting.Add(asked);
        return false;
    }

    /// <summary>Ends a granted lock. False when there is none of that shape and holder.</summary>
    public bool Unlock(DomainLock unlock)
    {
        var at = _granted.FindIndex(held => held.IsUnlockedBy(unlock));
        if (at >= 0)
            _granted.RemoveAt(at);
        return at >= 0;
    }

    /// <summary>Grants what can be granted now; those are added to <paramref name="granted"/>, to be completed outside of the lock.</summary>
    public void GrantWaiting(List<DomainLock> granted)
    {
        if (_waiting.Count == 0)
            return;
        List<DomainLock> still = [];
        foreach (var asked in _waiting)
        {
            var blocked = _granted.Exists(held => held.Holder != asked.Holder && held.ConflictsWith(asked))
                || (ConflictsWithAny(still, asked) && !_granted.Exists(held => held.Holder == asked.Holder) && !still.Exists(other => other.Holder == asked.Holder));
            if (blocked)
            {
                still.Add(asked);
                continue;
            }

            _granted.Add(asked);
            granted.Add(asked);
        }

        _waiting.Clear();
        _waiting.AddRange(still);
    }

    /// <summary>Drops all of a client's; those it waited for are added to <paramref name="givenUp"/>. Returns how many it held.</summary>
    public int RemoveClient(string client, List<DomainLock> givenUp)
    {
        givenUp.AddRange(_waiting.Where(asked => asked.Holder.Client == client));
        _waiting.RemoveAll(asked => asked.Holder.Client == client);
        return _granted.RemoveAll(held => held.Holder.Client == client);
    }

    /// <summary>Drops everything; what waited is added to <paramref name="givenUp"/>.</summary>
    public void RemoveAll(List<DomainLock> givenUp)
    {
        givenUp.AddRange(_waiting);
        _waiting.Clear();
        _granted.Clear();
    }

    private bool Has(LockHolder holder) => _granted.Exists(held => held.Holder == holder) || _waiting.Exists(asked => asked.Holder == holder);

    private static bool ConflictsWithAny(List<DomainLock> others, DomainLock asked)
    {
        foreach (var other in others)
        {
            if (other.ConflictsWith(asked))
                return true;
        }

        return false;
    }
}
