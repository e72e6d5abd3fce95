using System.Globalization;

namespace BlockProxy.Volgen.Definition;

/// <summary>
/// The file <c>info</c> that glusterd keeps for a volume: lines of <c>key=value</c>, the volume's fields, its options under their own names, and its
/// bricks. It does not hold the volume's name, and of brick paths only a form in which slashes are dashes; a brick's own file beside it has the rest.
/// </summary>
public static class GlusterdInfo
{
    /// <summary>The keys that are no options.</summary>
    private static readonly HashSet<string> Fields =
    [
        "type", "count", "status", "sub_count", "stripe_count", "replica_count", "arbiter_count", "thin_arbiter_count", "disperse_count",
        "redundancy_count", "version", "transport-type", "volume-id", "username", "password", "op-version", "client-op-version", "quota-version",
        "tier-enabled", "parent_volname", "restored_from_snap", "snap-max-hard-limit", "restored_from_snapname_id", "restored_from_snapname", "caps",
        "rebalance_status", "snapshot",
    ];

    public static DefinitionResult Read(string text, string? name, Func<string, string?> brickFile)
    {
        var lines = new InfoLines(text);
        if (lines.Error is { } error)
            return DefinitionResult.Refused(error);
        if (name is null)
            return DefinitionResult.Refused(new("name", "an info file does not hold the name of its volume"));

        var bricks = lines.Numbered("brick-").Select((stored, index) => BrickOf(stored, name, $"{name}-client-{index}", brickFile)).ToList();
        var arbiters = lines.Numbered("ta-brick-").Select(stored => BrickOf(stored, name, $"{name}-ta-2", brickFile)).ToList();
        var volume = new VolumeDefinition
        {
            Name = name,
            VolumeId = lines.Text("volume-id"),
            Type = (VolumeType)lines.Integer("type", 0),
            Status = (VolumeStatus)lines.Integer("status", 0),
            Transport = (VolumeTransport)lines.Integer("transport-type", 0),
            ReplicaCount = Math.Max(1, lines.Integer("replica_count", 1)),
            ArbiterCount = lines.Integer("arbiter_count", 0),
            ThinArbiterCount = lines.Integer("thin_arbiter_count", 0),
            DisperseCount = lines.Integer("disperse_count", 0),
            RedundancyCount = lines.Integer("redundancy_count", 0),
            QuotaVersion = lines.Integer("quota-version", 0),
            OpVersion = lines.Integer("op-version", 1),
            ClientOpVersion = lines.Integer("client-op-version", 2),
            Auth = new(lines.Text("username"), lines.Text("password")),
            Bricks = CountShared(bricks),
            ThinArbiters = [.. arbiters.Select(arbiter => arbiter.Brick)],
            Options = OptionsOf(lines),
        };
        if (lines.Integer("count", volume.Bricks.Count) is var count && count != volume.Bricks.Count)
            return DefinitionResult.Refused(new("count", $"is {count}, but {volume.Bricks.Count} bricks are listed"));
        return lines.Error is { } late ? DefinitionResult.Refused(late) : DefinitionResult.Checked(volume);
    }

    /// <summary>What of an info file XML does not tell.</summary>
    internal static DefinitionResult Complete(VolumeDefinition volume, string text)
    {
        var lines = new InfoLines(text);
        var completed = volume with
        {
            Auth = new(lines.Text("username"), lines.Text("password")),
            ThinArbiterCount = lines.Integer("thin_arbiter_count", 0),
            ThinArbiters = [.. lines.Numbered("ta-brick-").Select(stored => BrickOf(stored, volume.Name, $"{volume.Name}-ta-2", _ => null).Brick)],
            QuotaVersion = lines.Integer("quota-version", 0),
            OpVersion = lines.Integer("op-version", 1),
            ClientOpVersion = lines.Integer("client-op-version", 2),
            Options = OptionsOf(lines),
        };
        return lines.Error is { } error ? DefinitionResult.Refused(error) : DefinitionResult.Checked(completed);
    }

