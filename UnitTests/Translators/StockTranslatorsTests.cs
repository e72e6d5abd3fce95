using System.Text;
using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Translators;
using BlockProxy.Proxy.Translators.Cluster.Distribute;
using BlockProxy.UnitTests.Protocol;
using BlockProxy.UnitTests.Volgen;
using BlockProxy.Volgen;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Translators;

/// <summary>The client volfiles that glusterd wrote: what can be served is built, the rest is refused by name.</summary>
public sealed class StockTranslatorsTests
{
    private static readonly string[] NotBuiltYet =
        ["cluster/replicate", "cluster/disperse", "features/shard", "features/quiesce", "features/snapview-client", "protocol/server", "storage/posix"];

    [Test]
    public void Every_client_volfile_is_built_or_refused_by_the_name_of_what_is_missing()
    {
        var built = 0;
        var refused = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var path in GoldenVolfiles.Volfiles.Where(p => p.EndsWith("/client.vol", StringComparison.Ordinal)))
        {
            if (VolfileParser.Parse(Encoding.UTF8.GetString(GoldenVolfiles.Files[path])).Volfile is not { } volfile)
                continue;
            var slots = 0;
            var result = new GraphBuilder(StockTranslators.Registry, Environment()).Build(volfile, 0, () => slots++);
            if (result.Graph is not null)
            {
                built++;
                Assert.That(volfile.Volumes.Select(v => v.Type).Intersect(NotBuiltYet), Is.Empty, path);
                continue;
            }

            var error = result.Error!.ToString();
            var missing = NotBuiltYet.FirstOrDefault(t => error.Contains($"translator '{t}' is not one that blockproxy has", StringComparison.Ordinal))
                ?? (error.Contains("TLS to bricks", StringComparison.Ordinal) ? "TLS" : error.Contains("transport-type", StringComparison.Ordinal) ? "rdma" : null);
            Assert.That(missing, Is.Not.Null, $"{path}: {error}");
            refused.Add(missing!);
        }

        Assert.That(built, Is.GreaterThan(50));
        Assert.That(refused, Does.Contain("cluster/replicate").And.Contain("cluster/disperse").And.Contain("TLS"));
    }

    [Test]
    public void What_is_passed_through_says_why_once_for_each_type()
    {
        var log = new RecordingLogger();
        var volfile = VolfileParser.Parse(Encoding.UTF8.GetString(GoldenVolfiles.Files["001-plain-single/client.vol"])).Volfile!;
        var slots = 0;

        var result = new GraphBuilder(StockTranslators.Registry, Environment() with { Loggers = log, VolumeName = "plain-single" }).Build(volfile, 0, () => slots++);

        var types = volfile.Volumes.Select(v => v.Type).Where(t => t.StartsWith("performance/", StringComparison.Ordinal)).Distinct().ToList();
        var lines = log.Lines.Where(l => l.StartsWith("Information", StringComparison.Ordinal)).ToList();
        Assert.That(types, Is.Not.Empty);
        Assert.That(lines, Has.Count.EqualTo(types.Count));
        Assert.That(types.Where(t => !lines.Any(l => l.Contains($"{t} '", StringComparison.Ordinal) && l.Contains("is passed through: ", StringComparison.Ordinal))), Is.Empty);
        Assert.That(result.Graph!.Translators.OfType<DistributeOverOne>().Count(), Is.EqualTo(1));
    }

    [TestCase("cluster/replicate")]
    [TestCase("cluster/disperse")]
    [TestCase("features/shard")]
    [TestCase("features/quiesce")]
    [TestCase("features/snapview-client")]
    [TestCase("features/cdc")]
    [TestCase("no/such")]
    public void A_translator_that_matters_and_is_missing_is_refused_by_name_and_place(string type)
    {
        var volfile = VolfileParser.Parse($"volume c\n type protocol/client\n option remote-subvolume b\nend-volume\n\nvolume top\n type {type}\n subvolumes c\nend-volume\n").Volfile!;

        var result = new GraphBuilder(StockTranslators.Registry, Environment()).Build(volfile, 0, () => 0);

        Assert.That(result.Graph, Is.Null);
        Assert.That(result.Error!.ToString(), Does.Contain("line 6").And.Contain($"volume 'top': translator '{type}' is not one that blockproxy has"));
    }

    private static TranslatorEnvironment Environment() => new() { Random = new Random(1), Process = new ProcessIdentity(Guid.Empty, "h", 1) };
}
