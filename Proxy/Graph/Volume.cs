using System.Collections.Concurrent;
using BlockProxy.Proxy.Fops;
using BlockProxy.Volgen;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Graph;

/// <summary>
/// A volume as this process uses it: the active graph, and above it what outlives a graph: the inode table and the open fds. Fronts wind
/// their fops at <see cref="Top"/>.
/// </summary>
public sealed class Volume
{
    private readonly TranslatorRegistry _registry;
    private readonly TranslatorEnvironment _environment;
    private readonly ILogger _logger;
    private readonly ActiveGraph _entry = new() { Name = "active-graph" };
    private readonly ConcurrentDictionary<Fd, byte> _openFds = new();
    private volatile bool _stopping;
    private int _nextSlot;
    private int _nextGraph;

    public Volume(TranslatorRegistry registry, TranslatorEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        _registry = registry;
        _environment = environment;
        _logger = environment.Loggers.CreateLogger("volume");
    }

    public string Name => _environment.VolumeName;

    public InodeTable Inodes { get; } = new();

    /// <summary>Where fops enter the volume, whichever graph is active.</summary>
    public Translator Top => _entry;

    /// <summary>The graph in use; null before <see cref="Load"/>.</summary>
    public VolumeGraph? Graph => _entry.Graph;

    /// <summary>The fds that are open above the graph.</summary>
    public IReadOnlyCollection<Fd> OpenFds => (IReadOnlyCollection<Fd>)_openFds.Keys;

    /// <summary>Builds the first graph and starts it. Answers what is wrong with the volfile, or null.</summary>
    public VolfileDiagnostic? Load(Volfile volfile)
    {
        if (Graph is not null)
            throw new InvalidOperationException("the volume has its first graph; a changed volfile goes to Apply");
        var built = new GraphBuilder(_registry, _environment with { Inodes = Inodes }).Build(volfile, _nextGraph++, () => _nextSlot++);
        if (built.Graph is not { } graph)
            return built.Error;
        graph.UpChanged += up =>
        {
            if (_stopping)
                return;
            if (up)
                GraphLog.GraphUp(_logger, Name, graph.Id);
            else
                GraphLog.GraphDown(_logger, Name, graph.Id);
        };
        _entry.Graph = graph;
        graph.Start();
        return null;
    }

    /// <summary>
    /// A changed volfile: with the same topology its options are bound in place and take effect for the next fop. A volfile of another topology is
    /// refused with a log line, and the graph in use stays.
    /// </summary>
    public void Apply(Volfile volfile)
    {
        ArgumentNullException.ThrowIfNull(volfile);
        if (Graph is not { } graph)
            throw new InvalidOperationException("the volume has no graph yet; its first volfile goes to Load");
        if (volfile.Equals(graph.Volfile))
            return;
        if (!VolumeGraph.SameTopology(graph.Volfile, volfile))
        {
            GraphLog.TopologyChanged(_logger, Name);
            return;
        }

        var changes = string.Join(", ", Changes(graph.Volfile, volfile));
        if (graph.Reconfigure(volfile) is { } error)
            GraphLog.VolfileRefused(_logger, Name, error);
        else
            GraphLog.Reconfigured(_logger, Name, changes);
    }

    /// <summary>Finds a path from the root, a name at a time.</summary>
    /// <param name="path">Absolute: <c>/images/disk0</c>. Empty names are skipped; <c>.</c> and <c>..</c> are refused with EINVAL.</param>
    public async ValueTask<LookupReply> ResolveAsync(FopContext ctx, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var at = Inodes.Root;
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (names.Any(name => name is "." or ".."))
            return LookupReply.Failed(Errno.EINVAL);
        var reply = await LookupAsync(ctx, new Loc(at, Path: "/"));
        for (var i = 0; i < names.Length; i++)
        {
            if (reply.Errno != Errno.None)
                return reply;
            if (reply.Stat.Type != FileType.Directory)
                return LookupReply.Failed(Errno.ENOTDIR);
            reply = await LookupAsync(ctx, new Loc(null, at, names[i], "/" + string.Join('/', names[..(i + 1)])));
            if (reply.Errno == Errno.None)
                at = Inodes.Get(reply.Stat.Gfid);
        }

        return reply;
    }

    /// <summary>One lookup; what it finds enters the inode table.</summary>
    public async ValueTask<LookupReply> LookupAsync(FopContext ctx, Loc loc)
    {
        var reply = await Top.LookupAsync(ctx, new LookupRequest(loc));
        if (reply.Errno == Errno.None)
            Inodes.Get(reply.Stat.Gfid).Type = reply.Stat.Type;
        return reply;
    }

    /// <summary>Opens an inode; the fd is remembered until <see cref="CloseAsync"/>.</summary>
    public async ValueTask<(Errno Errno, Fd Fd)> OpenAsync(FopContext ctx, Loc loc, OpenFlags flags)
    {
        var fd = new Fd(loc.Inode ?? throw new ArgumentException("an inode is opened, not a name", nameof(loc)), flags) { Caller = ctx.Caller };
        var reply = await Top.OpenAsync(ctx, new OpenRequest(loc, fd, flags));
        if (reply.Errno == Errno.None)
            _openFds.TryAdd(fd, 0);
        return (reply.Errno, fd);
    }

    /// <summary>Creates and opens a file with a gfid of our choice. EEXIST with that very gfid cannot happen: it is random.</summary>
    public async ValueTask<(Errno Errno, Fd Fd)> CreateAsync(FopContext ctx, Inode parent, string name, string path, OpenFlags flags, uint mode)
    {
        Gfid gfid;
        lock (_environment.Random)
            gfid = Gfid.NewRandom(_environment.Random);
        var inode = Inodes.Get(gfid);
        var fd = new Fd(inode, flags) { Caller = ctx.Caller };
        var reply = await Top.CreateAsync(ctx, new CreateRequest(
            new Loc(inode, parent, name, path), fd, flags | OpenFlags.Create | OpenFlags.Exclusive, mode, Xdata: new Xdata { ["gfid-req"] = XdataValue.Gfid(gfid) }));
        if (reply.Errno == Errno.None)
        {
            inode.Type = FileType.Regular;
            _openFds.TryAdd(fd, 0);
        }

        return (reply.Errno, fd);
    }

    /// <summary>Flushes and releases an fd.</summary>
    public async ValueTask CloseAsync(FopContext ctx, Fd fd)
    {
        if (!_openFds.TryRemove(fd, out _))
            return;
        await Top.FlushAsync(ctx, new FlushRequest(fd));
        await Top.ReleaseAsync(ctx, new ReleaseRequest(fd));
    }

    /// <summary>Stops the graph: connections close, calls in progress are answered with ENOTCONN.</summary>
    public async ValueTask StopAsync()
    {
        _stopping = true;
        if (Graph is { } graph)
            await graph.StopAsync();
        _entry.Graph = null;
    }

    private static IEnumerable<string> Changes(Volfile old, Volfile current)
    {
        foreach (var volume in current.Volumes)
        {
            var before = old.FindVolume(volume.Name);
            foreach (var option in volume.Options)
            {
                if (before?.FindOption(option.Key)?.Value != option.Value)
                    yield return $"{volume.Name}: {option.Key}={option.Value}";
            }

            foreach (var option in before?.Options ?? [])
            {
                if (volume.FindOption(option.Key) is null)
                    yield return $"{volume.Name}: {option.Key} back to its default";
            }
        }
    }
}
