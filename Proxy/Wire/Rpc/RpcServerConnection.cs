using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Xdr;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Wire.Rpc;

/// <summary>
/// One client's connection: the receive loop that takes calls apart and hands them to programs, and the replies. What is wrong with the protocol
/// itself ends the connection with one log line; what is wrong with a call is answered. gluster-rpc section 2.
/// </summary>
public sealed partial class RpcServerConnection
{
    private readonly DuplexConnection _duplex;
    private readonly RpcServerLimits _limits;
    private readonly BufferPool _buffers;
    private readonly ILogger _logger;
    private readonly Window _window;
    private readonly Window _control;
    private readonly ObjectPool<RpcTicket> _tickets;
    private IReadOnlyList<RpcServerProgram> _programs = [];
    private RpcCredentialReader _credentials = new("");
    private int _waiting;
    private uint _nextCallbackXid;

    internal RpcServerConnection(long number, IByteChannel channel, RpcServerLimits limits, BufferPool buffers, ILogger logger)
    {
        Number = number;
        _limits = limits;
        _buffers = buffers;
        _logger = logger;
        _duplex = new DuplexConnection(channel);
        _window = new Window(limits.Requests, limits.Bytes);
        _control = new Window(limits.ControlReplies, long.MaxValue);
        ObjectPool<RpcTicket>? tickets = null;
        _tickets = tickets = new ObjectPool<RpcTicket>(() => new RpcTicket(tickets!), limits.Requests);
    }

    /// <summary>Counts the connections of the server, from 1.</summary>
    public long Number { get; }

    public string RemoteName => _duplex.RemoteName;

    /// <summary>Whether the client has logged in: from then on its records may be large.</summary>
    public bool IsLoggedIn { get; private set; }

    public BufferPool Buffers => _buffers;

    /// <summary>Completes when the connection has ended.</summary>
    public Task<Exception?> Completion => _duplex.Completion;

    /// <summary>The client is known: its calls are read under that name, and its records may be large.</summary>
    public void LogIn(string client)
    {
        _credentials = new RpcCredentialReader(client);
        IsLoggedIn = true;
    }

