using BlockProxy.Io;
using BlockProxy.Proxy.Bricks;
using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Translators.Storage.Posix;
using BlockProxy.UnitTests.Posix;
using Microsoft.Extensions.Logging;

namespace BlockProxy.UnitTests.Server;

/// <summary>A whole embedded brick in a directory of its own, reached over memory.</summary>
internal sealed class ServedBrick : IAsyncDisposable
{
    public const string Name = "/brick";

    private readonly string _parent;
    private readonly MemoryTransport _transport = new();

    private ServedBrick(string parent, EmbeddedBrick brick, RecordedLog log)
    {
        _parent = parent;
        Brick = brick;
        Log = log;
    }

    public EmbeddedBrick Brick { get; }

    public RecordedLog Log { get; }

    public static async Task<ServedBrick> StartAsync(Func<EmbeddedBrickOptions, EmbeddedBrickOptions>? change = null)
    {
        var parent = Directory.CreateTempSubdirectory("blockproxy-server-").FullName;
        var log = new RecordedLog();
        var options = new EmbeddedBrickOptions
        {
            Directory = Path.Combine(parent, "brick"),
            Name = Name,
            VolumeId = TemporaryBrick.Volume,
            Initialize = true,
            Posix = new PosixOptions { Reserve = 0 },
        };
        var (brick, refusal) = await EmbeddedBrick.StartAsync(change?.Invoke(options) ?? options, new TranslatorEnvironment
        {
            Random = new Random(1),
            Process = new ProcessIdentity(Guid.NewGuid(), "test", 1),
            Loggers = log,
            Transport = new MemoryTransport(),
        });
        if (brick is null)
        {
            Directory.Delete(parent, recursive: true);
            throw new InvalidOperationException(refusal);
        }

        return new ServedBrick(parent, brick, log);
    }

    /// <summary>A new connection, not logged in.</summary>
    public RpcPeer Connect()
    {
        var (near, far) = _transport.CreatePair("brick", "10.1.2.3:1000");
        Brick.Serve(far);
        return new RpcPeer(near);
    }

    /// <summary>A new connection that has logged in.</summary>
    public async Task<RpcPeer> LogInAsync(string processUuid = "peer")
    {
        var peer = Connect();
        var reply = await peer.LoginAsync(Name, processUuid);
        if (reply.Result != 0)
            throw new InvalidOperationException($"the login failed: {reply}");
        return peer;
    }

    public async ValueTask DisposeAsync()
    {
        await Brick.StopAsync();
        Directory.Delete(_parent, recursive: true);
    }
}

/// <summary>Keeps what was logged.</summary>
internal sealed class RecordedLog : ILoggerFactory, ILogger
{
    private readonly List<(LogLevel Level, string Text)> _lines = [];

    public IReadOnlyList<(LogLevel Level, string Text)> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
            _lines.Add((logLevel, formatter(state, exception) + exception));
    }
}
