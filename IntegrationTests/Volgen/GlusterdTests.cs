using System.Text;
using BlockProxy.IntegrationTests.Support;
using BlockProxy.Volgen.Definition;
using BlockProxy.Volgen.Graphs;
using BlockProxy.Volgen.Options;

namespace BlockProxy.IntegrationTests.Volgen;

/// <summary>Random volumes made by the gluster command line: our graphs are the files that the real glusterd writes for them.</summary>
[TestFixture]
public sealed class GlusterdTests
{
    private const int Volumes = 30;
    private const int OptionsPerVolume = 8;

    private static readonly (string Create, int Leaf)[] Shapes =
        [("", 1), ("replica 2", 2), ("replica 3", 3), ("replica 3 arbiter 1", 3), ("disperse 3 redundancy 1", 3)];

    /// <summary>Options that concern the whole cluster, need a service that is not set up here, or are glusterd's to set.</summary>
    private static readonly string[] NotForOneVolume =
    [
        "cluster.op-version", "cluster.max-op-version", "cluster.enable-shared-storage", "cluster.brick-multiplex", "cluster.max-bricks-per-process",
        "cluster.brick-graceful-cleanup", "cluster.daemon-log-level", "cluster.localtime-logging", "cluster.server-quorum-ratio",
        "glusterd.vol_count_per_thread", "features.quota", "features.inode-quota", "features.bitrot", "features.limit-usage", "features.trash",
        "config.transport", "nfs.disable", "ganesha.enable", "features.scrub", "features.scrub-freq", "features.scrub-throttle", "features.barrier",
    ];

    /// <summary>What glusterd accepts our rules accept, since the definition is read through them; what it refuses they refuse.</summary>
    [Test]
    [CancelAfter(240_000)]
    public async Task Thirty_random_volumes_have_the_graphs_that_glusterd_wrote(CancellationToken stop)
    {
        var lab = await GlusterLab.SharedAsync();
        var (files, set, refused) = (0, 0, 0);
        for (var seed = 1; seed <= Volumes; seed++)
        {
            stop.ThrowIfCancellationRequested();
            var random = new Random(seed);
            var name = $"rand-{seed}";
            await CreateAsync(lab, name, random);
            try
            {
                foreach (var (option, value) in Enumerable.Range(0, OptionsPerVolume).Select(_ => Choose(random)))
                {
                    var answer = await lab.RunAsync("gluster", "--mode=script", "volume", "set", name, option, value);
                    set += answer.ExitCode == 0 ? 1 : 0;
                    if (answer.ExitCode == 0)
                        continue;
                    refused++;
                    var volume = Read(lab, name);
                    var wrong = volume with { Options = volume.Options.With(option, value) };
                    Assert.That(DefinitionRules.FaultOf(wrong), Is.Not.Null, $"seed {seed}: {option} {value}: glusterd says {answer.Errors}");
                }
                files += Compare(lab, name, seed);
            }
            finally
            {
                await lab.CheckAsync("gluster", "--mode=script", "volume", "delete", name);
            }
        }
        TestContext.Out.WriteLine($"{files} volfiles of {Volumes} volumes equal; {set} options set, {refused} refused by glusterd");
        Assert.That(set, Is.GreaterThan(Volumes * OptionsPerVolume / 2));
    }

