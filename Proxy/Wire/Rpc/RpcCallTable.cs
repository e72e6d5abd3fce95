namespace BlockProxy.Proxy.Wire.Rpc;

/// <summary>Which call waits for which xid. Whoever takes a call out of the table is the one who completes it.</summary>
internal sealed class RpcCallTable
{
    private const uint FirstXid = 2; // as stock clients; 0 is what a server answers to a call it cannot decode

    private readonly Lock _gate = new();
    private readonly Dictionary<uint, IRpcPending> _calls = [];
    private uint _next = FirstXid;
    private bool _closed;

    public int Count
    {
        get
        {
            lock (_gate)
                return _calls.Count;
        }
    }

    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _closed;
        }
    }

    /// <summary>False once the table is closed.</summary>
    public bool TryAdd(IRpcPending call, out uint xid)
    {
        lock (_gate)
        {
            xid = 0;
            if (_closed)
                return false;
            // After 2^32 calls the count begins again; a call that still waits keeps its number.
            do
            {
                xid = _next++;
                if (_next == 0)
                    _next = FirstXid;
            }
            while (!_calls.TryAdd(xid, call));
            return true;
        }
    }

    /// <summary>Who waits for that xid, left in the table: it may be completed by somebody else at any time.</summary>
    public IRpcPending? Peek(uint xid)
    {
        lock (_gate)
            return _calls.GetValueOrDefault(xid);
    }

    public IRpcPending? Take(uint xid)
    {
        lock (_gate)
            return _calls.Remove(xid, out var call) ? call : null;
    }

    /// <summary>Takes the calls sent before a sweep, those that may wait for ever excepted.</summary>
    public List<IRpcPending> TakeSentBefore(int sweep)
    {
        List<IRpcPending> taken = [];
        lock (_gate)
        {
            foreach (var (xid, call) in _calls)
            {
                if (call.SentAt - sweep >= 0 || call.MayWaitForever)
                    continue;
                _calls.Remove(xid);
                taken.Add(call);
            }
        }

        return taken;
    }

    /// <summary>Takes all, in the order they were sent, and lets no more in.</summary>
    public List<IRpcPending> Close()
    {
        lock (_gate)
        {
            _closed = true;
            List<IRpcPending> taken = [.. _calls.OrderBy(c => c.Key - FirstXid).Select(c => c.Value)];
            _calls.Clear();
            return taken;
        }
    }
}
