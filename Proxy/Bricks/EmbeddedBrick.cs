using System.Net;
using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Translators.Features.AccessControl;
using BlockProxy.Proxy.Translators.Features.Locks;
using BlockProxy.Proxy.Translators.Protocol.Server;
using BlockProxy.Proxy.Translators.Storage.Posix;
using BlockProxy.Proxy.Translators.Storage.Posix.Executor;
using BlockProxy.Proxy.Wire.Rpc;

namespace BlockProxy.Proxy.Bricks;

/// <summary>What an <see cref="EmbeddedBrick"/> serves, and where.</summary>
public sealed record EmbeddedBrickOptions
{
    /// <summary>The brick's directory. Absent or empty, it becomes one when <see cref="Initialize"/> is set.</summary>
    public required string Directory { get; init; }

    /// <summary>Where it listens, on the environment's transport. Null: nowhere, and connections come in by <see cref="EmbeddedBrick.Serve"/> alone.</summary>
    public EndPoint? Listen { get; init; }

    /// <summary>What clients ask for as remote-subvolume; the directory's full path when null, as glusterd names bricks.</summary>
    public string? Name { get; init; }

    /// <summary>The volume. Null takes what the directory says, and a random one for a new directory.</summary>
    public Gfid? VolumeId { get; init; }

    /// <summary>Whether an absent or empty directory is made a brick.</summary>
    public bool Initialize { get; init; }

    /// <summary>Where trusted.* attributes are kept. Null: as the directory has it; in a new one as this process's privileges allow.</summary>
    public XattrNamespace? XattrNamespace { get; init; }

    /// <summary>Who may log in; everybody by default.</summary>
    public ServerAuth Auth { get; init; } = ServerAuth.Open;

    /// <summary>The volume's name, for clients that fetch their volfile here (GETSPEC). Null: GETSPEC is refused, as bricks do.</summary>
    public string? VolumeName { get; init; }

    public PosixOptions Posix { get; init; } = new();

    public LocksOptions Locks { get; init; } = new();

    public ServerOptions Server { get; init; } = new();

    /// <summary>Where blocking system calls run; worker threads when null.</summary>
    public IIoExecutor? Executor { get; init; }

    /// <summary>Limits of the server that no option names.</summary>
    public RpcServerLimits Limits { get; init; } = new();
}

/// <summary>
/// A brick in this process: storage/posix, features/access-control, features/locks, protocol/server, from the bottom up. Clients, stock ones too,
/// use it like a glusterfsd.
/// </summary>
public sealed class EmbeddedBrick : IAsyncDisposable
{
    private readonly PosixTranslator _posix;
    private readonly LocksTranslator _locks;
    private readonly ServerTranslator _server;
    private bool _stopped;

    private EmbeddedBrick(EmbeddedBrickOptions options, PosixTranslator posix, LocksTranslator locks, ServerTranslator server)
    {
        Options = options;
        _posix = posix;
        _locks = locks;
        _server = server;
    }

    public EmbeddedBrickOptions Options { get; }

    /// <summary>What clients ask for as remote-subvolume.</summary>
    public string Name => _locks.Name;

    /// <summary>The volume the brick belongs to.</summary>
    public Gfid VolumeId => _posix.VolumeId;

    /// <summary>The address in use; null when it does not listen.</summary>
    public EndPoint? LocalEndPoint => _server.LocalEndPoint;

    /// <summary>Connections that are open.</summary>
    public int Connections => _server.Connections;

    /// <summary>The top of the brick's translators, for fops that need no wire.</summary>
    public Translator Top => _locks;

    /// <summary>Opens the directory and begins to serve it. Answers a running brick, or one sentence that says why there is none.</summary>
    public static async Task<(EmbeddedBrick? Brick, string? Refusal)> StartAsync(EmbeddedBrickOptions options, TranslatorEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(environment);
        var path = Path.GetFullPath(options.Directory);
        var volumeId = options.VolumeId ?? Gfid.Null;
        var @namespace = options.XattrNamespace ?? BrickDirectory.DetectNamespace(path);
        if (options.VolumeId is null && options.Initialize && !BrickDirectory.HasVolumeId(path, @namespace))
        {
            lock (environment.Random)
                volumeId = Gfid.NewRandom(environment.Random);
        }

        var posix = new PosixTranslator(
            options.Posix with { Directory = path, VolumeId = volumeId, Initialize = options.Initialize, XattrNamespace = @namespace },
            environment.Time, environment.Loggers.CreateLogger(PosixTranslator.TypeName), options.Executor)
        {
            Name = "posix",
            Type = PosixTranslator.TypeName,
            Slot = 0,
        };
        var access = new AccessControlTranslator { Name = "access-control", Type = AccessControlTranslator.TypeName, Slot = 1 };
        var locks = new LocksTranslator(options.Locks, environment.Time) { Name = options.Name ?? path, Type = LocksTranslator.TypeName, Slot = 2 };
        var server = new ServerTranslator(options.Server, options.Auth, environment, options.Limits)
        {
            Name = "server",
            Type = ServerTranslator.TypeName,
            Slot = 3,
            ListenEndPoint = options.Listen,
            Listens = options.Listen is not null,
        };
        access.Adopt([posix]);
        locks.Adopt([access]);
        server.Adopt([locks]);
        var brick = new EmbeddedBrick(options, posix, locks, server);
        if (options.VolumeName is { } volume)
            server.VolfileFor = key => brick.VolfileFor(volume, key);

        posix.Start();
        if (posix.Refusal is { } refusal)
            return (null, $"brick {path}: {refusal}");
        locks.Start();
        server.Start();
        if (server.Refusal is not { } cannotListen)
            return (brick, null);
        await brick.StopAsync();
        return (null, $"brick {path}: {cannotListen}");
    }

    /// <summary>Serves one channel as if it had been accepted.</summary>
    public void Serve(IByteChannel channel) => _server.Serve(channel);

    /// <summary>Stops accepting, answers what is in flight, closes the connections, and closes the directory.</summary>
    public async ValueTask StopAsync()
    {
        if (_stopped)
            return;
        _stopped = true;
        await _server.StopAsync();
        await _locks.StopAsync();
        await _posix.StopAsync();
    }

    public ValueTask DisposeAsync() => StopAsync();

    /// <summary>The volfile of a volume that consists of this brick: one protocol/client. The key may begin with a slash.</summary>
    private string? VolfileFor(string volume, string key)
    {
        if (key.TrimStart('/') is var wanted && wanted != volume && wanted != $"gfproxy-client/{volume}")
            return null;
        if (LocalEndPoint is not IPEndPoint here)
            return null;
        // Without remote-host: the client takes the address it fetched this from.
        return $"""
            volume {volume}-client-0
                type protocol/client
                option ping-timeout 42
                option remote-port {here.Port}
                option remote-subvolume {Name}
                option transport-type tcp
                option send-gids true
            end-volume

            volume {volume}-utime
                type features/utime
                option noatime on
                subvolumes {volume}-client-0
            end-volume

            volume {volume}
                type debug/io-stats
                subvolumes {volume}-utime
            end-volume

            """;
    }
}
