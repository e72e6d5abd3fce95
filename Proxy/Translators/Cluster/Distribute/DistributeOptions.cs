using BlockProxy.Proxy.Options;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>Options of cluster/distribute, with the keys of stock volfiles. What only concerns rebalancing is not here.</summary>
public sealed record DistributeOptions : IVolumeOptions<DistributeOptions>
{
    /// <summary>Null: the default pattern. "none": no munging.</summary>
    public string? RsyncHashRegex { get; init; }

    public string? ExtraHashRegex { get; init; }

    /// <summary>Whether a name that its hashed subvolume does not have is looked for on the others.</summary>
    public bool LookupUnhashed { get; init; } = true;

    /// <summary>Whether a miss is final where the directory's commit hash is the volume's.</summary>
    public bool LookupOptimize { get; init; } = true;

    public bool RandomizeByGfid { get; init; }

    public bool WeightedRebalance { get; init; } = true;

    /// <summary>The most subvolumes a new directory is spread over; 0 for all.</summary>
    public int LayoutSpread { get; init; }

    public static OptionTable<DistributeOptions> Table { get; } = new OptionTable<DistributeOptions>()
        .Custom("rsync-hash-regex", "The part of a name that is hashed: group 1 of this pattern.", "a regular expression, or none", DistributeHash.DefaultRsyncPattern,
            static (o, v) => CheckRegex(v) is { } wrong ? new(null, wrong) : new(o with { RsyncHashRegex = v }, null))
        .Custom("extra-hash-regex", "Another such pattern, tried first.", "a regular expression, or none", "none",
            static (o, v) => CheckRegex(v) is { } wrong ? new(null, wrong) : new(o with { ExtraHashRegex = v }, null))
        .Custom("lookup-unhashed", "Whether a name that its hashed subvolume does not have is looked for on the others.", "on, off or auto", "on",
            static (o, v) => v == "auto" ? new(o with { LookupUnhashed = true }, null)
                : OptionValue.TryBool(v, out var on) ? new(o with { LookupUnhashed = on }, null)
                : new(null, "is neither a boolean nor auto"))
        .Bool("lookup-optimize", "Whether a miss is final where the directory's layout is known to hold for every file.",
            o => o.LookupOptimize, (o, v) => o with { LookupOptimize = v })
        .Bool("randomize-hash-range-by-gfid", "Whether a new directory's layout begins by its gfid instead of its path.",
            o => o.RandomizeByGfid, (o, v) => o with { RandomizeByGfid = v })
        .Bool("weighted-rebalance", "Whether a new directory's shares follow the sizes of the subvolumes.",
            o => o.WeightedRebalance, (o, v) => o with { WeightedRebalance = v })
        .Int("directory-layout-spread", "The most subvolumes a new directory is spread over; 0 for all.",
            o => o.LayoutSpread, (o, v) => o with { LayoutSpread = (int)v }, 0, 1 << 20);

    private static string? CheckRegex(string pattern)
    {
        try
        {
            _ = new DistributeHash(pattern);
            return null;
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return "is not a regular expression that can be used: " + error.Message;
        }
    }
}
