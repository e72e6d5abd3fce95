using System.Collections.Concurrent;

namespace BlockProxy.Proxy.Fops;

/// <summary>
/// The inodes of a volume that somebody uses, by gfid. One object per gfid as long as anybody holds it; forgotten by the garbage collector
/// afterwards, so that a listing of millions of files leaves nothing behind.
/// </summary>
public sealed class InodeTable
{
    private const int SweepEvery = 4096;

    private readonly ConcurrentDictionary<Gfid, WeakReference<Inode>> _inodes = new();
    private int _addedSinceSweep;

    public Inode Root { get; } = new(Gfid.Root) { Type = FileType.Directory };

    /// <summary>Entries held, forgotten ones that were not swept yet included.</summary>
    public int Count => _inodes.Count;

    /// <summary>The one inode of that gfid.</summary>
    public Inode Get(Gfid gfid)
    {
        if (gfid.IsRoot)
            return Root;
        while (true)
        {
            if (_inodes.TryGetValue(gfid, out var weak))
            {
                if (weak.TryGetTarget(out var known))
                    return known;
                _inodes.TryRemove(new KeyValuePair<Gfid, WeakReference<Inode>>(gfid, weak));
            }

            var made = new Inode(gfid);
            if (_inodes.TryAdd(gfid, new WeakReference<Inode>(made)))
            {
                if (Interlocked.Increment(ref _addedSinceSweep) >= SweepEvery)
                    Sweep();
                return made;
            }
        }
    }

    /// <summary>Drops the entries whose inode nobody holds any more.</summary>
    public void Sweep()
    {
        Interlocked.Exchange(ref _addedSinceSweep, 0);
        foreach (var entry in _inodes)
        {
            if (!entry.Value.TryGetTarget(out _))
                _inodes.TryRemove(entry);
        }
    }
}
