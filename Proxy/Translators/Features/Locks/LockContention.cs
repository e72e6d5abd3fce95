using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Features.Locks;

/// <summary>Somebody waits for a lock that a client holds. Of an inode lock the range is set, of an entry lock the name (null: all names) and type.</summary>
/// <param name="Client">The holder. <see cref="Caller.Client"/>.</param>
/// <param name="Inode">The inode, or the directory.</param>
/// <param name="Domain">Of the lock, as the holder named it.</param>
/// <param name="Pid">The holder's process.</param>
public sealed record LockContention(string Client, Gfid Inode, string Domain, int Pid)
{
    public FileLock? Range { get; init; }

    public string? Name { get; init; }

    public EntrylkType Type { get; init; }
}

/// <summary>A translator that knows when clients stand in each other's way.</summary>
public interface ILockContention
{
    /// <summary>Raised outside of all locks, on the thread of the request that waits.</summary>
    event Action<LockContention>? Contended;
}