    private static VolumeOptions OptionsOf(InfoLines lines) => new(lines.All.Where(line =>
        line.Key.Contains('.') && !Fields.Contains(line.Key)));

    private static (BrickDefinition Brick, string FileSystem) BrickOf(string stored, string volume, string id, Func<string, string?> brickFile)
    {
        var colon = stored.LastIndexOf(":-", StringComparison.Ordinal);
        var (host, path) = colon < 0 ? (stored, "") : (stored[..colon], stored[(colon + 1)..]);
        if (brickFile(stored) is not { } text)
            return (new(host, PathFrom(path, volume), id), "");

        var lines = new InfoLines(text);
        var brick = new BrickDefinition(lines.Find("hostname") ?? host, lines.Find("path") ?? PathFrom(path, volume), lines.Find("brick-id") ?? id)
        {
            IsDecommissioned = lines.Find("decommissioned") == "1",
        };
        return (brick, $"{lines.Find("uuid")} {lines.Find("brick-fsid") ?? "0"}");
    }

    /// <summary>The likeliest path: a dash was a slash, but not within the volume's own name.</summary>
    private static string PathFrom(string stored, string volume)
    {
        var at = stored.IndexOf($"-{volume}-", StringComparison.Ordinal);
        if (at < 0)
            return stored.Replace('-', '/');
        return $"{stored[..at].Replace('-', '/')}/{volume}/{stored[(at + volume.Length + 2)..].Replace('-', '/')}";
    }

    /// <summary>Where a brick's file tells its file system, the bricks on the same one are counted; else each counts as alone.</summary>
    private static IReadOnlyList<BrickDefinition> CountShared(List<(BrickDefinition Brick, string FileSystem)> bricks) =>
        [.. bricks.Select(brick => brick.FileSystem.Length == 0 || brick.FileSystem.EndsWith(" 0", StringComparison.Ordinal)
            ? brick.Brick
            : brick.Brick with { SharedBrickCount = bricks.Count(other => other.FileSystem == brick.FileSystem) })];

    /// <summary>The lines of such a file, and the first thing that is wrong with them.</summary>
    private sealed class InfoLines
    {
        private readonly Dictionary<string, (int Line, string Value)> _byKey = new(StringComparer.Ordinal);

        public InfoLines(string text)
        {
            foreach (var (index, line) in text.Split('\n').Index())
            {
                if (line.Trim().Length == 0)
                    continue;
                var equals = line.IndexOf('=');
                if (equals <= 0)
                    Fail($"line {index + 1}", $"expected key=value, found {VolfileLexis.Show(line)}");
                else if (_byKey.TryAdd(line[..equals], (index + 1, line[(equals + 1)..].TrimEnd('\r'))))
                    All.Add(KeyValuePair.Create(line[..equals], line[(equals + 1)..].TrimEnd('\r')));
                else
                    Fail($"line {index + 1}", $"{VolfileLexis.Show(line[..equals])} is there twice");
            }
        }

        public List<KeyValuePair<string, string>> All { get; } = [];

        public DefinitionError? Error { get; private set; }

        public string? Find(string key) => _byKey.TryGetValue(key, out var found) ? found.Value : null;

        public string Text(string key)
        {
            if (Find(key) is { } value)
                return value;
            Fail(key, "is missing");
            return "";
        }

        public int Integer(string key, int otherwise)
        {
            if (!_byKey.TryGetValue(key, out var found))
                return otherwise;
            if (int.TryParse(found.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return number;
            Fail($"line {found.Line}", $"{key}: {VolfileLexis.Show(found.Value)} is no whole number");
            return otherwise;
        }

        /// <summary>The values of <c>prefix0</c>, <c>prefix1</c> and so on.</summary>
        public IEnumerable<string> Numbered(string prefix)
        {
            for (var number = 0; Find($"{prefix}{number}") is { } value; number++)
                yield return value;
        }

        private void Fail(string place, string message) => Error ??= new(place, message);
    }
}
