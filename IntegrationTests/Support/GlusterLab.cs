using System.Diagnostics;
using System.Globalization;
using BlockProxy.Io;

namespace BlockProxy.IntegrationTests.Support;

/// <summary>
/// A real GlusterFS node in namespaces of its own (tools/gluster-lab). One is shared by all tests of a run; it starts with the first test that
/// asks for it. Commands run inside; our own code reaches the bricks through <see cref="Transport"/>; files that are visible only inside, such as
/// a FUSE mount's, are reached under <see cref="PathOf"/>.
/// </summary>
public sealed class GlusterLab : IAsyncDisposable
{
    /// <summary>The node's address; glusterd listens there on <see cref="GlusterdPort"/>.</summary>
    public const string Address = "10.77.0.1";

    public const int GlusterdPort = 24007;

    private const string RootPrefix = "/var/tmp/gluster-lab-it-";

    private static readonly SemaphoreSlim Gate = new(1, 1);
    private static GlusterLab? _shared;

    private readonly HashSet<string> _volumes = [];
    private readonly HashSet<string> _mounts = [];
    private readonly LabTransport _transport;

    private GlusterLab(string name)
    {
        Name = name;
        HolderPid = int.Parse(File.ReadAllText(Path.Combine(Root, "holder.pid")), CultureInfo.InvariantCulture);
        _transport = new LabTransport(HolderPid);
    }

    public string Name { get; }

    /// <summary>The lab's state: <c>bricks/VOLUME/bN</c>, <c>log</c>, <c>tmp</c>; the same path inside and outside.</summary>
    public string Root => $"/var/tmp/gluster-lab-{Name}";

    /// <summary>The process that holds the namespaces, as seen from outside.</summary>
    public int HolderPid { get; }

    /// <summary>The lab's network, for our code running in this process.</summary>
    public ITransport Transport => _transport;

    private static string Tool => Path.Combine(AppContext.BaseDirectory, "tools", "gluster-lab");

    /// <summary>The lab of this run, started if need be. Skips the test when GlusterFS is not installed or this is not root.</summary>
    public static async Task<GlusterLab> SharedAsync()
    {
        Command.Require("glusterd", "gluster", "glusterfs", "unshare", "nsenter", "ip", "pgrep");
        if (Environment.UserName != "root")
            Assert.Ignore("gluster-lab needs root");
        await Gate.WaitAsync();
        try
        {
            return _shared ??= await StartAsync($"it-{Environment.ProcessId}");
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>Ends the shared lab; called once, after all tests.</summary>
    public static async Task StopSharedAsync()
    {
        if (_shared is { } lab)
            await lab.DisposeAsync();
        _shared = null;
    }

    /// <summary>Runs a command inside, to its end.</summary>
    public Task<CommandResult> RunAsync(params string[] command) => ToolAsync(["exec", .. command]);

    /// <summary>Runs a command inside that must succeed; answers its output.</summary>
    public async Task<string> CheckAsync(params string[] command) => (await RunAsync(command)).Expect();

    /// <summary>Starts a program inside that goes on running, the gateway for one; the caller ends it.</summary>
    public Process Start(params string[] command) => Command.Start(["bash", Tool, "exec", .. command], Environ);

    /// <summary>Makes and starts a volume once; later calls with the same name do nothing. Kinds: see the tool.</summary>
    public async Task VolumeAsync(string name, string kind)
    {
        if (_volumes.Add(name))
            (await ToolAsync(["volume", name, kind])).Expect();
    }

    public Task SetOptionAsync(string volume, string key, string value) => CheckAsync("gluster", "--mode=script", "volume", "set", volume, key, value);

    /// <summary>Mounts the volume with the stock FUSE client, without caches of the kernel; answers the path as seen from outside.</summary>
    public async Task<string> MountAsync(string volume)
    {
        if (_mounts.Add(volume))
            (await ToolAsync(["mount", volume])).Expect();
        return PathOf(Path.Combine(Root, "mnt", volume));
    }

    public async Task UnmountAsync(string volume)
    {
        if (_mounts.Remove(volume))
            (await ToolAsync(["umount", volume])).Expect();
    }

    /// <summary>From outside, a path of the inside: mounts made inside are visible there.</summary>
    public string PathOf(string inside) => $"/proc/{HolderPid}/root{inside}";

    /// <summary>The directory of a brick; the first is number 1.</summary>
    public string Brick(string volume, int number) => Path.Combine(Root, "bricks", volume, $"b{number}");

    /// <summary>Kills a brick's process as <c>kill -9</c> does.</summary>
    public async Task KillBrickAsync(string volume, int number)
    {
        var name = $"{Address}{Brick(volume, number).Replace('/', '-')}.pid";
        var pid = (await File.ReadAllTextAsync(Path.Combine(Root, "run/gluster/vols", volume, name))).Trim();
        await CheckAsync("sh", "-c", $"kill -9 {pid}; while kill -0 {pid} 2>/dev/null; do sleep 0.05; done");
    }

    /// <summary>Starts the bricks of a volume that do not run.</summary>
    public Task RestartBricksAsync(string volume) => CheckAsync("gluster", "--mode=script", "volume", "start", volume, "force");

    public async ValueTask DisposeAsync()
    {
        _transport.Dispose();
        await ToolAsync(["down"]);
    }

    private static async Task<GlusterLab> StartAsync(string name)
    {
        await RemoveAbandonedAsync();
        (await ToolAsync(["up"], name)).Expect();
        return new GlusterLab(name);
    }

    /// <summary>A run that was killed leaves its lab behind, and the lab's name tells which process that was.</summary>
    private static async Task RemoveAbandonedAsync()
    {
        foreach (var root in Directory.GetDirectories("/var/tmp", Path.GetFileName(RootPrefix) + "*"))
        {
            var owner = root[RootPrefix.Length..];
            if (!Directory.Exists($"/proc/{owner}"))
                await ToolAsync(["down"], "it-" + owner);
        }
    }

    private Dictionary<string, string> Environ => new() { ["LAB"] = Name };

    private Task<CommandResult> ToolAsync(string[] arguments) => ToolAsync(arguments, Name);

    private static Task<CommandResult> ToolAsync(string[] arguments, string name) =>
        Command.RunAsync(["bash", Tool, .. arguments], environment: new Dictionary<string, string> { ["LAB"] = name });
}