    [Test]
    [CancelAfter(60_000)]
    [TestCase("client")]
    [TestCase("gfproxy-client")]
    [TestCase("gfproxyd")]
    [TestCase("brick-1")]
    public async Task A_graph_of_either_flavour_loads_in_stock_glusterfsd(string graph, CancellationToken stop)
    {
        var lab = await GlusterLab.SharedAsync();
        await CreateAsync(lab, "loaded", new Random(3));
        var folder = Path.Combine(lab.Root, "tmp");
        try
        {
            var volume = Read(lab, "loaded") with { Status = VolumeStatus.Created };
            volume = volume with { Options = volume.Options.With("features.shard", "on").With("auth.reject", "10.9.9.9") };
            foreach (var made in new[] { StockGraphs.Find(volume, graph)!, BlockProxyGraphs.Find(volume, graph)! })
            {
                // Stock programs have no Aha.
                if (made.Volumes.Any(translator => translator.Type == "features/aha"))
                    continue;
                var path = Path.Combine(folder, "loaded.vol");
                await File.WriteAllTextAsync(path, made.Text, stop);

                // The program prints the graph between two rulers once it has loaded it; it is ended then.
                var log = await lab.CheckAsync("sh", "-c", $"""
                    glusterfsd -N -f {path} -l {folder}/loaded.log -p {folder}/loaded.pid --xlator-option loaded-server.listen-port=49999 & pid=$!
                    for i in $(seq 100); do [ $(grep -c '^+---' {folder}/loaded.log) -ge 2 ] && break; kill -0 $pid || break; sleep 0.1; done
                    kill $pid; wait $pid; cat {folder}/loaded.log; rm {folder}/loaded.log
                    """);

                Assert.That(log, Does.Contain($"volume {made.Volumes[^1].Name}\n").And.Contain("Final graph:"), graph);
            }
        }
        finally
        {
            await lab.CheckAsync("gluster", "--mode=script", "volume", "delete", "loaded");
        }
    }

    private static async Task CreateAsync(GlusterLab lab, string name, Random random)
    {
        var (create, leaf) = Shapes[random.Next(Shapes.Length)];
        var count = leaf * random.Next(1, 3);
        var bricks = Enumerable.Range(1, count).Select(number => $"10.77.0.{(number - 1) % 6 + 1}:{lab.Brick(name, number)}");
        Directory.CreateDirectory(Path.GetDirectoryName(lab.Brick(name, 1))!);
        await lab.CheckAsync(["gluster", "--mode=script", "volume", "create", name, .. create.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. bricks, "force"]);
    }

    private static (string Name, string Value) Choose(Random random)
    {
        while (true)
        {
            var row = OptionTable.Rows[random.Next(OptionTable.Rows.Count)];
            if (!NotForOneVolume.Contains(row.Name) && ValueFor(row, random) is { } value)
                return (row.Name, value);
        }
    }

    private static string? ValueFor(OptionRow row, Random random) => row.Type switch
    {
        OptionValueType.Boolean => Pick(random, "on", "off", "yes", "0", "Enable"),
        _ when row.Words.Count > 0 => Pick(random, [.. row.Words]),
        OptionValueType.Integer or OptionValueType.Time or OptionValueType.Size => Pick(random, $"{row.Least ?? 1:0}", $"{row.Most ?? 7:0}", "64"),
        OptionValueType.Percent or OptionValueType.PercentOrSize => Pick(random, "5%", "50", "101%"),
        OptionValueType.Addresses or OptionValueType.ClientAddresses => Pick(random, "10.0.0.1", "10.0.0.1,host.example"),
        _ when row.Rule == OptionRule.Debug => Pick(random, "client", "posix", "locks", "off"),
        _ => null,
    };

    private static string Pick(Random random, params string[] values) => values[random.Next(values.Length)];

    private static int Compare(GlusterLab lab, string name, int seed)
    {
        var volume = Read(lab, name);
        var directory = DirectoryOf(lab, name);
        var names = StockGraphs.NamesOf(volume).ToList();
        foreach (var graph in names)
        {
            var written = File.ReadAllText(Path.Combine(directory, StockGraphs.FileNameOf(volume, graph)));
            Assert.That(StockGraphs.Find(volume, graph)!.Text, Is.EqualTo(written), $"seed {seed}, {graph}");
        }
        return names.Count;
    }

    /// <summary>The definition from glusterd's own files.</summary>
    private static VolumeDefinition Read(GlusterLab lab, string name)
    {
        var directory = DirectoryOf(lab, name);
        var result = VolumeDefinitionReader.Read(File.ReadAllBytes(Path.Combine(directory, "info")), name, null,
            brick => File.ReadAllText(Path.Combine(directory, "bricks", brick), Encoding.UTF8));
        return result.Definition ?? throw new AssertionException($"{name}: {result.Error}");
    }

    private static string DirectoryOf(GlusterLab lab, string name) => Path.Combine(lab.Root, "lib", "vols", name);
}
