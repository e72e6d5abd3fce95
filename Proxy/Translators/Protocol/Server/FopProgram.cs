using System.Buffers.Binary;
using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Gfs4;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Translators.Protocol.Server;

/// <summary>
/// The file operations of one connection: calls are decoded on the receive loop, wound at the client's subvolume, and answered when they
/// complete. One object serves one receive loop, so what belongs to the call being decoded lies in fields.
/// </summary>
internal sealed class FopProgram(ServerTranslator server, ClientSession session, RpcServerConnection connection)
    : RpcServerProgram, IFopCodecVisitor<bool>, IWireObjects
{
    private const int AfterGfid = Gfid.Size;
    private const int AfterGfidAndFd = Gfid.Size + 8;
    private const int ReadSizeAt = Gfid.Size + 8 + 8;

    // The call being decoded.
    private RpcServerCall _call;
    private ReadOnlyMemory<byte> _body;
    private PooledBuffer? _payload;
    private PooledBuffer? _destination;
    private List<Inode>? _unresolved;

    public override RpcProgram Program => RpcProgram.Fops;

    public ServerTranslator Server => server;

    /// <summary>Never null while a fop is in flight: no fop starts before the login.</summary>
    public ServerClient Client => session.Client!;

    Payload IWireObjects.Payload => _payload is { } payload ? payload : default(Payload);

    public override bool Has(uint procedure) => procedure is (uint)Fop.Null or (uint)Fop.Compound || FopCodecs.Find(procedure) is not null;

    public override bool HasPayload(uint procedure) => procedure is (uint)Fop.Write or (uint)Fop.Put;

    public override bool TryGetHeadLength(uint procedure, ReadOnlySpan<byte> body, out int needed) => PayloadHead.TryGetRequestLength((Fop)procedure, body, out needed);

    public override RpcCallAdmission Admit(uint procedure, ReadOnlySpan<byte> body) => (Fop)procedure switch
    {
        Fop.Null or Fop.Compound => new(RpcCallClass.Control),
        Fop.Read => new(RpcCallClass.Windowed, Math.Min(WordAt(body, ReadSizeAt), WireLimits.PayloadBytes)),
        Fop.Inodelk when WordAt(body, AfterGfid) == (uint)LkCommand.SetWait => new(RpcCallClass.Waiting),
        Fop.Lk or Fop.Finodelk when WordAt(body, AfterGfidAndFd) == (uint)LkCommand.SetWait => new(RpcCallClass.Waiting),
        Fop.Entrylk when WordAt(body, AfterGfid) == (uint)EntrylkCommand.Lock => new(RpcCallClass.Waiting),
        Fop.Fentrylk when WordAt(body, AfterGfidAndFd) == (uint)EntrylkCommand.Lock => new(RpcCallClass.Waiting),
        _ => new(RpcCallClass.Windowed),
    };

    public override void Dispatch(in RpcServerCall call, ReadOnlyMemory<byte> body, PooledBuffer? payload)
    {
        if (session.Client is null || call.Procedure == (uint)Fop.Compound)
        {
            payload?.Release();
            connection.Refuse(in call, AcceptStatus.GarbageArguments);
            return;
        }

        if (FopCodecs.Find(call.Procedure) is not { } codec)
        {
            connection.Reply(in call, default(EmptyMessage)); // NULL
            return;
        }

        _call = call;
        _body = body;
        _payload = payload;
        codec.Accept(this);
        _call = default;
        _body = default;
        _payload = null;
        _destination = null;
        _unresolved = null;
    }

    public override void Closed() => session.Leave();

    bool IFopCodecVisitor<bool>.Visit<TRequest, TReply>(FopCodec<TRequest, TReply> codec)
    {
        var reader = new XdrReader(_body.Span);
        var request = codec.ReadRequest(ref reader, this);
        if (reader.Failed)
        {
            ServerLog.GarbageArguments(server.Logger, codec.Fop, connection.RemoteName, reader.Failure!);
            _payload?.Release();
            _destination?.Release();
            connection.Refuse(in _call, AcceptStatus.GarbageArguments);
            return false;
        }

        var call = FopCall<TRequest, TReply>.Rent(this, in _call, codec, in request, _payload, _destination);
        if (reader.Refusal != Errno.None)
        {
            call.Answer(TReply.Failed(reader.Refusal));
            return true;
        }

        if (_call.Ticket.Class == RpcCallClass.Waiting && connection.TooManyWaiting)
        {
            call.Answer(TReply.Failed(Errno.ENOLCK));
            return true;
        }

        if (codec.Fop is Fop.Release or Fop.Releasedir)
            Client.Fds.Remove(BinaryPrimitives.ReadInt64BigEndian(_body.Span[AfterGfid..]));
        if (_unresolved is null)
            call.Wind();
        else
            _ = ResolveAsync(call, _unresolved);
        return true;
    }

    Inode IWireObjects.Inode(Gfid gfid)
    {
        var inode = server.Inodes.Get(gfid);
        if (server.Options.ResolveInodes && inode.Type == FileType.None)
            (_unresolved ??= []).Add(inode);
        return inode;
    }

    Fd? IWireObjects.Fd(long number, Gfid gfid)
    {
        if (number != WireFd.Anonymous)
            return Client.Fds.Find(number);
        if (gfid.IsNull)
            return null;
        // Kept with the inode, so that a run of such calls does not make one each.
        var inode = ((IWireObjects)this).Inode(gfid);
        return inode.GetOrAddSlot(server.Slot, inode, static of => Fops.Fd.Anonymous(of));
    }

    Fd IWireObjects.NewFd(Gfid gfid, OpenFlags flags) =>
        new(gfid.IsNull ? WireFd.Unknown.Inode : server.Inodes.Get(gfid), flags) { Caller = _call.Context.Caller };

    Memory<byte> IWireObjects.ReadDestination(int size) => (_destination = connection.Buffers.Rent(size)).Memory;

    /// <summary>For storage that does not find a gfid by itself: a nameless lookup of each inode that was not seen before.</summary>
    private static async Task ResolveAsync<TRequest, TReply>(FopCall<TRequest, TReply> call, List<Inode> unresolved)
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply>
    {
        foreach (var inode in unresolved)
            await call.ResolveAsync(inode);
        call.Wind();
    }

    private static uint WordAt(ReadOnlySpan<byte> body, int at) => body.Length >= at + 4 ? BinaryPrimitives.ReadUInt32BigEndian(body[at..]) : 0;
}
