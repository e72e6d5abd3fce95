using System.Net;
using BlockProxy.IntegrationTests.Support;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Mgmt;
using BlockProxy.Proxy.Translators;
using BlockProxy.Proxy.Translators.Protocol.Client;
using BlockProxy.Volgen;
using Microsoft.Extensions.Logging;

namespace BlockProxy.IntegrationTests.Volumes;

/// <summary>A volume of the lab, opened by our own stack in this process: volfile from the lab's glusterd, bricks over the lab's network.</summary>
public sealed class LabVolume : IAsyncDisposable
{
    private readonly ILoggerFactory _loggers;

    private LabVolume(Volume volume, ILoggerFactory loggers)
    {
        Volume = volume;
        _loggers = loggers;
    }

    public Volume Volume { get; }

    public IEnumerable<ClientTranslator> Clients => Volume.Graph!.Translators.OfType<ClientTranslator>();

    public Inode RootInode => Volume.Inodes.Root;

    /// <summary>Opens it and waits until it is up.</summary>
    /// <param name="reconnectWait">The client option of that name.</param>
    public static async Task<LabVolume> OpenAsync(GlusterLab lab, string name, string reconnectWait = "0")
    {
        ArgumentNullException.ThrowIfNull(lab);
        var server = new DnsEndPoint(GlusterLab.Address, GlusterLab.GlusterdPort);
        var loggers = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Information).AddProvider(new TestLogProvider()));
        await using var glusterd = new GlusterdClient(server, name, lab.Transport, TimeProvider.System, loggers.CreateLogger("glusterd"));
        var answer = await glusterd.FetchAsync(CancellationToken.None);
        Assert.That(answer.Message, Is.Empty);
        var volume = new Volume(StockTranslators.Registry, new TranslatorEnvironment
        {
            Transport = lab.Transport,
            Random = new Random(), // gfids must be new ones
            Process = new ProcessIdentity(Guid.NewGuid(), "test", Environment.ProcessId),
            VolumeName = name,
            VolfileServer = server,
            Loggers = loggers,
            Overrides = [new OptionOverride("protocol/client", "reconnect-wait", reconnectWait)],
        });
        Assert.That(volume.Load(VolfileParser.Parse(answer.Text).Volfile!), Is.Null);
        await volume.Graph!.WhenUpAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return new LabVolume(volume, loggers);
    }

    /// <summary>Waits until every brick is connected.</summary>
    public async Task WhenAllConnectedAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (Clients.Any(c => !c.IsConnected))
            await poll.WaitForNextTickAsync(deadline.Token);
    }

    /// <summary>The inode of a path, which must exist.</summary>
    public async Task<(Inode Inode, Iatt Stat)> ResolveAsync(string path)
    {
        var found = await Volume.ResolveAsync(Root, path);
        Assert.That(found.Errno, Is.EqualTo(Errno.None), path);
        return (Volume.Inodes.Get(found.Stat.Gfid), found.Stat);
    }

    public async Task<Errno> LookupAsync(string path) => (await Volume.ResolveAsync(Root, path)).Errno;

    public async Task<Fd> CreateAsync(string path)
    {
        var (parent, name) = await ParentAsync(path);
        var (errno, fd) = await Volume.CreateAsync(Root, parent, name, path, OpenFlags.ReadWrite, 0x1a4 /* 0644 */);
        Assert.That(errno, Is.EqualTo(Errno.None), path);
        return fd;
    }

    public async Task<Fd> OpenFileAsync(string path)
    {
        var (inode, _) = await ResolveAsync(path);
        var (errno, fd) = await Volume.OpenAsync(Root, new Loc(inode, Path: path), OpenFlags.ReadWrite);
        Assert.That(errno, Is.EqualTo(Errno.None), path);
        return fd;
    }

    public async Task WriteFileAsync(string path, byte[] content)
    {
        var fd = await CreateAsync(path);
        var written = await Volume.Top.WriteAsync(Root, new WriteRequest(fd, 0, content));
        Assert.That((written.Errno, written.Count), Is.EqualTo((Errno.None, content.Length)), path);
        Assert.That((await Volume.Top.FsyncAsync(Root, new FsyncRequest(fd))).Errno, Is.EqualTo(Errno.None), path);
        await Volume.CloseAsync(Root, fd);
    }

    public async Task<byte[]> ReadFileAsync(string path)
    {
        var (_, stat) = await ResolveAsync(path);
        var fd = await OpenFileAsync(path);
        var content = new byte[stat.Size];
        var read = await Volume.Top.ReadAsync(Root, new ReadRequest(fd, 0, content));
        Assert.That((read.Errno, read.Count), Is.EqualTo((Errno.None, content.Length)), path);
        await Volume.CloseAsync(Root, fd);
        return content;
    }

    public async Task<EntryReply> MkdirAsync(string path)
    {
        var (parent, name) = await ParentAsync(path);
        var gfid = Gfid.NewRandom(Random.Shared);
        var xdata = new Xdata { ["gfid-req"] = XdataValue.Gfid(gfid) };
        return await Volume.Top.MkdirAsync(Root, new MkdirRequest(new Loc(Volume.Inodes.Get(gfid), parent, name, path), 0x1ed /* 0755 */, Xdata: xdata));
    }

    public async Task<Errno> RmdirAsync(string path) => (await Volume.Top.RmdirAsync(Root, new RmdirRequest(await LocAsync(path)))).Errno;

    public async Task<Errno> UnlinkAsync(string path) => (await Volume.Top.UnlinkAsync(Root, new UnlinkRequest(await LocAsync(path)))).Errno;

    public async Task<Errno> RenameAsync(string from, string to)
    {
        var (parent, name) = await ParentAsync(to);
        return (await Volume.Top.RenameAsync(Root, new RenameRequest(await LocAsync(from), new Loc(null, parent, name, to)))).Errno;
    }

    public async Task<Errno> LinkAsync(string existing, string added)
    {
        var (parent, name) = await ParentAsync(added);
        var (inode, _) = await ResolveAsync(existing);
        return (await Volume.Top.LinkAsync(Root, new LinkRequest(new Loc(inode, Path: existing), new Loc(inode, parent, name, added)))).Errno;
    }

    /// <summary>The names in a directory, its own two left out, in the order they came.</summary>
    public async Task<List<string>> ListAsync(string path, int size = 4096)
    {
        var (inode, _) = await ResolveAsync(path);
        var fd = new Fd(inode, OpenFlags.Directory);
        Assert.That((await Volume.Top.OpendirAsync(Root, new OpendirRequest(new Loc(inode, Path: path), fd))).Errno, Is.EqualTo(Errno.None), path);
        var names = new List<string>();
        for (ulong offset = 0; ;)
        {
            var listed = await Volume.Top.ReaddirpAsync(Root, new ReaddirpRequest(fd, offset, size));
            Assert.That(listed.Errno, Is.EqualTo(Errno.None), path);
            if (listed.Entries is not { Count: > 0 } entries)
                break;
            names.AddRange(entries.Select(e => e.Name));
            offset = entries[^1].Offset;
        }

        await Volume.Top.ReleasedirAsync(Root, new ReleasedirRequest(fd));
        return [.. names.Where(n => n is not ("." or ".."))];
    }

    public async ValueTask DisposeAsync()
    {
        await Volume.StopAsync();
        _loggers.Dispose();
    }

    private static FopContext Root => default;

    private async Task<Loc> LocAsync(string path)
    {
        var (parent, name) = await ParentAsync(path);
        var (inode, _) = await ResolveAsync(path);
        return new Loc(inode, parent, name, path);
    }

    private async Task<(Inode Parent, string Name)> ParentAsync(string path)
    {
        var slash = path.LastIndexOf('/');
        var (parent, _) = await ResolveAsync(slash == 0 ? "/" : path[..slash]);
        return (parent, path[(slash + 1)..]);
    }

    /// <summary>Log lines go to the test's output.</summary>
    private sealed class TestLogProvider : ILoggerProvider, ILogger
    {
        private string _category = "";

        public ILogger CreateLogger(string categoryName) => new TestLogProvider { _category = categoryName };

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            TestContext.Progress.WriteLine($"{logLevel} {_category}: {formatter(state, exception)}");

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
