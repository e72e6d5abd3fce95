using BlockProxy.Volgen.Options;

namespace BlockProxy.Volgen.Definition;

/// <summary>What must hold for a definition to be that of a volume.</summary>
public static class DefinitionRules
{
    /// <summary>The longest name that glusterd gives a volume.</summary>
    public const int MaxNameLength = 254;

    /// <summary>More bricks than any volume has; a bound for what is read.</summary>
    public const int MaxBricks = 10_000;

    private const int ThinArbiterReplicas = 2;

    /// <summary>The first thing that is wrong, or null.</summary>
    public static DefinitionError? FaultOf(VolumeDefinition volume)
    {
        if (volume.Name.Length is 0 or > MaxNameLength || !volume.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            return new("name", $"{VolfileLexis.Show(volume.Name)} is no volume name: 1 to {MaxNameLength} letters, digits, '-' and '_'");
        if (!Guid.TryParseExact(volume.VolumeId, "D", out _))
            return new("volume_id", $"{VolfileLexis.Show(volume.VolumeId)} is no UUID");
        if (!Enum.IsDefined(volume.Type))
            return new("type", $"{(int)volume.Type} is no type of volume; known are 0 (distribute), 2 (replicate) and 4 (disperse)");
        if (!Enum.IsDefined(volume.Status))
            return new("status", $"{(int)volume.Status} is no state of a volume; known are 0 (created), 1 (started) and 2 (stopped)");
        if (!Enum.IsDefined(volume.Transport))
            return new("transport", $"{(int)volume.Transport} is no transport; known are 0 (tcp), 1 (rdma) and 2 (tcp,rdma)");
        if (!IsWord(volume.Auth.Username))
            return new("auth.username", "is empty or holds white space");
        if (!IsWord(volume.Auth.Password))
            return new("auth.password", "is empty or holds white space");
        return ShapeFaultOf(volume) ?? BrickFaultOf(volume) ?? VolumeOptionRules.FaultOf(volume);
    }

    private static DefinitionError? ShapeFaultOf(VolumeDefinition volume)
    {
        if (volume.Bricks.Count is 0 or > MaxBricks)
            return new("bricks", $"a volume has 1 to {MaxBricks} bricks");
        switch (volume.Type)
        {
            case VolumeType.Replicate when volume.ReplicaCount < 2:
                return new("replica_count", $"{volume.ReplicaCount} is too few: a replicated volume has 2 or more bricks in a set");
            case VolumeType.Disperse when volume.DisperseCount < 3:
                return new("disperse_count", $"{volume.DisperseCount} is too few: a dispersed volume has 3 or more bricks in a set");
            case VolumeType.Disperse when volume.RedundancyCount < 1 || volume.RedundancyCount * 2 >= volume.DisperseCount:
                return new("redundancy_count", $"{volume.RedundancyCount} must be at least 1 and less than half of disperse_count {volume.DisperseCount}");
        }
        if (volume.Bricks.Count % volume.LeafSize != 0)
            return new("bricks", $"{volume.Bricks.Count} bricks are no multiple of the {volume.LeafSize} that a {volume.Type.ToString().ToLowerInvariant()} set has");
        if (volume.ArbiterCount > 1 || (volume.ArbiterCount == 1 && (volume.Type != VolumeType.Replicate || volume.ReplicaCount != 3)))
            return new("arbiter_count", $"{volume.ArbiterCount}: an arbiter is the third brick of a replica set, one in each");
        if (volume.ThinArbiterCount > 1
            || (volume.ThinArbiterCount == 1 && (volume.Type != VolumeType.Replicate || volume.ReplicaCount != ThinArbiterReplicas)))
            return new("thin_arbiter_count", $"{volume.ThinArbiterCount}: a thin arbiter goes with a replica set of {ThinArbiterReplicas} bricks, one with each");
        var arbiters = volume.ThinArbiterCount * volume.SubvolumeCount;
        if (volume.ThinArbiters.Count != arbiters)
            return new("thin_arbiters", $"{volume.ThinArbiters.Count} listed, {arbiters} expected by thin_arbiter_count");
        return null;
    }

    private static DefinitionError? BrickFaultOf(VolumeDefinition volume)
    {
        var places = new Dictionary<(string Host, string Path), string>();
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        var bricks = volume.Bricks.Select((brick, index) => (brick, $"bricks[{index}]"))
            .Concat(volume.ThinArbiters.Select((brick, index) => (brick, $"thin_arbiters[{index}]")));
        foreach (var (brick, place) in bricks)
        {
            if (!IsWord(brick.Host) || brick.Host.Contains('/'))
                return new($"{place}.host", $"{VolfileLexis.Show(brick.Host)} is no host name or address");
            if (!brick.Path.StartsWith('/') || brick.Path.Length == 1 || brick.Path.Any(char.IsControl))
                return new($"{place}.path", $"{VolfileLexis.Show(brick.Path)} is no absolute path of a directory");
            if (!IsWord(brick.Id))
                return new($"{place}.brick_id", $"{VolfileLexis.Show(brick.Id)} is empty or holds white space");
            if (!places.TryAdd((brick.Host, brick.Path), place))
                return new(place, $"{VolfileLexis.Show($"{brick.Host}:{brick.Path}")} is {places[(brick.Host, brick.Path)]} already");
            if (!ids.TryAdd(brick.Id, place))
                return new($"{place}.brick_id", $"{VolfileLexis.Show(brick.Id)} is that of {ids[brick.Id]} already");
        }
        return null;
    }

    private static bool IsWord(string text) => text.Length > 0 && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c));
}
