using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Gfs4;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;
using BlockProxy.Volgen;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Translators.Protocol.Client;

/// <summary>
/// protocol/client: sends every fop to one brick. The other files of this folder are its parts: BrickConnector (the way to a login),
/// ConnectionLoop (keeps one connection alive), FopCall (one fop under way), RemoteFds (open files over reconnects), WaitingCalls and ResendRule
/// (reconnect-wait), DirectoryOffset (cookies). gluster-translators section 8.
/// </summary>
public sealed class ClientTranslator : InterceptingTranslator, IAsyncDisposable
{
    private readonly ILogger _logger;
    private readonly DirectoryOffset _leaf;
    private readonly WaitingCalls _waiting;
    private readonly bool _mayWait;
    private readonly ConnectionLoop _loop;
    private RemoteFds? _fds;
    private ClientOptions _options;
    private BrickSession? _session;

    public ClientTranslator(TranslatorContext context, ClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(context);
        _options = options;
        _logger = context.Logger;
        _leaf = DirectoryOffset.Of(context.Volfile, context.Name);
        _waiting = new WaitingCalls(context.Environment.Time);
        _mayWait = !HasRedundancyAbove(context.Volfile, context.Name);
        _loop = new ConnectionLoop(this, context, new BrickConnector(context, OnCallback, _logger), _logger);
    }

    public ClientOptions Options => Volatile.Read(ref _options);

    /// <summary>Whether the brick is connected and its open files are open there again.</summary>
    public bool IsConnected => Session is not null;

    /// <summary>Calls that wait for the brick to come back.</summary>
    public int WaitingCalls => _waiting.Count;

    internal BrickSession? Session => Volatile.Read(ref _session);

    internal RemoteFds Fds => Volatile.Read(ref _fds) ?? MakeFds();

    public override string? CheckChildren() => Children.Count > 0 ? "has subvolumes; it takes none" : Options.Unsupported();

    public override string? CheckOptions(IReadOnlyList<VolfileOption> declared)
    {
        var binding = ClientOptions.Table.Bind(declared);
        return binding.Options is { } options ? options.Unsupported() : binding.Error;
    }

    public override void Reconfigure(IReadOnlyList<VolfileOption> declared)
    {
        // Timeouts and addresses take effect with the next connection.
        if (ClientOptions.Table.Bind(declared).Options is { } options)
            Volatile.Write(ref _options, options);
    }

    public override void Start() => _loop.Start();

