using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>
/// The inodes in use, by gfid, and a bounded number of idle ones. Idle ones leave in the order they became idle, with a second chance for
/// those used since.
/// </summary>
/// <param name="idleLimit">The most inodes remembered that nobody uses.</param>
/// <param name="handleLimit">The most handles kept open on behalf of nobody; it comes out of the process's limit of open files.</param>
internal sealed class PosixInodeTable(int idleLimit, int handleLimit)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Gfid, PosixInode> _inodes = [];
    private readonly Queue<PosixInode> _idle = new();
    private readonly Queue<PosixInode> _withHandle = new();
    private int _handles;

    /// <summary>Inodes remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _inodes.Count;
        }
    }

    /// <summary>Handles kept open.</summary>
    public int Handles
    {
        get
        {
            lock (_gate)
                return _handles;
        }
    }

    /// <summary>The one object of that gfid; the caller is a user of it until <see cref="Release"/>.</summary>
    public PosixInode Acquire(Gfid gfid)
    {
        lock (_gate)
        {
            if (!_inodes.TryGetValue(gfid, out var inode))
            {
                inode = new PosixInode(gfid);
                _inodes.Add(gfid, inode);
            }

            inode.Users++;
            inode.UsedSinceQueued = true;
            return inode;
        }
    }

    public void Release(PosixInode inode)
    {
        List<FileHandle>? closing = null;
        lock (_gate)
        {
            if (--inode.Users > 0 || inode.Queued)
                return;
            inode.Queued = true;
            inode.UsedSinceQueued = false;
            _idle.Enqueue(inode);
            for (var looked = 0; _idle.Count > idleLimit && looked < 8; looked++)
                SweepOne(ref closing);
        }

        Close(closing);
    }

    /// <summary>The handle kept with an inode, with a reference for the caller; null when there is none.</summary>
    public FileHandle? UseCached(PosixInode inode)
    {
        lock (_gate)
            return inode.Cached?.Retain();
    }

    /// <summary>Keeps a handle with an inode that the caller uses, if it has none yet. The cache takes a reference of its own.</summary>
    public void Cache(PosixInode inode, FileHandle handle)
    {
        List<FileHandle>? closing = null;
        lock (_gate)
        {
            if (inode.Cached is not null || handleLimit == 0)
                return;
            inode.Cached = handle.Retain();
            _handles++;
            _withHandle.Enqueue(inode);
            // The oldest that nobody uses right now makes room; if all are in use the bound is exceeded by the users there are.
            for (var looked = 0; _handles > handleLimit && looked < handleLimit; looked++)
            {
                var oldest = _withHandle.Dequeue();
                if (oldest.Cached is null)
                    continue;
                if (oldest.Users > 0)
                    _withHandle.Enqueue(oldest);
                else
                    TakeHandle(oldest, ref closing);
            }
        }

        Close(closing);
    }

    /// <summary>Forgets the handle of an inode that is going away. Whoever uses it now keeps it open until done.</summary>
    public void DropCached(PosixInode inode)
    {
        List<FileHandle>? closing = null;
        lock (_gate)
            TakeHandle(inode, ref closing);
        Close(closing);
    }

    /// <summary>Closes every handle. Nothing is in flight any more.</summary>
    public void Clear()
    {
        List<FileHandle>? closing = null;
        lock (_gate)
        {
            foreach (var inode in _inodes.Values)
                TakeHandle(inode, ref closing);
            _inodes.Clear();
            _idle.Clear();
            _withHandle.Clear();
        }

        Close(closing);
    }

    private static void Close(List<FileHandle>? handles)
    {
        foreach (var handle in handles ?? [])
            handle.Release();
    }

    private void SweepOne(ref List<FileHandle>? closing)
    {
        var inode = _idle.Dequeue();
        inode.Queued = false;
        if (inode.Users > 0)
            return; // back in use; its release queues it again
        if (inode.UsedSinceQueued)
        {
            inode.Queued = true;
            inode.UsedSinceQueued = false;
            _idle.Enqueue(inode);
            return;
        }

        TakeHandle(inode, ref closing);
        _inodes.Remove(inode.Gfid);
    }

    private void TakeHandle(PosixInode inode, ref List<FileHandle>? closing)
    {
        if (inode.Cached is not { } handle)
            return;
        inode.Cached = null;
        _handles--;
        (closing ??= []).Add(handle);
    }
}
