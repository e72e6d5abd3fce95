namespace BlockProxy.Volgen;

/// <summary>
/// What a volfile may hold at most. The format itself has no limits; these bound what a hostile text can cost, far above
/// what clusters need: a client volfile of ten thousand bricks has some 6 MiB, 15,000 volumes, and a depth below 30.
/// </summary>
public static class VolfileLimits
{
    /// <summary>Length of a text, in bytes of UTF-8 or in UTF-16 units, whichever is given.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    /// <summary>Length of a name, type, key or value, in UTF-16 units. The longest known is a list of leaving bricks.</summary>
    public const int MaxWordLength = 256 * 1024;

    public const int MaxVolumes = 64 * 1024;

    /// <summary>How many subvolumes all volumes name together.</summary>
    public const int MaxLinks = 128 * 1024;

    /// <summary>Volumes on the longest way from a volume down to one without subvolumes, both included.</summary>
    public const int MaxDepth = 128;

    /// <summary>Warnings kept for one text; what would come after them is not told.</summary>
    public const int MaxWarnings = 100;
}
