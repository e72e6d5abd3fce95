using BlockProxy.Volgen.Definition;
using BlockProxy.Volgen.Graphs;

namespace BlockProxy.Volgen.Options;

/// <summary>
/// Whether a volume's options are ones that glusterd would let stand together. It looks at a value only where the translator it is for is in a graph
/// of the volume, so that <c>disperse.*</c> of a replicated volume is not looked at.
/// </summary>
public static class VolumeOptionRules
{
    private const string UserPrefix = "user.";
    private const string UserTranslatorPrefix = "user.xlator.";
    private const int LongestFileName = 255;

    private static readonly string[] TriedGraphs = ["client", "brick-1"];

    /// <summary>The first option that is not allowed, or null.</summary>
    public static DefinitionError? FaultOf(VolumeDefinition volume)
    {
        foreach (var (name, value) in volume.Options)
        {
            if (NameFaultOf(name) is { } unknown)
                return new("options", unknown);
            if (value.Length == 0 || value.Any(c => c is '\n' or '\0'))
                return new("options", $"{name}: the value is empty or holds a line feed or NUL");
            var shapes = OptionTable.RowsOf(name).Where(row => row.IsChecked && row.Rule != OptionRule.Plain);
            if (shapes.Select(row => OptionValues.FaultOf(row, value)).FirstOrDefault(fault => fault is not null) is { } ill)
                return new("options", $"{name}: {ill}");
            if (RuleFaultOf(volume, name, value) is { } fault)
                return new("options", $"{name}: {fault}");
        }

        var types = TypesIn(volume);
        foreach (var (name, value) in volume.Options)
        {
            foreach (var row in OptionTable.RowsOf(name).Where(row => row.IsChecked && row.Rule == OptionRule.Plain && types.Contains(row.Translator)))
            {
                if (OptionValues.FaultOf(row, value) is { } fault)
                    return new("options", $"{name}: {fault}");
            }
        }
        return null;
    }

    private static string? NameFaultOf(string name)
    {
        if (OptionTable.Knows(name) || (name.StartsWith(UserPrefix, StringComparison.Ordinal) && IsWord(name)))
            return null;
        return $"there is no option {VolfileLexis.Show(name)}{OptionCatalogue.Suggestion(name)}";
    }

    private static bool IsWord(string name) => name.All(c => !char.IsWhiteSpace(c) && !char.IsControl(c) && c is not ('"' or '\\'));

    /// <summary>What one option's value means for the rest of the volume.</summary>
    private static string? RuleFaultOf(VolumeDefinition volume, string name, string value)
    {
        var options = volume.Options;
        switch (name)
        {
            case "cluster.metadata-self-heal" or "cluster.data-self-heal" or "cluster.entry-self-heal" or "cluster.self-heal-daemon"
                or "cluster.shd-max-threads" when volume.Type != VolumeType.Replicate:
                return "only a replicated volume has it";
            case "disperse.shd-max-threads" or "cluster.disperse-self-heal-daemon" or "disperse.quorum-count" when volume.Type != VolumeType.Disperse:
                return "only a dispersed volume has it";
            case "cluster.quorum-count" when OptionValues.Integer(value) is not { } count || count < 1 || count > volume.ReplicaCount:
                return $"expected integer 1 to {volume.ReplicaCount}, found {VolfileLexis.Show(value)}";
            case "disperse.quorum-count" when !IsDisperseQuorum(volume, value):
                return $"expected integer {volume.DisperseCount - volume.RedundancyCount} to {volume.DisperseCount}, found {VolfileLexis.Show(value)}";
            case "cluster.lock-migration" when volume.Type != VolumeType.Distribute:
                return "only a volume without replicate and disperse has it";
            case "cluster.subvols-per-directory" when OptionValues.Integer(value) > volume.SubvolumeCount:
                return $"{value} is more than the volume's {volume.SubvolumeCount} subvolumes";
            case "cluster.rebal-throttle" when value.ToLowerInvariant() is not ("lazy" or "normal" or "aggressive") && !(OptionValues.Integer(value) > 0):
                return $"expected lazy, normal, aggressive or a number of threads, found {VolfileLexis.Show(value)}";
            case "performance.cache-min-file-size" when GlusterSize.Parse(options.Find("performance.cache-max-file-size") ?? "") < GlusterSize.Parse(value):
                return $"{value} is more than performance.cache-max-file-size";
            case "performance.read-after-open" when options.IsOn("server.root-squash"):
                return "cannot be set while server.root-squash is on";
            case "features.quota-deem-statfs" when !options.IsOn("features.quota"):
                return "quota is not enabled";
            case "features.read-only" when options.IsOn(name) && (options.IsOn("features.worm") || options.IsOn("features.worm-file-level")):
                return "cannot be on together with features.worm or features.worm-file-level";
            case "features.uss" when options.IsOn(name) && volume.Transport == VolumeTransport.TcpAndRdma:
                return "cannot be on for a volume of two transports";
            case "features.snapshot-directory" when !IsSnapshotDirectory(value):
                return $"expected a name of 2 to {LongestFileName} letters, digits, '-' and '_' behind a dot, found {VolfileLexis.Show(value)}";
            case "locks.mandatory-locking" when value is not ("off" or "file" or "forced" or "optimal"):
                return $"expected off, file, forced or optimal, found {VolfileLexis.Show(value)}";
            case "features.retention-mode" when value is not ("relax" or "enterprise"):
                return $"expected relax or enterprise, found {VolfileLexis.Show(value)}";
            case "features.default-retention-period" or "features.auto-commit-period" when !ulong.TryParse(value, out _):
                return $"expected a number of seconds, found {VolfileLexis.Show(value)}";
            case "transport.listen-backlog" when OptionValues.Integer(value) is not >= 0:
                return $"expected integer from 0, found {VolfileLexis.Show(value)}";
            case "server.statedump-path" when !value.StartsWith('/'):
                return $"expected an absolute path, found {VolfileLexis.Show(value)}";
        }
        var isUserTranslator = name.StartsWith(UserTranslatorPrefix, StringComparison.Ordinal) && name.IndexOf('.', UserTranslatorPrefix.Length) < 0;
        return isUserTranslator && !BrickGraph.PlaceNames.Contains(value)
            ? $"expected a place in a brick's graph ({string.Join(", ", BrickGraph.PlaceNames)}), found {VolfileLexis.Show(value)}"
            : null;
    }

    private static bool IsDisperseQuorum(VolumeDefinition volume, string value) =>
        OptionValues.Integer(value) is { } count && count >= volume.DisperseCount - volume.RedundancyCount && count <= volume.DisperseCount;

    private static bool IsSnapshotDirectory(string value) =>
        value.Length is >= 2 and <= LongestFileName && value[0] == '.' && value.Skip(1).All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    /// <summary>The types of translators in the graphs that glusterd tries before it accepts an option.</summary>
    private static HashSet<string> TypesIn(VolumeDefinition volume) =>
        [.. TriedGraphs.SelectMany(name => StockGraphs.Find(volume, name)!.Volumes).Select(translator => translator.Type)];
}
