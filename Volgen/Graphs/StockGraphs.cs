using System.Globalization;
using BlockProxy.Volgen.Definition;

namespace BlockProxy.Volgen.Graphs;

/// <summary>The graphs that glusterd 10 writes for a volume.</summary>
public static class StockGraphs
{
    /// <summary>The graphs whose files glusterd keeps for the volume as it is now.</summary>
    public static IEnumerable<string> NamesOf(VolumeDefinition volume)
    {
        foreach (var suffix in SuffixesOf(volume.Transport))
        {
            if (volume.Name != VolumeDefinition.SharedStorageName)
                yield return $"client{suffix}";
            yield return $"trusted-client{suffix}";
        }
        if (volume.Name != VolumeDefinition.SharedStorageName)
            yield return volume.Transport == VolumeTransport.Rdma ? "gfproxy-client.rdma" : "gfproxy-client";
        yield return "gfproxyd";
        for (var number = 1; number <= volume.Bricks.Count; number++)
            yield return $"brick-{number}";
        if (volume.Type != VolumeType.Distribute)
            yield return "shd";
        if (volume.SubvolumeCount > 1)
            yield return "rebalance";
        if (volume.Options.IsOn("features.uss") && volume.Status == VolumeStatus.Started)
            yield return "snapd";
        if (!volume.Options.IsOn("features.quota"))
            yield break;
        for (var number = 1; number <= volume.Bricks.Count; number++)
            yield return $"brick-client-{number}";
    }

    public static IEnumerable<VolumeGraph> All(VolumeDefinition volume) => NamesOf(volume).Select(name => Find(volume, name)!);

    /// <summary>
    /// One graph by its name, or null where a volume of this shape has none. Also those are made that glusterd would write only after the volume was
    /// started or quota enabled.
    /// </summary>
    public static VolumeGraph? Find(VolumeDefinition volume, string name) => DraftOf(volume, name) is { } draft ? new(name, draft.Build()) : null;

    /// <summary>What glusterd calls the file under its directory of the volume.</summary>
    public static string FileNameOf(VolumeDefinition volume, string name)
    {
        var transport = name.EndsWith(".rdma", StringComparison.Ordinal) ? "rdma" : "tcp";
        var kind = name.EndsWith(".rdma", StringComparison.Ordinal) ? name[..^".rdma".Length] : name;
        return kind switch
        {
            "client" => $"{volume.Name}.{transport}-fuse.vol",
            "trusted-client" => $"trusted-{volume.Name}.{transport}-fuse.vol",
            "gfproxy-client" => $"trusted-{volume.Name}.{transport}-gfproxy-fuse.vol",
            "gfproxyd" => $"{volume.Name}.gfproxyd.vol",
            _ when BrickOf(volume, name, "brick-client-") is { } brick => $"{volume.Name}.client.{brick.Host}.{brick.PathAsName}.vol",
            _ when BrickOf(volume, name, "brick-") is { } brick => $"{volume.Name}.{brick.Host}.{brick.PathAsName}.vol",
            _ => $"{volume.Name}-{name}.vol",
        };
    }

    private static GraphDraft? DraftOf(VolumeDefinition volume, string name) => name switch
    {
        "client" => ClientGraph.Full(volume, "tcp", trusted: false),
        "client.rdma" => ClientGraph.Full(volume, "rdma", trusted: false),
        "trusted-client" => ClientGraph.Full(volume, "tcp", trusted: true),
        "trusted-client.rdma" => ClientGraph.Full(volume, "rdma", trusted: true),
        "gfproxy-client" or "gfproxy-client.rdma" => ClientGraph.Thin(volume),
        "gfproxyd" => ClientGraph.Gfproxyd(volume),
        "shd" when volume.Type != VolumeType.Distribute => ServiceGraphs.SelfHeal(volume),
        "rebalance" when volume.SubvolumeCount > 1 => ServiceGraphs.Rebalance(volume),
        "snapd" => ServiceGraphs.Snapshots(volume),
        _ when BrickOf(volume, name, "brick-client-") is { } brick => ServiceGraphs.OneBrick(volume, brick),
        _ when BrickOf(volume, name, "brick-") is { } brick => BrickGraph.Create(volume, brick),
        _ => null,
    };

    private static BrickDefinition? BrickOf(VolumeDefinition volume, string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number > 0
            ? volume.Bricks.ElementAtOrDefault(number - 1)
            : null;

    private static string[] SuffixesOf(VolumeTransport transport) => transport switch
    {
        VolumeTransport.Rdma => [".rdma"],
        VolumeTransport.TcpAndRdma => ["", ".rdma"],
        _ => [""],
    };
}
