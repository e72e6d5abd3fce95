using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Gfs4;

namespace BlockProxy.Proxy.Translators.Protocol.Client;

/// <summary>A file that is open on the brick: the number it has there, which is good for one session only.</summary>
internal sealed class RemoteFd(Fd fd, OpenFlags flags, bool isDirectory)
{
    private readonly Lock _gate = new();
    private long _number = WireFd.None;
    private int _session;

    public Fd Fd => fd;

    /// <summary>As it was opened.</summary>
    public OpenFlags Flags => flags;

    /// <summary>What opens it once more: nothing is created or truncated again.</summary>
    public OpenFlags ReopenFlags => flags & ~(OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.Truncate);

    public bool IsDirectory => isDirectory;

    /// <summary>Whether its last user is gone.</summary>
    public bool Released { get; set; }

    /// <summary>
    /// Whether POSIX locks were taken on it. The brick dropped them with the session, so such a file is not quietly opened anew for each call.
    /// </summary>
    public bool HasLocks { get; set; }

    public LinkedListNode<RemoteFd>? Node { get; set; }

    public void Opened(long number, int session)
    {
        lock (_gate)
            (_number, _session) = (number, session);
    }

    /// <summary>The number in that session, or -1.</summary>
    public long NumberIn(int session)
    {
        lock (_gate)
            return _session == session ? _number : WireFd.None;
    }
}

/// <summary>The files open on this brick, in the order they were opened: after a reconnect they are opened again in that order.</summary>
internal sealed class RemoteFds(int slot)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<RemoteFd> _open = new();

    /// <summary>The remote side of an fd; null when it was never opened here.</summary>
    public RemoteFd? Find(Fd fd) => fd.GetSlot<RemoteFd>(slot);

    /// <summary>OPEN, OPENDIR or CREATE succeeded.</summary>
    public void Opened(Fd fd, OpenFlags flags, bool isDirectory, long number, int session)
    {
        var remote = fd.GetOrAddSlot(slot, (fd, flags, isDirectory), static a => new RemoteFd(a.fd, a.flags, a.isDirectory));
        remote.Opened(number, session);
        lock (_gate)
        {
            if (remote.Node is null && !remote.Released)
                remote.Node = _open.AddLast(remote);
        }
    }

    /// <summary>Its last user is gone: it is not opened again.</summary>
    public void Released(RemoteFd remote)
    {
        lock (_gate)
        {
            remote.Released = true;
            if (remote.Node is { List: not null } node)
                _open.Remove(node);
            remote.Node = null;
        }
    }

    public List<RemoteFd> Snapshot()
    {
        lock (_gate)
            return [.. _open];
    }
}
