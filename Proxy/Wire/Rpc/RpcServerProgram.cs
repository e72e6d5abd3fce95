using BlockProxy.Io;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Wire.Rpc;

/// <summary>How a call is admitted, which is decided before its payload is read.</summary>
public enum RpcCallClass
{
    /// <summary>Answered at once: never behind the calls in flight.</summary>
    Control,

    /// <summary>Takes a place in the connection's window, and its bytes.</summary>
    Windowed,

    /// <summary>May wait for a lock without an end: bounded by a count of its own.</summary>
    Waiting,
}

/// <summary>The admission of a call.</summary>
public readonly record struct RpcCallAdmission(RpcCallClass Class, long Bytes = 0);

/// <summary>A call with what is needed to answer it. It is answered exactly once, through <see cref="RpcServerConnection"/>.</summary>
/// <param name="Connection">Where it came in.</param>
/// <param name="Xid">Its number.</param>
/// <param name="Procedure">Of the program.</param>
/// <param name="Context">Whose call it is.</param>
/// <param name="Ticket">Its place, which the sent reply gives back.</param>
public readonly record struct RpcServerCall(RpcServerConnection Connection, uint Xid, uint Procedure, FopContext Context, RpcTicket Ticket);

/// <summary>A program served on a connection; one object per connection, so it can hold the connection's state.</summary>
public abstract class RpcServerProgram
{
    public abstract RpcProgram Program { get; }

    /// <summary>Whether the procedure exists; else the call is answered PROC_UNAVAIL.</summary>
    public abstract bool Has(uint procedure);

    /// <summary>How the call is admitted.</summary>
    /// <param name="procedure">It exists.</param>
    /// <param name="body">The call's body, or what has arrived of it; without its payload.</param>
    public virtual RpcCallAdmission Admit(uint procedure, ReadOnlySpan<byte> body) => new(RpcCallClass.Control);

    /// <summary>For procedures whose calls end in raw bytes: the length of the body before them.</summary>
    /// <param name="procedure">It exists.</param>
    /// <param name="body">What has arrived of the body.</param>
    /// <param name="needed">The length, when true; else how much must have arrived before it makes sense to ask again.</param>
    /// <returns>Whether the length is known.</returns>
    public virtual bool TryGetHeadLength(uint procedure, ReadOnlySpan<byte> body, out int needed) => throw new NotSupportedException("no payload");

    /// <summary>Whether calls of the procedure end in raw bytes.</summary>
    public virtual bool HasPayload(uint procedure) => false;

    /// <summary>Handles a call on the receive loop; what takes time goes on by itself.</summary>
    /// <param name="call">To be answered.</param>
    /// <param name="body">The XDR part, valid until this returns.</param>
    /// <param name="payload">The raw bytes after it, with a reference that is the program's to release; null when there are none.</param>
    public abstract void Dispatch(in RpcServerCall call, ReadOnlyMemory<byte> body, PooledBuffer? payload);

    /// <summary>The connection has ended. Calls in flight may still try to answer.</summary>
    public virtual void Closed()
    {
    }
}

/// <summary>A call's place in its connection's windows. Handing the reply to the network gives it back, as does <see cref="Release"/>.</summary>
public sealed class RpcTicket : ISendObserver
{
    private readonly ObjectPool<RpcTicket> _pool;
    private RpcServerConnection? _connection;
    private RpcCallAdmission _admission;

    internal RpcTicket(ObjectPool<RpcTicket> pool) => _pool = pool;

    public RpcCallClass Class => _admission.Class;

    internal RpcTicket For(RpcServerConnection connection, RpcCallAdmission admission)
    {
        _connection = connection;
        _admission = admission;
        return this;
    }

    /// <summary>Gives the place back; the ticket must not be used afterwards.</summary>
    public void Release()
    {
        var connection = _connection ?? throw new InvalidOperationException("a ticket was released twice");
        _connection = null;
        connection.Release(_admission);
        _pool.Return(this);
    }

    void ISendObserver.Sent(bool sent) => Release();
}