    public override ValueTask StopAsync() => DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _loop.DisposeAsync();
        _waiting.Dispose();
    }

    protected override ValueTask<TReply> AroundAsync<TFop, TReply>(FopContext ctx, in TFop request)
    {
        if (!Options.SendGids && ctx.Caller.Groups.Count > 0)
            ctx = ctx with { Identity = ctx.Caller with { Groups = [] } };
        switch (TFop.Number)
        {
            case Fop.Namelink or Fop.Setactivelk or Fop.Put:
                // NAMELINK and SETACTIVELK kill 10.3 bricks, and PUT they do not have.
                return new(TReply.Failed(Errno.ENOSYS));
            case Fop.Release when request is ReleaseRequest release:
                return ReleaseAsync<TFop, TReply>(ctx, in request, release.Fd);
            case Fop.Releasedir when request is ReleasedirRequest release:
                return ReleaseAsync<TFop, TReply>(ctx, in request, release.Fd);
            case Fop.Open when Options.FilterDirect && request is OpenRequest open:
                return FopCall<TFop, TReply>.Start(this, in ctx, (TFop)(object)(open with { Flags = open.Flags & ~OpenFlags.Direct }));
            case Fop.Create when Options.FilterDirect && request is CreateRequest create:
                return FopCall<TFop, TReply>.Start(this, in ctx, (TFop)(object)(create with { Flags = create.Flags & ~OpenFlags.Direct }));
            case Fop.Readdir when _leaf.Leaves > 1 && request is ReaddirRequest list:
                return FopCall<TFop, TReply>.Start(this, in ctx, (TFop)(object)(list with { Offset = _leaf.Decode(list.Offset) }));
            case Fop.Readdirp when _leaf.Leaves > 1 && request is ReaddirpRequest list:
                return FopCall<TFop, TReply>.Start(this, in ctx, (TFop)(object)(list with { Offset = _leaf.Decode(list.Offset) }));
            case Fop.Lk when request is LkRequest { Command: LkCommand.Set or LkCommand.SetWait } locking:
                if (Fds.Find(locking.Fd) is { } locked)
                    locked.HasLocks |= locking.Lock.Type != LkType.Unlock;
                return FopCall<TFop, TReply>.Start(this, in ctx, in request);
            default:
                return FopCall<TFop, TReply>.Start(this, in ctx, in request);
        }
    }

    /// <summary>The number of an open file for one call: -2 lets the brick open the gfid by itself, -1 means that the call cannot be sent.</summary>
    internal long RemoteNumber(Fd fd, BrickSession session, Fop fop)
    {
        if (fd.IsAnonymous)
            return WireFd.Anonymous;
        var remote = Fds.Find(fd);
        var number = remote?.NumberIn(session.Number) ?? WireFd.None;
        if (number != WireFd.None || remote is { HasLocks: true })
            return number;
        return fop is Fop.Read or Fop.Write or Fop.Fsync or Fop.Finodelk or Fop.Fxattrop or Fop.CopyFileRange ? WireFd.Anonymous : WireFd.None;
    }

    internal void Opened<TFop>(Fd fd, in TFop request, long number, BrickSession session)
        where TFop : struct
    {
        var (flags, isDirectory) = request switch
        {
            OpenRequest open => (open.Flags, false),
            CreateRequest create => (create.Flags, false),
            _ => (OpenFlags.Directory, true),
        };
        Fds.Opened(fd, flags, isDirectory, number, session.Number);
    }

    /// <summary>A listing's cookies, with the number of this brick in them.</summary>
    internal TReply WithLeaf<TReply>(TReply reply)
        where TReply : struct
    {
        if (_leaf.Leaves <= 1 || reply is not ReaddirReply { Entries: { } entries } listed)
            return reply;
        var encoded = new DirectoryEntry[entries.Count];
        for (var i = 0; i < encoded.Length; i++)
            encoded[i] = entries[i] with { Offset = _leaf.Encode(entries[i].Offset) };
        return (TReply)(object)(listed with { Entries = encoded });
    }

    internal void NotExecuted(BrickSession session, string fop, in RpcReplyHeader header) =>
        RpcClientLog.NotExecuted(_logger, session.Client.RemoteName, fop, RpcRefusal.Describe(in header));

    /// <summary>Lets a call wait for the brick; false when fops do not wait.</summary>
    internal bool TryWait(IWaitingCall call)
    {
        var wait = Options.ReconnectWait;
        if (!_mayWait || wait <= TimeSpan.Zero)
            return false;
        _waiting.Add(call, wait);
        // A session may have come between the caller's look and the queue; it would not look at the queue again.
        if (Session is { Client.IsOpen: true } session)
            _waiting.Resume(session);
        return true;
    }

    internal void Publish(BrickSession session)
    {
        Volatile.Write(ref _session, session);
        _waiting.Resume(session);
    }

    internal void Withdraw() => Volatile.Write(ref _session, null);

    internal void Raise(ChildEvent change) => RaiseEvent(change);

    /// <summary>On first use: the translator's slot is not known when it is made.</summary>
    private RemoteFds MakeFds()
    {
        Interlocked.CompareExchange(ref _fds, new RemoteFds(Slot), null);
        return _fds;
    }

    private ValueTask<TReply> ReleaseAsync<TFop, TReply>(in FopContext ctx, in TFop request, Fd fd)
        where TFop : struct, IFop<TFop, TReply>
        where TReply : struct, IReply<TReply>
    {
        // What a brick had open for a connection went with it: there is nothing to release, and nothing to wait for.
        if (Fds.Find(fd) is not { } remote)
            return new(default(TReply));
        Fds.Released(remote);
        return Session is { } session && remote.NumberIn(session.Number) != WireFd.None
            ? FopCall<TFop, TReply>.StartOn(this, session, in ctx, in request)
            : new(default(TReply));
    }

    private void OnCallback(RpcProgram program, uint procedure, ref XdrReader body)
    {
        if (program != RpcProgram.Callback)
            RpcClientLog.UnknownCallback(_logger, Name, program, procedure);
        else if ((CallbackProcedure)procedure is CallbackProcedure.ChildUp or CallbackProcedure.ChildDown)
            _loop.StorageChanged((CallbackProcedure)procedure == CallbackProcedure.ChildUp);
    }

    /// <summary>
    /// Whether a translator above keeps several copies: then a brick that is away must be seen to be away, and waiting for it would only hold up the
    /// others.
    /// </summary>
    private static bool HasRedundancyAbove(Volfile volfile, string name)
    {
        var below = new HashSet<string>(StringComparer.Ordinal) { name };
        foreach (var volume in volfile.Volumes)
        {
            if (!volume.Subvolumes.Any(below.Contains))
                continue;
            if (volume.Type is "cluster/replicate" or "cluster/disperse")
                return true;
            below.Add(volume.Name);
        }

        return false;
    }
}
