using BlockProxy.Volgen.Definition;
using BlockProxy.Volgen.Options;

namespace BlockProxy.Volgen.Graphs;

/// <summary>The graphs of glusterd's own daemons.</summary>
internal static class ServiceGraphs
{
    private static readonly string[] HealedAtOnce =
        ["cluster.data-self-heal", "cluster.metadata-self-heal", "cluster.entry-self-heal"];

    /// <summary>The self-heal daemon: every set of the volume side by side, told to heal and not to wait for a user's access.</summary>
    public static GraphDraft SelfHeal(VolumeDefinition volume)
    {
        var graph = new GraphDraft(volume.Name);
        graph.AddBrickClients(volume, volume.PreferredTransport, trusted: true);
        var sets = graph.AddSets(volume);
        var top = graph.AddOver("debug/io-stats", volume.Name, sets);

        var options = volume.Options.With("cluster.background-self-heal-count", "0");
        foreach (var name in HealedAtOnce)
            options = options.With(name, "on");
        foreach (var name in (string[])["cluster.self-heal-daemon", "cluster.disperse-self-heal-daemon"])
            options = options.Find(name) is null ? options.With(name, "enable") : options;

        graph.ApplyRule(OptionRule.ClientRole, options);
        graph.ApplyTable(options, translator => translator != top, OptionRule.SelfHealDaemon);
        foreach (var cluster in graph.Translators.Where(translator => sets.Contains(translator.Name)))
            cluster.Set("iam-self-heal-daemon", "yes");
        return graph;
    }

    /// <summary>The process that moves files when bricks come or go. Of two transports it takes rdma, unlike every other client.</summary>
    public static GraphDraft Rebalance(VolumeDefinition volume)
    {
        var graph = new GraphDraft(volume.Name);
        graph.AddBrickClients(volume, volume.Transport == VolumeTransport.Tcp ? "tcp" : "rdma", trusted: true);
        graph.AddClusters(volume);
        graph.Add("debug/io-stats", volume.Name);
        graph.ApplyRule(OptionRule.ClientRole, volume.Options);
        graph.ApplyTable(volume.Options);
        return graph;
    }

    /// <summary>The daemon that serves snapshots to clients of the volume.</summary>
    public static GraphDraft Snapshots(VolumeDefinition volume)
    {
        var graph = new GraphDraft(volume.Name);
        var path = $"snapd-{volume.Name}";
        graph.Add("features/snapview-server").Set("volname", volume.Name);
        graph.Add("performance/io-threads");
        graph.Add("debug/io-stats", path);
        var server = graph.Add("protocol/server").Set("transport-type", "tcp");
        if (volume.Options.IsOn("server.ssl"))
            server.Set("transport.socket.ssl-enabled", "true");
        server.SetTlsFiles(volume.Options).SetLogin(volume.Auth, path).SetAddresses(volume.Options, path);
        graph.ApplyRule(OptionRule.BrickRole, volume.Options);
        return graph;
    }

    /// <summary>A client of one brick alone, with which quota looks into it: always by tcp, and without the volume's certificates.</summary>
    public static GraphDraft OneBrick(VolumeDefinition volume, BrickDefinition brick)
    {
        var graph = new GraphDraft(volume.Name);
        var bare = volume with { Options = new(volume.Options.Where(option => !option.Key.StartsWith("ssl.", StringComparison.Ordinal))) };
        graph.AddBrickClient(bare, brick, "tcp", trusted: true);
        return graph;
    }
}
