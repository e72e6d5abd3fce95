using System.Net;
using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Translators.Features.Locks;
using BlockProxy.Proxy.Translators.Storage.Posix;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Callback;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Translators.Protocol.Server;

/// <summary>
/// protocol/server: serves its subvolumes to protocol/client, ours and stock ones, under their names in the volfile. gluster-rpc sections 2 to 15.
/// </summary>
#pragma warning disable CA1001 // StopAsync, the end of every translator, disposes what this one has.
public sealed class ServerTranslator : Translator<ServerOptions>
#pragma warning restore CA1001
{
    public const string TypeName = "protocol/server";

    private readonly RpcServer _rpc;
    private readonly HashSet<Translator> _up = [];
    private readonly Lock _gate = new();
    private Task _releasing = Task.CompletedTask;
    private bool _started;

    /// <param name="options">Where it listens, and its limits.</param>
    /// <param name="auth">Who may log in.</param>
    /// <param name="environment">Network, memory, time and log.</param>
    /// <param name="limits">Limits that no option names; those that one does are taken from there.</param>
    public ServerTranslator(ServerOptions options, ServerAuth auth, TranslatorEnvironment environment, RpcServerLimits? limits = null)
        : base(options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(environment);
        Auth = auth;
        Logger = environment.Loggers.CreateLogger(TypeName);
        ProcessUuid = $"CTX_ID:{environment.Process.Uuid}-GRAPH_ID:0-PID:{environment.Process.ProcessId}-HOST:{environment.Process.HostName}";
        Clients = new ClientTable(options.FdLimit);
        _rpc = new RpcServer(
            environment.Transport,
            (limits ?? new RpcServerLimits()) with { Requests = options.RequestLimit, Bytes = options.ByteLimit, Connections = options.ConnectionLimit },
            environment.Time, environment.Buffers, Logger, MakePrograms);
    }

    /// <summary>Where to listen; made from the options when null.</summary>
    public EndPoint? ListenEndPoint { get; set; }

    /// <summary>Whether to listen at all; else connections come in by <see cref="Serve"/>.</summary>
    public bool Listens { get; set; } = true;

    /// <summary>The address in use, once started.</summary>
    public EndPoint? LocalEndPoint => _rpc.LocalEndPoint;

    /// <summary>Answers GETSPEC: a volfile for a key, or null for one it does not know. When not set, GETSPEC is refused as bricks refuse it.</summary>
    public Func<string, string?>? VolfileFor { get; set; }

    /// <summary>Why it does not listen: one sentence. Null while it does, and before the start.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Connections that are open.</summary>
    public int Connections => _rpc.Count;

    internal ServerAuth Auth { get; }

    internal ILogger Logger { get; }

    internal string ProcessUuid { get; }

    internal ClientTable Clients { get; }

    internal InodeTable Inodes { get; } = new();

    /// <inheritdoc/>
    public override string? CheckChildren() => Children.Count > 0 ? null : "has no subvolumes; it takes at least one";

    /// <summary>Listens and accepts. An address that cannot be used is logged and kept as <see cref="Refusal"/>.</summary>
    public override void Start()
    {
        _started = true;
        foreach (var below in Below(this))
        {
            if (below is ILockContention source)
                source.Contended += OnContended;
        }

        if (!Listens)
            return;
        try
        {
            _rpc.Start(ListenEndPoint ?? new IPEndPoint(Options.BindAddress is { } text ? IPAddress.Parse(text) : IPAddress.IPv6Any, Options.ListenPort));
        }
        catch (Exception error) when (error is IOException or FormatException)
        {
            Refusal = error.Message;
            ServerLog.CannotListen(Logger, error.Message);
        }
    }

    /// <summary>Stops accepting, answers what is in flight, closes the connections and drops what their clients held.</summary>
    public override async ValueTask StopAsync()
    {
        if (!_started)
            return;
        _started = false;
        await _rpc.StopAsync();
        _rpc.Dispose();
        Task releasing;
        lock (_gate)
            releasing = _releasing;
        await releasing;
    }

    /// <summary>Serves one channel as if it had been accepted: for an embedded brick of this very process.</summary>
    public void Serve(IByteChannel channel) => _rpc.Serve(channel);

    /// <inheritdoc/>
    protected internal override void OnChildEvent(Translator child, ChildEvent change)
    {
        if (change is ChildEvent.Up or ChildEvent.Down)
        {
            bool changed;
            lock (_gate)
                changed = change == ChildEvent.Up ? _up.Add(child) : _up.Remove(child);
            if (changed)
                Announce(child, change == ChildEvent.Up ? CallbackProcedure.ChildUp : CallbackProcedure.ChildDown);
        }

        RaiseEvent(change);
    }

    internal bool IsUp(Translator subvolume)
    {
        lock (_gate)
            return _up.Contains(subvolume);
    }

    internal Translator? FindSubvolume(string name)
    {
        foreach (var child in Children)
        {
            if (child.Name == name)
                return child;
        }

        return null;
    }

    internal static IEnumerable<Translator> Below(Translator translator) => translator.Children.SelectMany(child => Below(child).Prepend(child));

    /// <summary>The volume a subvolume belongs to: that of the brick at its bottom.</summary>
    internal static Gfid VolumeIdOf(Translator subvolume) =>
        subvolume is PosixTranslator brick ? brick.VolumeId : Below(subvolume).OfType<PosixTranslator>().FirstOrDefault()?.VolumeId ?? Gfid.Null;

    /// <summary>Releases an fd that no client holds.</summary>
    internal void Release(Translator subvolume, Fd fd)
    {
        var releasing = ReleaseAsync(subvolume, fd);
        lock (_gate)
            _releasing = _releasing.IsCompleted ? releasing : Task.WhenAll(_releasing, releasing);
    }

    /// <summary>A connection of that client has ended; with the last one its fds and locks go.</summary>
    internal void Leave(ServerClient client, RpcServerConnection connection)
    {
        if (!Clients.Leave(client, connection))
            return;
        var fds = client.Fds.Close();
        foreach (var below in Below(this).OfType<IClientAware>())
            below.ClientLeft(client.Name);
        foreach (var fd in fds)
            Release(client.Subvolume, fd);
        ServerLog.Left(Logger, client.Name, fds.Count);
    }

    private static async Task ReleaseAsync(Translator subvolume, Fd fd)
    {
        var ctx = new FopContext(fd.Caller);
        if (fd.Flags.HasFlag(OpenFlags.Directory))
            await subvolume.ReleasedirAsync(ctx, new ReleasedirRequest(fd));
        else
            await subvolume.ReleaseAsync(ctx, new ReleaseRequest(fd));
    }

    private IReadOnlyList<RpcServerProgram> MakePrograms(RpcServerConnection connection)
    {
        var session = new ClientSession(this, connection);
        return [new FopProgram(this, session, connection), new DumpProgram(), new HandshakeProgram(this, session), new PortmapProgram(this)];
    }

    /// <summary>Tells the holder of a lock that somebody waits. Its client may be gone by now.</summary>
    private void OnContended(LockContention contention)
    {
        if (Clients.Find(contention.Client) is not { } client)
            return;
        foreach (var connection in client.Connections.Values)
        {
            if (contention.Range is { } range)
                connection.CallBack(CallbackProcedure.InodelkContention, new InodelkContention(contention.Inode, range, (uint)contention.Pid, contention.Domain));
            else
                connection.CallBack(CallbackProcedure.EntrylkContention, new EntrylkContention(
                    contention.Inode, contention.Type, (uint)contention.Pid, contention.Name ?? "", contention.Domain));
            return; // the client's connections share its locks: one of them hears of it
        }
    }

    private void Announce(Translator child, CallbackProcedure what)
    {
        foreach (var client in Clients.All().Where(c => ReferenceEquals(c.Subvolume, child)))
        {
            foreach (var connection in client.Connections.Values)
                connection.CallBack(what, default(EmptyMessage));
        }
    }
}