    /// <summary>Answers with an XDR message.</summary>
    public void Reply<TMessage>(in RpcServerCall call, TMessage message)
        where TMessage : IXdrMessage<TMessage>
    {
        var writer = BeginReply(in call, stackalloc byte[512]);
        try
        {
            message.Write(ref writer);
            SendReply(ref writer, default, call.Ticket);
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Answers with an accept status other than success, and no body.</summary>
    public void Refuse(in RpcServerCall call, AcceptStatus status)
    {
        var writer = new XdrWriter(stackalloc byte[RecordMark.Size + RpcReplyHeader.Size]);
        RecordMark.Begin(ref writer);
        RpcReplyHeader.WriteAccepted(ref writer, call.Xid, status);
        SendReply(ref writer, default, call.Ticket);
    }

    /// <summary>Begins a successful reply in that memory; the body is written next, then <see cref="SendReply"/>.</summary>
    public static XdrWriter BeginReply(in RpcServerCall call, Span<byte> scratch)
    {
        var writer = new XdrWriter(scratch);
        RecordMark.Begin(ref writer);
        RpcReplyHeader.WriteAccepted(ref writer, call.Xid);
        return writer;
    }

    /// <summary>Sends a reply. The observer is told when the network has it, or never will: then the call's ticket is released.</summary>
    public void SendReply(ref XdrWriter writer, Payload payload, ISendObserver observer)
    {
        RecordMark.End(ref writer, payload.Length);
        _duplex.Send(writer.Written, payload, observer);
    }

    /// <summary>Calls the client back. Callbacks are not answered; one to a connection that has ended is dropped.</summary>
    public void CallBack<TMessage>(CallbackProcedure procedure, TMessage message)
        where TMessage : IXdrMessage<TMessage>
    {
        var writer = new XdrWriter(stackalloc byte[512]);
        try
        {
            RecordMark.Begin(ref writer);
            RpcCallHeader.Write(ref writer, Interlocked.Increment(ref _nextCallbackXid), RpcProgram.Callback, (uint)procedure);
            RpcCredential.WriteNull(ref writer);
            message.Write(ref writer);
            RecordMark.End(ref writer);
            _duplex.Send(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Ends the connection.</summary>
    public void Close(Exception? reason = null) => _duplex.Shutdown(reason);

    /// <summary>Completes when every windowed call was answered and the network has the replies, or the connection ended.</summary>
    internal async Task DrainAsync()
    {
        await Task.WhenAny(_window.WhenDrainedAsync(), Completion);
        await _duplex.FlushAsync();
    }

    internal void Release(RpcCallAdmission admission)
    {
        switch (admission.Class)
        {
            case RpcCallClass.Control:
                _control.Release(0);
                break;
            case RpcCallClass.Windowed:
                _window.Release(admission.Bytes);
                break;
            default:
                Interlocked.Decrement(ref _waiting);
                break;
        }
    }

    /// <summary>Serves until the client leaves, misbehaves or is closed. Returns why; null for an ordinary end.</summary>
    internal async Task<Exception?> ServeAsync(IReadOnlyList<RpcServerProgram> programs)
    {
        _programs = programs;
        _duplex.Start();
        Exception? reason = null;
        try
        {
            await ReceiveAsync();
        }
        catch (ProtocolViolationException error)
        {
            reason = error;
            RpcServerLog.ProtocolViolation(_logger, RemoteName, error.Message);
        }
        catch (IOException error)
        {
            reason = error; // the peer's end broke; nothing of it is our fault
        }

        _duplex.Shutdown(reason);
        await _duplex.Input.CompleteAsync();
        foreach (var program in programs)
            program.Closed();
        return reason;
    }

    private ValueTask AcquireAsync(RpcCallAdmission admission)
    {
        switch (admission.Class)
        {
            case RpcCallClass.Control:
                return _control.AcquireAsync(0);
            case RpcCallClass.Windowed:
                return _window.AcquireAsync(admission.Bytes);
            default:
                Interlocked.Increment(ref _waiting);
                return default;
        }
    }

    /// <summary>Whether the calls that wait for locks are more than a client may have; a program answers ENOLCK then.</summary>
    public bool TooManyWaiting => Volatile.Read(ref _waiting) > _limits.WaitingCalls;

    /// <summary>What a record begins with, once it was understood: a call and where its body is, or an answer that refuses it.</summary>
    private readonly record struct CallStart(
        RpcServerProgram? Program, uint Xid, uint Procedure, FopContext Context, int BodyAt, RpcRefusal Refusal = RpcRefusal.None, uint Version = 0);

    private enum RpcRefusal
    {
        None,
        Garbage,
        RpcMismatch,
        AuthError,
        ProgramUnavailable,
        ProgramMismatch,
        ProcedureUnavailable,
    }

    private CallStart Understand(ReadOnlySpan<byte> record)
    {
        var reader = new XdrReader(record);
        var verdict = RpcCallHeader.Read(ref reader, out var header);
        if (verdict == RpcCallVerdict.VersionMismatch)
            return new(null, header.Xid, 0, default, 0, RpcRefusal.RpcMismatch);
        if (verdict != RpcCallVerdict.Call)
            return new(null, 0, 0, default, 0, RpcRefusal.Garbage);
        if (!_credentials.TryRead(header.Flavor, header.Credential, out var context))
            return new(null, header.Xid, 0, default, 0, RpcRefusal.AuthError);
        RpcServerProgram? sameNumber = null;
        foreach (var program in _programs)
        {
            if (program.Program == header.Program)
            {
                return program.Has(header.Procedure)
                    ? new(program, header.Xid, header.Procedure, context, reader.Position)
                    : new(null, header.Xid, header.Procedure, context, 0, RpcRefusal.ProcedureUnavailable);
            }

            if (program.Program.Number == header.Program.Number)
                sameNumber = program;
        }

        return sameNumber is null
            ? new(null, header.Xid, 0, default, 0, RpcRefusal.ProgramUnavailable)
            : new(null, header.Xid, 0, default, 0, RpcRefusal.ProgramMismatch, sameNumber.Program.Version);
    }

    private void SendRefusal(in CallStart start, RpcTicket ticket)
    {
        var writer = new XdrWriter(stackalloc byte[64]);
        RecordMark.Begin(ref writer);
        switch (start.Refusal)
        {
            case RpcRefusal.RpcMismatch:
                RpcReplyHeader.WriteRpcMismatch(ref writer, start.Xid);
                break;
            case RpcRefusal.AuthError:
                RpcReplyHeader.WriteAuthError(ref writer, start.Xid);
                break;
            case RpcRefusal.ProgramMismatch:
                RpcReplyHeader.WriteProgramMismatch(ref writer, start.Xid, start.Version, start.Version);
                break;
            default:
                RpcReplyHeader.WriteAccepted(ref writer, start.Xid, start.Refusal switch
                {
                    RpcRefusal.ProgramUnavailable => AcceptStatus.ProgramUnavailable,
                    RpcRefusal.ProcedureUnavailable => AcceptStatus.ProcedureUnavailable,
                    _ => AcceptStatus.GarbageArguments,
                });
                break;
        }

        SendReply(ref writer, default, ticket);
    }

    private async ValueTask<RpcTicket> TakeTicketAsync(RpcCallAdmission admission)
    {
        await AcquireAsync(admission);
        return _tickets.Rent().For(this, admission);
    }
}

/// <summary>The peer broke the protocol in a way that no reply can mend; the connection ends.</summary>
public sealed class ProtocolViolationException(string message) : Exception(message);
