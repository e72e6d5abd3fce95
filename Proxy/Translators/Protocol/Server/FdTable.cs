using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Protocol.Server;

/// <summary>The open files of one client by number: small, the lowest free one first, files and directories together. gluster-rpc section 9.</summary>
/// <param name="limit">The most a client may have open.</param>
internal sealed class FdTable(int limit)
{
    /// <summary>No number: the table is full, or the client is gone.</summary>
    public const long NoNumber = -1;

    private readonly Lock _gate = new();
    private readonly List<Fd?> _fds = [];
    private readonly PriorityQueue<int, int> _free = new();
    private bool _closed;

    public int Count
    {
        get
        {
            lock (_gate)
                return _fds.Count - _free.Count;
        }
    }

    /// <summary>Gives an opened file a number, or <see cref="NoNumber"/>: then the caller releases it.</summary>
    public long Add(Fd fd)
    {
        lock (_gate)
        {
            if (_closed)
                return NoNumber;
            if (_free.TryDequeue(out var number, out _))
            {
                _fds[number] = fd;
                return number;
            }

            if (_fds.Count >= limit)
                return NoNumber;
            _fds.Add(fd);
            return _fds.Count - 1;
        }
    }

    public Fd? Find(long number)
    {
        lock (_gate)
            return number >= 0 && number < _fds.Count ? _fds[(int)number] : null;
    }

    /// <summary>The number is free again at once.</summary>
    public void Remove(long number)
    {
        lock (_gate)
        {
            if (number < 0 || number >= _fds.Count || _fds[(int)number] is null)
                return;
            _fds[(int)number] = null;
            _free.Enqueue((int)number, (int)number);
        }
    }

    /// <summary>Takes all that is open out; nothing can be added any more.</summary>
    public IReadOnlyList<Fd> Close()
    {
        lock (_gate)
        {
            _closed = true;
            var open = _fds.OfType<Fd>().ToArray();
            _fds.Clear();
            _free.Clear();
            return open;
        }
    }
}
