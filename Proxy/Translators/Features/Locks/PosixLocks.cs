using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Features.Locks;

/// <summary>A POSIX record lock. The end is inclusive.</summary>
internal sealed record PosixLock(LockHolder Holder, LkType Type, long Start, long End, uint Pid, Fd Fd)
{
    public bool ConflictsWith(PosixLock other) =>
        Holder != other.Holder && Start <= other.End && other.Start <= End && (Type == LkType.Write || other.Type == LkType.Write);

    public FileLock ToFileLock() => new(Type, Start, End == long.MaxValue ? 0 : End - Start + 1, 0, Pid, Holder.Owner);
}

/// <summary>A POSIX lock that waits to be granted.</summary>
internal sealed record WaitingPosixLock(PosixLock Lock, FileLock Asked, TaskCompletionSource<LkReply> Waiter);

/// <summary>
/// The POSIX locks of one inode: an owner's own ranges replace, split and merge each other as fcntl(2) has it; others' stand in the way.
/// </summary>
internal sealed class PosixLocks
{
    private readonly List<PosixLock> _granted = [];
    private readonly List<WaitingPosixLock> _waiting = [];

    public IReadOnlyList<PosixLock> Granted => _granted;

    public int Count => _granted.Count + _waiting.Count;

    /// <summary>The first lock in the way.</summary>
    public PosixLock? Conflict(PosixLock asked) => _granted.Find(held => held.ConflictsWith(asked));

    public void Wait(WaitingPosixLock waiting) => _waiting.Add(waiting);

    /// <summary>Sets or clears a range for its holder. Nothing of others is in the way.</summary>
    public void Set(PosixLock asked)
    {
        // Cut the range out of what the holder has, then join it with neighbours of the same type.
        for (var i = _granted.Count - 1; i >= 0; i--)
        {
            var own = _granted[i];
            if (own.Holder != asked.Holder || own.Start > asked.End || asked.Start > own.End)
                continue;
            _granted.RemoveAt(i);
            if (own.Start < asked.Start)
                _granted.Add(own with { End = asked.Start - 1 });
            if (own.End > asked.End)
                _granted.Add(own with { Start = asked.End + 1 });
        }

        if (asked.Type == LkType.Unlock)
            return;
        for (var i = _granted.Count - 1; i >= 0; i--)
        {
            var own = _granted[i];
            if (own.Holder != asked.Holder || own.Type != asked.Type)
                continue;
            if (own.End != long.MaxValue && own.End + 1 == asked.Start)
                asked = asked with { Start = own.Start };
            else if (asked.End != long.MaxValue && asked.End + 1 == own.Start)
                asked = asked with { End = own.End };
            else
                continue;
            _granted.RemoveAt(i);
        }

        _granted.Add(asked);
    }

    /// <summary>Grants what can be granted now, in the order it came.</summary>
    /// <param name="granted">Gets what was granted.</param>
    /// <param name="count">Told by how much a client's number of locks changed: a range that joins others is one lock less.</param>
    public void GrantWaiting(List<WaitingPosixLock> granted, Action<string, int> count)
    {
        for (var i = 0; i < _waiting.Count;)
        {
            var waiting = _waiting[i];
            if (Conflict(waiting.Lock) is not null)
            {
                i++;
                continue;
            }

            var before = Count;
            _waiting.RemoveAt(i);
            Set(waiting.Lock);
            count(waiting.Lock.Holder.Client, Count - before);
            granted.Add(waiting);
        }
    }

    /// <summary>Drops what matches; what waited is added to <paramref name="givenUp"/>. Returns how many were held.</summary>
    public int Remove(Predicate<PosixLock> match, List<WaitingPosixLock> givenUp)
    {
        givenUp.AddRange(_waiting.Where(waiting => match(waiting.Lock)));
        _waiting.RemoveAll(waiting => match(waiting.Lock));
        return _granted.RemoveAll(match);
    }

    /// <summary>Drops what is held; what waits goes on waiting.</summary>
    public int RemoveHeld(Predicate<PosixLock> match) => _granted.RemoveAll(match);
}
