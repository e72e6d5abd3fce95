using BlockProxy.Volgen.Definition;
using BlockProxy.Volgen.Options;

namespace BlockProxy.Volgen.Graphs;

/// <summary>The graphs that a volume's user runs: the full client, and the thin one whose clusters are in a gfproxyd.</summary>
internal static class ClientGraph
{
    private const int OpVersionOfUtime = 50000;
    private const int OpVersionOfIoThreadsOnReplicate = 31202;
    private const string WriteBehind = "performance/write-behind";

    public static GraphDraft Full(VolumeDefinition volume, string transport, bool trusted)
    {
        var graph = new GraphDraft(volume.Name);
        var options = ReaddirAhead.Divided(volume, Forced(volume.Options));
        graph.AddBrickClients(volume, transport, trusted);
        graph.AddClusters(volume);
        graph.AddFeatures(volume);
        graph.AddPerformance(volume, type => true);
        graph.AddTop(volume, transport, trusted, volume.Name);
        return graph.Finish(options);
    }

    public static GraphDraft Thin(VolumeDefinition volume)
    {
        var graph = new GraphDraft(volume.Name);
        graph.AddClient(volume, $"{volume.Name}-gfproxy-client", host: null, $"gfproxyd-{volume.Name}", "tcp", trusted: true);
        graph.AddFeatures(volume);
        graph.Add("features/quiesce");
        graph.AddPerformance(volume, type => type == WriteBehind);
        graph.AddTop(volume, volume.PreferredTransport, trusted: true, volume.Name);
        return graph.Finish(Forced(volume.Options));
    }

    /// <summary>
    /// The daemon is a client whose top is served. It has no write-behind: it would acknowledge writes that the daemon can lose. The table is
    /// walked twice, the second time without what a client forces, so an option that the volume sets wins.
    /// </summary>
    public static GraphDraft Gfproxyd(VolumeDefinition volume)
    {
        var graph = new GraphDraft(volume.Name);
        var path = $"gfproxyd-{volume.Name}";
        graph.AddBrickClients(volume, volume.PreferredTransport, trusted: true);
        graph.AddClusters(volume);
        graph.AddFeatures(volume);
        graph.AddPerformance(volume, type => type != WriteBehind);
        graph.AddTop(volume, volume.TransportText, trusted: true, path);
        graph.Finish(Forced(volume.Options));

        graph.Add("protocol/server").Set("transport-type", volume.TransportText).SetLogin(volume.Auth, path);
        graph.ApplyTable(volume.Options);
        return graph;
    }

    /// <summary>What is neither cluster nor performance, in the order of the stack from below.</summary>
    private static void AddFeatures(this GraphDraft graph, VolumeDefinition volume)
    {
        var options = volume.Options;
        if (options.IsOn("features.cloudsync"))
            graph.Add("features/cloudsync");
        if (options.IsOn("features.shard"))
            graph.Add("features/shard");
        if (volume.ClusterOpVersion >= OpVersionOfUtime && options.IsOn("features.ctime", otherwise: true))
            graph.Add("features/utime");
        if (options.IsOn("network.compression"))
            graph.Add("features/cdc").Set("mode", "client");
    }

    private static void AddPerformance(this GraphDraft graph, VolumeDefinition volume, Func<string, bool> isWanted)
    {
        foreach (var row in OptionTable.Rows.Where(row => row.Rule == OptionRule.Performance && isWanted(row.Translator)))
        {
            if (GlusterBoolean.Parse(row.ValueIn(volume.Options) ?? "off") == true && CanHave(volume, row))
                graph.Add(row.Translator);
        }
    }

    private static bool CanHave(VolumeDefinition volume, OptionRow row) => row.Name switch
    {
        "performance.open-behind" => volume.ClientOpVersion >= row.OpVersion,
        "performance.client-io-threads" =>
            volume.Type != VolumeType.Replicate || volume.ClusterOpVersion >= OpVersionOfIoThreadsOnReplicate,

        // With parallel-readdir it is below distribute instead.
        "performance.readdir-ahead" => !volume.Options.IsOn("performance.parallel-readdir"),
        _ => true,
    };

    /// <summary>Snapshots, debugging, and the io-stats by whose name the graph is known.</summary>
    private static void AddTop(this GraphDraft graph, VolumeDefinition volume, string transport, bool trusted, string name)
    {
        if (volume.Options.IsOn("features.uss"))
        {
            var below = graph.Top.Name;
            var snapd = graph.AddClient(volume, $"{volume.Name}-snapd-client", host: null, $"snapd-{volume.Name}", transport, trusted);
            graph.AddOver("features/snapview-client", graph.NameOf("features/snapview-client"), [below, snapd.Name]);
        }
        graph.AddDebug(volume.Options, "client");
        graph.Add("debug/io-stats", name);
    }

    private static GraphDraft Finish(this GraphDraft graph, VolumeOptions options)
    {
        graph.ApplyRule(OptionRule.ClientRole, options);
        graph.ApplyTable(options);
        return graph;
    }

    /// <summary>
    /// What a client does not leave to the user: whether it sends groups depends on whether the bricks look them up, and squashed users must not read
    /// files that open-behind has not opened yet.
    /// </summary>
    private static VolumeOptions Forced(VolumeOptions options)
    {
        options = options.With("client.send-gids", options.IsOn("server.manage-gids") ? "false" : "true");
        return options.IsOn("server.root-squash") && !options.IsOn("performance.read-after-open")
            ? options.With("performance.read-after-open", "yes")
            : options;
    }
}
