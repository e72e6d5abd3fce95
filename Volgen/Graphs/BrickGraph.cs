using BlockProxy.Volgen.Definition;
using BlockProxy.Volgen.Options;

namespace BlockProxy.Volgen.Graphs;

/// <summary>The graph of a brick's process.</summary>
internal static class BrickGraph
{
    private const int OpVersionOfFips = 70000;
    private const int OpVersionOfStatsVolumeId = 70100;

    /// <summary>A place in the stack, by the name that debug options use, and what is put there.</summary>
    private static readonly (string Name, Action<GraphDraft, VolumeDefinition, BrickDefinition> Add)[] Places =
    [
        ("posix", AddPosix),
        ("arbiter", AddArbiter),
        ("trash", (graph, _, brick) => graph.Add("features/trash")
            .Set("trash-dir", ".trashcan").Set("brick-path", brick.Path).Set("trash-internal-op", "off")),
        ("changelog", (graph, volume, brick) => graph.Add("features/changelog")
            .Set("changelog-brick", brick.Path)
            .Set("changelog-dir", $"{brick.Path}/.glusterfs/changelogs")
            .Set("changelog-notification", volume.Options.IsOn("features.bitrot") ? "on" : "off")),
        ("bitrot-stub", (graph, volume, brick) => graph.Add("features/bitrot-stub")
            .Set("export", brick.Path).Set("bitrot", volume.Options.Find("features.bitrot") ?? "disable")),
        ("access-control", (graph, volume, _) => AddIf(graph, volume.Options.IsOn("features.acl", otherwise: true), "features/access-control")),
        ("locks", (graph, _, _) => graph.Add("features/locks")),
        ("worm", (graph, _, _) => graph.Add("features/worm")),
        ("read-only", (graph, _, _) => graph.Add("features/read-only").Set("read-only", "off")),
        ("leases", (graph, _, _) => graph.Add("features/leases")),
        ("upcall", (graph, _, _) => graph.Add("features/upcall")),
        ("io-threads", (graph, _, _) => graph.Add("performance/io-threads")),
        ("selinux", (graph, _, _) => graph.Add("features/selinux")),
        ("marker", (graph, volume, _) => graph.Add("features/marker")
            .Set("volume-uuid", volume.VolumeId)
            .Set("timestamp-file", $"/var/lib/glusterd/vols/{volume.Name}/marker.tstamp")
            .Set("quota-version", $"{volume.QuotaVersion}")),
        ("barrier", (graph, _, _) => graph.Add("features/barrier")),
        ("index", AddIndex),
        ("quota", (graph, volume, _) => graph.Add("features/quota")
            .Set("volume-uuid", volume.Name).Set("server-quota", volume.Options.Find("features.quota") ?? "off")),
        ("cdc", (graph, volume, _) => AddIf(graph, volume.Options.IsOn("network.compression"), "features/cdc")?.Set("mode", "server")),
        ("namespace", (graph, volume, _) => AddIf(graph, volume.Options.IsOn("features.tag-namespaces"), "features/namespace")),
        ("sdfs", (graph, volume, _) => AddIf(graph, volume.Options.IsOn("features.sdfs"), "features/sdfs")?.Set("pass-through", "false")),
        ("io-stats", AddIoStats),
    ];

    /// <summary>The names of places to which <c>debug.*</c> and <c>user.xlator.*</c> may point.</summary>
    public static IEnumerable<string> PlaceNames => Places.Select(place => place.Name);

    public static GraphDraft Create(VolumeDefinition volume, BrickDefinition brick)
    {
        var graph = new GraphDraft(volume.Name);
        foreach (var (name, add) in Places)
        {
            add(graph, volume, brick);
            graph.AddDebug(volume.Options, name);
            graph.AddUsers(volume.Options, name);
        }

        var server = graph.Add("protocol/server")
            .Set("transport-type", volume.TransportText)
            .SetTlsFiles(volume.Options)
            .Set("transport.address-family", volume.Options.Find("transport.address-family"))
            .SetLogin(volume.Auth, brick.Path);
        if (volume.Name == VolumeDefinition.SharedStorageName)
            server.Set("strict-auth-accept", "true");
        server.Set($"auth.login.{brick.Path}.ssl-allow", volume.Options.Find("auth.ssl-allow"));
        server.SetAddresses(volume.Options, brick.Path);

        graph.ApplyRule(OptionRule.BrickRole, volume.Options);
        graph.ApplyTable(volume.Options);
        return graph;
    }

    private static void AddPosix(GraphDraft graph, VolumeDefinition volume, BrickDefinition brick)
    {
        var posix = graph.Add("storage/posix").Set("directory", brick.Path).Set("volume-id", volume.VolumeId);
        if (volume.Options.IsOn("features.quota") || volume.Options.IsOn("features.trash"))
            posix.Set("update-link-count-parent", "on");
        if (volume.ClusterOpVersion >= OpVersionOfFips)
            posix.Set("fips-mode-rchecksum", "on");
        posix.Set("shared-brick-count", $"{brick.SharedBrickCount}");
    }

    private static void AddArbiter(GraphDraft graph, VolumeDefinition volume, BrickDefinition brick)
    {
        var place = volume.Bricks.Index().First(other => other.Item == brick).Index;
        AddIf(graph, volume.ArbiterCount > 0 && (place + 1) % volume.LeafSize == 0, "features/arbiter");
    }

    private static void AddIndex(GraphDraft graph, VolumeDefinition volume, BrickDefinition brick)
    {
        var index = graph.Add("features/index").Set("index-base", $"{brick.Path}/.glusterfs/indices");
        if (volume.Type == VolumeType.Disperse)
            index.Set("xattrop64-watchlist", "trusted.ec.dirty");
        else
            index.Set("xattrop-dirty-watchlist", "trusted.afr.dirty").Set("xattrop-pending-watchlist", $"trusted.afr.{volume.Name}-");
    }

    private static void AddIoStats(GraphDraft graph, VolumeDefinition volume, BrickDefinition brick)
    {
        var stats = graph.Add("debug/io-stats", brick.Path).Set("unique-id", brick.Path);
        if (volume.ClusterOpVersion >= OpVersionOfStatsVolumeId)
            stats.Set("volume-id", volume.VolumeId);
    }

    private static TranslatorDraft? AddIf(GraphDraft graph, bool condition, string type) => condition ? graph.Add(type) : null;
}
