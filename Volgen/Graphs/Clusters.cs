using BlockProxy.Volgen.Definition;

namespace BlockProxy.Volgen.Graphs;

/// <summary>What joins the clients of bricks to one tree: replicate or disperse, and distribute above.</summary>
internal static class Clusters
{
    private const int OpVersionOfPendingNames = 30900;
    private const int OpVersionOfVolumeId = 90000;
    private const int OpVersionOfThinArbiterId = 70300;

    /// <summary>The replica or disperse sets, or the clients where each is a set of its own; the names of these.</summary>
    public static IReadOnlyList<string> AddSets(this GraphDraft graph, VolumeDefinition volume)
    {
        if (volume.LeafSize == 1 && volume.Type == VolumeType.Distribute)
            return [.. volume.Bricks.Select(brick => brick.Id)];
        return [.. volume.Bricks.Chunk(volume.LeafSize).Index().Select(set => volume.Type == VolumeType.Replicate
            ? graph.AddReplicate(volume, set.Index, set.Item)
            : graph.AddDisperse(volume, set.Index, set.Item))];
    }

    /// <summary>Sets and distribute, with the translators that parallel-readdir puts between them.</summary>
    public static void AddClusters(this GraphDraft graph, VolumeDefinition volume)
    {
        var children = graph.AddSets(volume);
        if (volume.Options.IsOn("performance.parallel-readdir"))
        {
            children = [.. children.Index().Select(child => graph
                .AddOver("performance/readdir-ahead", $"{volume.Name}-readdir-ahead-{child.Index}", [child.Item])
                .Set("performance.readdir-ahead", "on").Name)];
        }

        var type = volume.Options.IsOn("cluster.nufa") ? "cluster/nufa"
            : volume.Options.IsOn("cluster.switch") ? "cluster/switch"
            : "cluster/distribute";
        var leaving = children.Where((_, index) =>
            volume.Bricks.Skip(index * volume.LeafSize).Take(volume.LeafSize).Any(brick => brick.IsDecommissioned));
        var distribute = graph.AddOver(type, $"{volume.Name}-dht", children);
        if (string.Join(',', leaving) is { Length: > 0 } names)
            distribute.Set("decommissioned-bricks", names);
    }

    private static string AddReplicate(this GraphDraft graph, VolumeDefinition volume, int index, BrickDefinition[] bricks)
    {
        var arbiter = volume.ThinArbiters.ElementAtOrDefault(index);
        var names = bricks.Select(brick => brick.Id).ToList();
        var pending = string.Join(',', names);
        if (arbiter is not null)
        {
            names.Add(arbiter.Id);
            pending += volume.ClusterOpVersion >= OpVersionOfThinArbiterId ? $",{arbiter.Id}.{volume.VolumeId}" : $",{arbiter.Id}";
        }

        var replicate = graph.AddOver("cluster/replicate", $"{volume.Name}-replicate-{index}", names);
        if (volume.ClusterOpVersion >= OpVersionOfPendingNames)
            replicate.Set("afr-pending-xattr", pending);
        if (volume.ClusterOpVersion >= OpVersionOfVolumeId)
            replicate.Set("volume-id", volume.VolumeId);
        if (volume.ArbiterCount > 0)
            replicate.Set("arbiter-count", "1");
        if (arbiter is not null)
            replicate.Set("thin-arbiter", $"{arbiter.Host}:{arbiter.Path}");
        return replicate.Name;
    }

    private static string AddDisperse(this GraphDraft graph, VolumeDefinition volume, int index, BrickDefinition[] bricks) => graph
        .AddOver("cluster/disperse", $"{volume.Name}-disperse-{index}", bricks.Select(brick => brick.Id))
        .Set("redundancy", $"{volume.RedundancyCount}").Name;
}
