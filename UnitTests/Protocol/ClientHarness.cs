using System.Net;
using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Translators;
using BlockProxy.Proxy.Translators.Protocol.Client;
using BlockProxy.Volgen;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Protocol;

/// <summary>A graph of one protocol/client, and the brick and glusterd that a test plays for it.</summary>
internal sealed class ClientHarness : IAsyncDisposable
{
    public const string Host = "brick.example";
    public const int BrickPort = 49152;

    private readonly MemoryTransport _transport = new();

    public ClientHarness(string options = "", string? volfile = null, string above = "")
    {
        Brick = new ScriptedServer(_transport, Host, BrickPort);
        var parsed = VolfileParser.Parse(volfile ?? $"""
            volume vol-client-0
                type protocol/client
                option remote-host {Host}
                option remote-port {BrickPort}
                option remote-subvolume /bricks/b1
                option username user
                option password secret
                {options}
            end-volume
            {above}
            """);
        Volfile = parsed.Volfile ?? throw new AssertionException(parsed.Error!.ToString());
        Environment = new TranslatorEnvironment
        {
            Time = Clock,
            Transport = _transport,
            Random = new Random(5),
            Process = new ProcessIdentity(Guid.Parse("11111111-2222-3333-4444-555555555555"), "host", 77, "unit-test"),
            VolumeName = "vol",
            VolfileServer = new DnsEndPoint("volfile.example", 24007),
            Loggers = Log,
        };
        var built = new GraphBuilder(StockTranslators.Registry, Environment).Build(Volfile, graphId: 3, () => _slots++);
        Graph = built.Graph ?? throw new AssertionException(built.Error!.ToString());
        Client = Graph.Translators.OfType<ClientTranslator>().First();
        Graph.UpChanged += up => Ups.Add(up);
    }

    private int _slots;

    public TestClock Clock { get; } = new();

    public RecordingLogger Log { get; } = new();

    public ScriptedServer Brick { get; }

    public Volfile Volfile { get; }

    public TranslatorEnvironment Environment { get; }

    public VolumeGraph Graph { get; }

    public ClientTranslator Client { get; }

    /// <summary>Every change between up and down.</summary>
    public List<bool> Ups { get; } = [];

    public ScriptedServer Listen(string host, int port) => new(_transport, host, port);

    /// <summary>Starts the graph and logs it in; the brick's end is returned.</summary>
    public async Task<ScriptedConnection> ConnectAsync(string serverUuid = "brick-1")
    {
        Graph.Start();
        return await LogInAsync(serverUuid);
    }

    /// <summary>The next connection, logged in.</summary>
    public async Task<ScriptedConnection> LogInAsync(string serverUuid = "brick-1")
    {
        var connection = await Brick.AcceptAsync();
        await connection.LogInAsync(serverUuid);
        await UpAsync();
        return connection;
    }

    public Task UpAsync() => Graph.WhenUpAsync().WaitAsync(TimeSpan.FromSeconds(10));

    /// <summary>Waits until the client waits for its next attempt to connect, which is at most 3.6 seconds away; other timers are slower.</summary>
    public Task UntilNextAttemptAsync() => Clock.UntilDueAsync(TimeSpan.FromSeconds(3.6));

    public async Task DownAsync()
    {
        while (Graph.IsUp)
            await Task.Yield();
    }

    /// <summary>Opens a file; the brick gives it that number.</summary>
    public async Task<Fd> OpenAsync(ScriptedConnection brick, long number, OpenFlags flags = OpenFlags.ReadWrite)
    {
        var inode = new Inode(new Gfid(7, (ulong)number + 100));
        var fd = new Fd(inode, flags);
        var opening = Client.OpenAsync(default, new OpenRequest(Loc.Of(inode), fd, flags));
        var call = await brick.ExpectAsync(Fop.Open);
        await brick.ReplyAsync<OpenRequest, StatusReply>(call, new StatusReply(Errno.None), number);
        Assert.That((await opening).Errno, Is.EqualTo(Errno.None));
        return fd;
    }

    public async ValueTask DisposeAsync()
    {
        await Graph.StopAsync();
        Brick.Dispose();
    }
}

/// <summary>What a fop's call has in its body.</summary>
internal static class CallBody
{
    /// <summary>The gfid that almost every call begins with.</summary>
    public static Gfid Gfid(this ScriptedCall call) => Proxy.Fops.Gfid.Read(call.Body);

    /// <summary>The number of the open file, after the gfid.</summary>
    public static long Fd(this ScriptedCall call) => System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(call.Body.AsSpan(16));

    /// <summary>OPEN's flags, after the gfid.</summary>
    public static OpenFlags Flags(this ScriptedCall call) => (OpenFlags)System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(call.Body.AsSpan(16));
}
