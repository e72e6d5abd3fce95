using BlockProxy.Volgen.Definition;
using BlockProxy.Volgen.Graphs;

namespace BlockProxy.Volgen.Planning;

/// <summary>What changes from one volume, or volfile, to another.</summary>
public static class VolumePlan
{
    /// <summary>The options that a translator reads only when it is made.</summary>
    private static readonly (string Type, string Prefix)[] ReadOnce =
    [
        ("protocol/client", "remote-"), ("protocol/client", "transport"), ("protocol/client", "username"), ("protocol/client", "password"),
        ("protocol/server", "transport-type"), ("protocol/server", "transport.address-family"),
        ("cluster/replicate", "afr-pending-xattr"), ("cluster/replicate", "arbiter-count"), ("cluster/replicate", "thin-arbiter"),
        ("cluster/replicate", "volume-id"), ("cluster/disperse", "redundancy"), ("storage/posix", "directory"), ("storage/posix", "volume-id"),
        ("features/index", "index-base"), ("features/index", "xattrop"), ("features/changelog", "changelog-brick"),
    ];

    /// <summary>The changed graphs of a volume, those of our own flavour; none where the definitions give the same graphs.</summary>
    public static IReadOnlyList<GraphChange> Compare(VolumeDefinition before, VolumeDefinition after)
    {
        var (old, now) = (BlockProxyGraphs.All(before).ToDictionary(graph => graph.Name), BlockProxyGraphs.All(after).ToDictionary(graph => graph.Name));
        return [.. now.Keys.Union(old.Keys).Select(name => (old.GetValueOrDefault(name), now.GetValueOrDefault(name)) switch
        {
            ({ } left, { } right) => Compare(name, left.Volumes, right.Volumes),
            (null, _) => new(name, GraphEffect.Switch, ["the graph is new"]),
            _ => new GraphChange(name, GraphEffect.Switch, ["the graph is gone"]),
        }).Where(change => change.Effect != GraphEffect.None)];
    }

    /// <summary>From one graph to another. Nothing counts but the translators: the order of options does not.</summary>
    public static GraphChange Compare(string name, IReadOnlyList<VolumeDeclaration> before, IReadOnlyList<VolumeDeclaration> after)
    {
        var (old, now) = (ByPlace(before), ByPlace(after));
        var (effect, details) = (GraphEffect.None, new List<string>());

        foreach (var (_, volume) in old.Where(volume => !now.ContainsKey(volume.Key)))
            Note(GraphEffect.Switch, $"- {Shown(volume)}");
        foreach (var (place, volume) in now)
        {
            if (old.TryGetValue(place, out var was))
                CompareVolumes(was, volume, Note);
            else
                Note(GraphEffect.Switch, $"+ {Shown(volume)}");
        }

        // Files have to move where a cluster's bricks are others than they were, or lie in other sets.
        if (effect == GraphEffect.Switch && !Layout(before).SequenceEqual(Layout(after)))
            Note(GraphEffect.MoveData, "the bricks, or the sets they form, are others");
        return new(name, effect, details);

        void Note(GraphEffect least, string detail)
        {
            effect = effect > least ? effect : least;
            details.Add(detail);
        }
    }

    /// <summary>Each translator by its name and, since glusterd can write a name twice, how often that was there before.</summary>
    private static OrderedDictionary<(string Name, int Before), VolumeDeclaration> ByPlace(IReadOnlyList<VolumeDeclaration> graph)
    {
        var places = new OrderedDictionary<(string Name, int Before), VolumeDeclaration>();
        foreach (var volume in graph)
        {
            var before = 0;
            while (!places.TryAdd((volume.Name, before), volume))
                before++;
        }
        return places;
    }

    private static void CompareVolumes(VolumeDeclaration was, VolumeDeclaration volume, Action<GraphEffect, string> note)
    {
        var name = VolfileLexis.Printable(volume.Name);
        if (was.Type != volume.Type)
            note(GraphEffect.Switch, $"{name}: type {VolfileLexis.Printable(was.Type)} becomes {VolfileLexis.Printable(volume.Type)}");
        if (!was.Subvolumes.SequenceEqual(volume.Subvolumes))
            note(GraphEffect.Switch, $"{name}: subvolumes {Join(was.Subvolumes)} become {Join(volume.Subvolumes)}");
        foreach (var key in volume.Options.Concat(was.Options).Select(option => option.Key).Distinct())
        {
            var (left, right) = (was.FindOption(key)?.Value, volume.FindOption(key)?.Value);
            if (left == right)
                continue;
            var isReadOnce = ReadOnce.Any(once => once.Type == volume.Type && key.StartsWith(once.Prefix, StringComparison.Ordinal));
            note(isReadOnce ? GraphEffect.Switch : GraphEffect.Bind, $"{name}: {VolfileLexis.Printable(key)} {Value(key, left)} becomes {Value(key, right)}");
        }
    }

    /// <summary>Each set of bricks: the cluster's type, its children's bricks, and how many copies or how much redundancy it has.</summary>
    private static IEnumerable<string> Layout(IReadOnlyList<VolumeDeclaration> graph)
    {
        var byName = graph.GroupBy(volume => volume.Name).ToDictionary(group => group.Key, group => group.Last());
        foreach (var cluster in graph.Where(volume => volume.Type.StartsWith("cluster/", StringComparison.Ordinal)))
        {
            var bricks = cluster.Subvolumes.Select(name => byName.GetValueOrDefault(name)).Where(child => child?.Type == "protocol/client")
                .Select(child => $"{child!.FindOption("remote-host")?.Value}:{child.FindOption("remote-subvolume")?.Value}").ToList();
            if (bricks.Count > 0)
                yield return $"{KindOf(cluster.Type)} {cluster.FindOption("redundancy")?.Value} {cluster.FindOption("arbiter-count")?.Value} {string.Join(' ', bricks)}";
        }
    }

    private static string KindOf(string type) => type is "cluster/nufa" or "cluster/switch" ? "cluster/distribute" : type;

    private static string Shown(VolumeDeclaration volume) => $"{VolfileLexis.Printable(volume.Name)} ({VolfileLexis.Printable(volume.Type)})";

    private static string Join(IReadOnlyList<string> names) => names.Count == 0 ? "(none)" : VolfileLexis.Printable(string.Join(' ', names));

    /// <summary>A value for people; a secret is not shown.</summary>
    private static string Value(string key, string? value)
    {
        if (value is null)
            return "(not set)";
        return key.EndsWith("password", StringComparison.Ordinal) || key.Contains("seckey", StringComparison.Ordinal) ? "(a secret)" : VolfileLexis.Show(value);
    }
}
