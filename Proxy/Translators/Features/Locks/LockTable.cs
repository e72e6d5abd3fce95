using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Features.Locks;

/// <summary>
/// Every lock of a brick. One gate guards all of it: what happens under it is short, and a client that leaves is found everywhere. Grants are
/// completed after the gate is left.
/// </summary>
internal sealed class LockTable(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Gfid, InodeLocks> _inodes = [];
    private readonly Dictionary<string, int> _perClient = new(StringComparer.Ordinal);

    /// <summary>Inodes with locks.</summary>
    public int InodeCount
    {
        get
        {
            lock (_gate)
                return _inodes.Count;
        }
    }

    /// <summary>Asks for a lock of a domain.</summary>
    /// <param name="inode">Of the lock.</param>
    /// <param name="domain">Its name.</param>
    /// <param name="entries">Whether it is a domain of entry locks.</param>
    /// <param name="asked">The lock; it waits if it has a waiter.</param>
    /// <param name="options">Limits, and whether holders are told.</param>
    /// <param name="notices">The holders to tell.</param>
    /// <returns>None when granted; EAGAIN when not (then it waits, if it can); ENOLCK when the client has too many.</returns>
    public Errno Lock(Gfid inode, string domain, bool entries, DomainLock asked, LocksOptions options, out List<LockContention> notices)
    {
        notices = [];
        lock (_gate)
        {
            if (_perClient.GetValueOrDefault(asked.Holder.Client) >= options.ClientLockLimit)
                return Errno.ENOLCK;
            var locks = InodeOf(inode);
            var domainLocks = entries ? locks.EntryDomain(domain) : locks.InodeDomain(domain);
            List<DomainLock> contended = [];
            var granted = domainLocks.Request(asked, contended);
            if (granted || asked.Waiter is not null)
                Count(asked.Holder.Client, 1);
            else
                Trim(inode, locks);
            if (options.NotifyContention)
                Notice(contended, inode, domain, options.NotifyContentionDelay, notices);
            return granted ? Errno.None : Errno.EAGAIN;
        }
    }

    /// <summary>Ends a lock of a domain. EINVAL when nobody holds one of that shape.</summary>
    public Errno Unlock(Gfid inode, string domain, bool entries, DomainLock unlock)
    {
        List<DomainLock> granted = [];
        lock (_gate)
        {
            if (!_inodes.TryGetValue(inode, out var locks))
                return Errno.EINVAL;
            var domainLocks = entries ? locks.EntryDomain(domain) : locks.InodeDomain(domain);
            var found = domainLocks.Unlock(unlock);
            if (found)
            {
                Count(unlock.Holder.Client, -1);
                domainLocks.GrantWaiting(granted);
            }

            Trim(inode, locks);
            if (!found)
                return Errno.EINVAL;
        }

        foreach (var waited in granted)
            waited.Waiter!.TrySetResult(new StatusReply(Errno.None));
        return Errno.None;
    }

    /// <summary>The POSIX lock in the way of that one.</summary>
    public PosixLock? PosixConflict(Gfid inode, PosixLock asked)
    {
        lock (_gate)
            return _inodes.TryGetValue(inode, out var locks) ? locks.Posix.Conflict(asked) : null;
    }

    /// <summary>Sets, clears or waits for a POSIX lock. EAGAIN when it is in somebody's way (then it waits, if it can).</summary>
    public Errno SetPosix(Gfid inode, PosixLock asked, FileLock wire, TaskCompletionSource<LkReply>? waiter, LocksOptions options)
    {
        List<WaitingPosixLock> granted = [];
        lock (_gate)
        {
            if (asked.Type != LkType.Unlock && _perClient.GetValueOrDefault(asked.Holder.Client) >= options.ClientLockLimit)
                return Errno.ENOLCK;
            var locks = InodeOf(inode);
            if (asked.Type != LkType.Unlock && locks.Posix.Conflict(asked) is not null)
            {
                if (waiter is not null)
                {
                    locks.Posix.Wait(new WaitingPosixLock(asked, wire, waiter));
                    Count(asked.Holder.Client, 1);
                }

                return Errno.EAGAIN;
            }

            var before = locks.Posix.Granted.Count;
            locks.Posix.Set(asked);
            Count(asked.Holder.Client, locks.Posix.Granted.Count - before);
            // An unlock, or a write lock that became a read lock, may let others in.
            Grant(locks, granted);
            Trim(inode, locks);
        }

        Complete(granted);
        return Errno.None;
    }

    /// <summary>Drops the POSIX locks on an inode that match, and grants those that waited for them.</summary>
    public void DropPosix(Gfid inode, Predicate<PosixLock> match)
    {
        List<WaitingPosixLock> granted = [];
        lock (_gate)
        {
            if (!_inodes.TryGetValue(inode, out var locks))
                return;
            foreach (var held in locks.Posix.Granted)
            {
                if (match(held))
                    Count(held.Holder.Client, -1);
            }

            if (locks.Posix.RemoveHeld(match) == 0)
                return;
            Grant(locks, granted);
            Trim(inode, locks);
        }

        Complete(granted);
    }

    /// <summary>All locks of a client go: those it held are free, those it waited for end with EAGAIN.</summary>
    public void DropClient(string client)
    {
        List<DomainLock> givenUp = [];
        List<DomainLock> granted = [];
        List<WaitingPosixLock> posixGivenUp = [];
        List<WaitingPosixLock> posixGranted = [];
        lock (_gate)
        {
            if (!_perClient.Remove(client))
                return;
            foreach (var (inode, locks) in _inodes.ToArray())
            {
                foreach (var domain in locks.Domains)
                {
                    domain.RemoveClient(client, givenUp);
                    domain.GrantWaiting(granted);
                }

                locks.Posix.Remove(held => held.Holder.Client == client, posixGivenUp);
                Grant(locks, posixGranted);
                Trim(inode, locks);
            }
        }

        GiveUp(givenUp, posixGivenUp);
        foreach (var waited in granted)
            waited.Waiter!.TrySetResult(new StatusReply(Errno.None));
        Complete(posixGranted);
    }

    /// <summary>The brick stops: everything that waits ends with EAGAIN, and nothing is granted any more.</summary>
    public void DropAll()
    {
        List<DomainLock> givenUp = [];
        List<WaitingPosixLock> posixGivenUp = [];
        lock (_gate)
        {
            foreach (var locks in _inodes.Values)
            {
                foreach (var domain in locks.Domains)
                    domain.RemoveAll(givenUp);
                locks.Posix.Remove(_ => true, posixGivenUp);
            }

            _inodes.Clear();
            _perClient.Clear();
        }

        GiveUp(givenUp, posixGivenUp);
    }

    /// <summary>The POSIX locks on an inode, with their clients.</summary>
    public IReadOnlyList<ActiveLock> PosixLocksOf(Gfid inode)
    {
        lock (_gate)
            return _inodes.TryGetValue(inode, out var locks) ? [.. locks.Posix.Granted.Select(held => new ActiveLock(held.ToFileLock(), held.Holder.Client))] : [];
    }

    /// <summary>Reads something of an inode's locks; the default when it has none.</summary>
    public T Ask<T, TArgument>(Gfid inode, TArgument argument, Func<InodeLocks, TArgument, T> ask, T otherwise)
    {
        lock (_gate)
            return _inodes.TryGetValue(inode, out var locks) ? ask(locks, argument) : otherwise;
    }

    private InodeLocks InodeOf(Gfid inode)
    {
        if (!_inodes.TryGetValue(inode, out var locks))
            _inodes.Add(inode, locks = new InodeLocks());
        return locks;
    }

    private void Trim(Gfid inode, InodeLocks locks)
    {
        locks.Trim();
        if (locks.IsEmpty)
            _inodes.Remove(inode);
    }

    private void Count(string client, int change)
    {
        var count = _perClient.GetValueOrDefault(client) + change;
        if (count > 0)
            _perClient[client] = count;
        else
            _perClient.Remove(client);
    }

    private void Grant(InodeLocks locks, List<WaitingPosixLock> granted) => locks.Posix.GrantWaiting(granted, Count);

    private void Notice(List<DomainLock> contended, Gfid inode, string domain, TimeSpan delay, List<LockContention> notices)
    {
        if (contended.Count == 0)
            return;
        var now = time.GetTimestamp();
        foreach (var held in contended)
        {
            if (held.NotifiedAt is { } last && time.GetElapsedTime(last, now) < delay)
                continue;
            held.NotifiedAt = now;
            notices.Add(held.Contention(inode, domain));
        }
    }

    private static void GiveUp(List<DomainLock> givenUp, List<WaitingPosixLock> posixGivenUp)
    {
        foreach (var waited in givenUp)
            waited.Waiter!.TrySetResult(StatusReply.Failed(Errno.EAGAIN));
        foreach (var waited in posixGivenUp)
            waited.Waiter.TrySetResult(LkReply.Failed(Errno.EAGAIN));
    }

    private static void Complete(List<WaitingPosixLock> granted)
    {
        foreach (var waited in granted)
            waited.Waiter.TrySetResult(new LkReply(Errno.None, waited.Asked));
    }
}
