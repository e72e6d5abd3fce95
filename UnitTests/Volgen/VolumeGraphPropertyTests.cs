using BlockProxy.Volgen;
using BlockProxy.Volgen.Definition;
using BlockProxy.Volgen.Graphs;
using BlockProxy.Volgen.Options;
using BlockProxy.Volgen.Planning;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Volgen;

[TestFixture]
public sealed class VolumeGraphPropertyTests
{
    [Test]
    public void What_is_generated_parses_and_prints_as_the_same_in_both_flavours()
    {
        ForAll(volume => StockGraphs.All(volume).Concat(BlockProxyGraphs.All(volume)).All(graph =>
            Distinct(graph) is not { } wellFormed || VolfileWriter.Write(VolfileParser.Parse(wellFormed.Text).Volfile!) == wellFormed.Text));
    }

    [Test]
    public void A_definition_goes_through_JSON_unchanged_and_generates_the_same_again()
    {
        ForAll(volume =>
        {
            var again = VolumeDefinitionJson.Read(VolumeDefinitionJson.Write(volume)).Definition;
            return volume.Equals(again) && StockGraphs.All(volume).Zip(StockGraphs.All(again)).All(pair => pair.First.Text == pair.Second.Text);
        });
    }

    [Test]
    public void Every_subvolume_is_defined_before_its_parent()
    {
        ForAll(volume => StockGraphs.All(volume).Concat(BlockProxyGraphs.All(volume)).All(graph =>
        {
            var defined = new HashSet<string>();
            return graph.Volumes.All(translator => translator.Subvolumes.All(defined.Contains) && (defined.Add(translator.Name) || true));
        }));
    }

    [Test]
    public void A_thin_graph_of_ours_has_no_cluster_and_nothing_that_is_the_daemons()
    {
        ForAll(volume => Types(volume, volume.Transport == VolumeTransport.Rdma ? "gfproxy-client.rdma" : "gfproxy-client").All(type =>
            !type.StartsWith("cluster/", StringComparison.Ordinal) && type is not ("features/shard" or "features/utime" or "features/quiesce")));
    }

    [Test]
    public void Shard_is_once_in_the_pair_if_it_is_on_and_never_if_not()
    {
        ForAll(volume =>
        {
            var pair = Types(volume, "gfproxyd").Concat(Types(volume, "gfproxy-client"));
            return pair.Count(type => type == "features/shard") == (volume.Options.IsOn("features.shard") ? 1 : 0);
        });
    }

    [Test]
    public void The_thin_graph_never_holds_the_pools_password()
    {
        ForAll(volume => BlockProxyGraphs.Find(volume, "gfproxy-client")!.Volumes.SelectMany(translator => translator.Options)
            .All(option => option.Value != volume.Auth.Password && option.Value != volume.Auth.Username));
    }

    [Test]
    public void From_a_volume_to_itself_nothing_is_to_be_done() => ForAll(volume => VolumePlan.Compare(volume, volume).Count == 0);

    [Test]
    public void Changing_a_plain_option_changes_exactly_the_graphs_that_have_its_translator()
    {
        // Each is written nowhere but by its own row of the table.
        string[] names =
        [
            "cluster.min-free-disk", "cluster.readdir-optimize", "disperse.background-heals", "features.locks-notify-contention-delay",
            "features.shard-lru-limit", "performance.md-cache-timeout", "performance.nl-cache-timeout", "storage.health-check-interval",
        ];
        ForAll(volume => names.All(name =>
        {
            var row = OptionTable.RowsOf(name).Single();
            var changed = volume with { Options = volume.Options.With(name, volume.Options.Find(name) == "31" ? "32" : "31") };
            return StockGraphs.All(volume).All(graph =>
                (graph.Text != StockGraphs.Find(changed, graph.Name)!.Text) == Walked(graph).Any(translator => translator.Type == row.Translator));
        }));
    }

    /// <summary>The translators of a graph to which the table is applied: none in those of snapd and one brick.</summary>
    private static IReadOnlyList<VolumeDeclaration> Walked(VolumeGraph graph) =>
        graph.Name == "snapd" || graph.Name.StartsWith("brick-client-", StringComparison.Ordinal) ? [] : graph.Volumes;

    /// <summary>The graph, unless its debug options made glusterd's rules write a name twice.</summary>
    private static VolumeGraph? Distinct(VolumeGraph graph) =>
        graph.Volumes.DistinctBy(translator => translator.Name).Count() == graph.Volumes.Count ? graph : null;

    private static IEnumerable<string> Types(VolumeDefinition volume, string graph) =>
        BlockProxyGraphs.Find(volume, graph)!.Volumes.Select(translator => translator.Type);

    private static void ForAll(Func<VolumeDefinition, bool> holds) => Prop.ForAll(VolumeArbitrary.Any, holds).QuickCheckThrowOnFailure();
}
