using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Gfs4;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Translators.Protocol.Client;

/// <summary>
/// One fop on its way to a brick and back: pooled, so that in the steady state nothing is allocated for it. It keeps the request until it is
/// done, and so can be sent once more.
/// </summary>
internal sealed class FopCall<TFop, TReply> : PooledOperation<TReply>, IRpcPending, IRemoteHandles, IWaitingCall
    where TFop : struct, IFop<TFop, TReply>
    where TReply : struct, IReply<TReply>
{
    private const int PoolLimit = 256; // of each kind of fop; a front has fewer in flight
    private const int HeadScratchBytes = 512; // mark 4, header 24, credential about 60, body about 60, a small dictionary
    private const int XidAt = RecordMark.Size;

    private static readonly FopCodec<TFop, TReply> Codec = FopCodecs.Of<TFop, TReply>();
    private static readonly ObjectPool<FopCall<TFop, TReply>> Pool = new(static () => new(), PoolLimit);
    private static readonly string Name = TFop.Number.ToString();

    private ClientTranslator _owner = null!;
    private FopContext _context;
    private TFop _request;
    private TReply _reply;
    private BrickSession? _session;
    private bool _pinned;
    private bool _badFd;
    private string _notOnServer = "";

    private FopCall()
    {
    }

    string IRpcPending.Description => Name;

    bool IRpcPending.HasPayload => Codec.ReplyHasPayload;

    bool IRpcPending.MayWaitForever => _request is LkRequest { Command: LkCommand.SetWait }
        or InodelkRequest { Command: LkCommand.SetWait } or FinodelkRequest { Command: LkCommand.SetWait }
        or EntrylkRequest { Command: EntrylkCommand.Lock } or FentrylkRequest { Command: EntrylkCommand.Lock };

    int IRpcPending.SentAt { get; set; }

    /// <summary>Sends a fop over whatever connection there is, or lets it wait for one if the translator is configured so.</summary>
    public static ValueTask<TReply> Start(ClientTranslator owner, in FopContext context, in TFop request)
    {
        var call = Rent(owner, in context, in request);
        var task = call.Task;
        if (owner.Session is { } session)
            call.SendOn(session);
        else
            call.WaitForConnection(notOnServer: "");
        return task;
    }

    /// <summary>Sends a fop over that very connection; when it breaks the fop fails.</summary>
    public static ValueTask<TReply> StartOn(ClientTranslator owner, BrickSession session, in FopContext context, in TFop request)
    {
        var call = Rent(owner, in context, in request);
        call._pinned = true;
        var task = call.Task;
        call.SendOn(session);
        return task;
    }

    long IRemoteHandles.RemoteFd(Fd fd)
    {
        var number = _owner.RemoteNumber(fd, _session!, Codec.Fop);
        _badFd |= number == WireFd.None;
        return number;
    }

    string? IRpcPending.Reply(in RpcReplyHeader header, ref XdrReader body)
    {
        if (!header.IsSuccess)
        {
            _owner.NotExecuted(_session!, Name, in header);
            // PROC_UNAVAIL is a plain "no such operation"; everything else says that this is not the session it was: as stock clients, not connected.
            Complete(TReply.Failed(header is { Denied: false, Accept: AcceptStatus.ProcedureUnavailable } ? Errno.EOPNOTSUPP : Errno.ENOTCONN));
            return null;
        }

        var reply = Codec.ReadReply(ref body, in _request, out var newFd);
        if (!body.Failed && Codec.ReplyHasPayload)
        {
            var length = Codec.PayloadLength(in reply);
            if (length != body.Remaining)
                body.Fail($"{length} bytes of payload were announced, {body.Remaining} came");
            else
                body.Take(length).CopyTo(Codec.ReplyDestination(in _request).Span);
        }

        if (body.Failure is { } failure)
        {
            Complete(TReply.Failed(Errno.ENOTCONN));
            return failure;
        }

        Finish(reply, newFd);
        return null;
    }

    bool IRpcPending.TryGetBodyLength(ReadOnlySpan<byte> body, out int needed) => PayloadHead.TryGetReplyLength(TFop.Number, body, out needed);

    string? IRpcPending.BeginPayload(ref XdrReader body, int payloadLength, out PayloadPlace place)
    {
        place = default;
        _reply = Codec.ReadReply(ref body, in _request, out _);
        if (body.Failure is { } failure)
            return failure;
        if (Codec.PayloadLength(in _reply) != payloadLength)
            return $"{Codec.PayloadLength(in _reply)} bytes of payload were announced, {payloadLength} came";
        place = new(Codec.ReplyDestination(in _request), payloadLength);
        return null;
    }

    void IRpcPending.PayloadArrived() => Finish(_reply, WireFd.None);

    void IRpcPending.Lost(bool connectionEnded)
    {
        var rule = connectionEnded && !_pinned ? ResendRules.Of(in _request, TFop.Number) : ResendRule.Never;
        // Without the process's name nobody can tell whether it is another one.
        if (rule == ResendRule.Never || (rule == ResendRule.AfterRestart && _session!.ServerUuid.Length == 0))
            Complete(TReply.Failed(Errno.ENOTCONN));
        else
            WaitForConnection(notOnServer: rule == ResendRule.AfterRestart ? _session!.ServerUuid : "");
    }

    void IWaitingCall.Resume(BrickSession session)
    {
        if (_notOnServer.Length > 0 && (session.ServerUuid.Length == 0 || session.ServerUuid == _notOnServer))
            Complete(TReply.Failed(Errno.ENOTCONN));
        else
            SendOn(session);
    }

    void IWaitingCall.GiveUp() => Complete(TReply.Failed(Errno.ENOTCONN));

    protected override void Recycle() => Pool.Return(this);

    private static FopCall<TFop, TReply> Rent(ClientTranslator owner, in FopContext context, in TFop request)
    {
        var call = Pool.Rent();
        call._owner = owner;
        call._context = context;
        call._request = request;
        call._pinned = false;
        call._notOnServer = "";
        return call;
    }

    private void SendOn(BrickSession session)
    {
        _session = session;
        _badFd = false;
        var client = session.Client;
        var writer = new XdrWriter(stackalloc byte[HeadScratchBytes]);
        try
        {
            var payload = Codec.RequestPayload(in _request);
            RecordMark.Begin(ref writer);
            RpcCallHeader.Write(ref writer, 0, RpcProgram.Fops, (uint)TFop.Number);
            RpcCredential.Write(ref writer, AuthFlavor.GlusterFs3, in _context);
            Codec.WriteRequest(ref writer, in _request, this);
            RecordMark.End(ref writer, payload.Length);
            if (_badFd)
            {
                Complete(TReply.Failed(Errno.EBADFD));
                return;
            }

            if (client.TryBegin(this, out var xid))
            {
                // From here on the reply may come at any moment, and this object may be somebody else's by then.
                writer.PatchUInt32(XidAt, xid);
                client.Send(writer.Written, payload);
                return;
            }
        }
        finally
        {
            writer.Dispose();
        }

        // The connection ended just now: nothing was sent.
        WaitForConnection(_notOnServer);
    }

    /// <summary>Lets it wait for the next connection, or fails it at once when fops do not wait.</summary>
    private void WaitForConnection(string notOnServer)
    {
        _notOnServer = notOnServer;
        if (_pinned || !_owner.TryWait(this))
            Complete(TReply.Failed(Errno.ENOTCONN));
    }

    private void Finish(TReply reply, long newFd)
    {
        if (reply.Errno == Errno.None)
        {
            if (newFd != WireFd.None && Codec.OpenedFd(in _request) is { } fd)
                _owner.Opened(fd, in _request, newFd, _session!);
            if (TFop.Number is Fop.Readdir or Fop.Readdirp)
                reply = _owner.WithLeaf(reply);
        }

        Complete(reply);
    }

    private void Complete(TReply reply)
    {
        _request = default;
        _context = default;
        _reply = default;
        _session = null;
        SetResult(reply);
    }
}
