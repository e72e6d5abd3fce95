using System.Numerics;
using BlockProxy.Volgen;

namespace BlockProxy.Proxy.Translators.Protocol.Client;

/// <summary>
/// Directory cookies as clients see them: each carries the number of the brick it came from, so that a merged listing can go on where it
/// stopped. gluster-translators section 5.4; the values are those of stock clients.
/// </summary>
/// <param name="Leaf">This brick's position among the protocol/client translators of the graph.</param>
/// <param name="Leaves">How many there are.</param>
public readonly record struct DirectoryOffset(int Leaf, int Leaves)
{
    private const string LeafType = "protocol/client";
    private const ulong LargeMark = 1UL << 62;

    private int Bits => Leaves <= 1 ? 0 : BitOperations.Log2((uint)Leaves - 1) + 1;

    /// <summary>Where a leaf stands among those its volfile's top reaches, in the order a walk from the top meets them.</summary>
    public static DirectoryOffset Of(Volfile volfile, string leaf)
    {
        ArgumentNullException.ThrowIfNull(volfile);
        var leaves = LeavesBelow(volfile, volfile.Top);
        return new(Math.Max(0, leaves.IndexOf(leaf)), Math.Max(1, leaves.Count));
    }

    /// <summary>The names of the protocol/client translators at or below a volume, each once, in the order a walk meets them.</summary>
    public static List<string> LeavesBelow(Volfile volfile, VolumeDeclaration volume)
    {
        ArgumentNullException.ThrowIfNull(volfile);
        ArgumentNullException.ThrowIfNull(volume);
        var leaves = new List<string>();
        Collect(volfile, volume, leaves, new HashSet<string>(StringComparer.Ordinal));
        return leaves;
    }

    /// <summary>A brick's cookie as it goes up.</summary>
    public ulong Encode(ulong offset)
    {
        if (Leaves <= 1 || offset is 0 or ulong.MaxValue)
            return offset;
        var bits = Bits;
        if (offset >> (64 - (bits + 2)) != 0)
            return LargeMark | ((offset >> 1) & (ulong.MaxValue << bits)) | (uint)Leaf;
        return (offset * (uint)Leaves) + (uint)Leaf;
    }

    /// <summary>The brick's cookie in what came from above.</summary>
    public ulong Decode(ulong encoded)
    {
        if (Leaves <= 1 || encoded is 0 or ulong.MaxValue)
            return encoded;
        if ((encoded & LargeMark) != 0)
            return ((encoded & ~LargeMark) & (ulong.MaxValue << Bits)) << 1;
        return encoded / (uint)Leaves;
    }

    /// <summary>Which leaf of <paramref name="leaves"/> a cookie came from. Not to be asked of 0, which is the start.</summary>
    public static int LeafOf(ulong encoded, int leaves)
    {
        if (leaves <= 1)
            return 0;
        var bits = new DirectoryOffset(0, leaves).Bits;
        return (encoded & LargeMark) != 0 ? (int)(encoded & ~(ulong.MaxValue << bits)) : (int)(encoded % (uint)leaves);
    }

    private static void Collect(Volfile volfile, VolumeDeclaration volume, List<string> leaves, HashSet<string> seen)
    {
        if (!seen.Add(volume.Name))
            return;
        if (volume.Type == LeafType)
            leaves.Add(volume.Name);
        foreach (var child in volfile.SubvolumesOf(volume))
            Collect(volfile, child, leaves, seen);
    }
}
