using System.Buffers.Binary;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>One subvolume's part of a directory: the xattr <c>trusted.glusterfs.dht</c>, 4 * u32 big-endian. gluster-translators section 5.2.</summary>
/// <param name="CommitHash">Equal to the volume's when the layout is known to hold for every file: then a miss on the hashed subvolume is final.</param>
/// <param name="Type">0 computed, 1 set by an administrator; nothing else is valid.</param>
/// <param name="Start">The first hash; with <paramref name="Stop"/> both zero it takes no part.</param>
/// <param name="Stop">The last hash.</param>
public readonly record struct LayoutRange(uint CommitHash, uint Type, uint Start, uint Stop)
{
    public const int Size = 16;

    public bool IsEmpty => Start == 0 && Stop == 0;

    public bool Holds(uint hash) => !IsEmpty && hash >= Start && hash <= Stop;

    /// <summary>Null when the bytes are no layout.</summary>
    public static LayoutRange? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            return null;
        var range = new LayoutRange(
            BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]));
        return range.Type <= 1 && range.Start <= range.Stop ? range : null;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, CommitHash);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), Type);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), Start);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(12), Stop);
        return bytes;
    }
}

/// <summary>Which subvolume of a directory holds which hashes, as its subvolumes' xattrs say.</summary>
/// <param name="ranges">By subvolume; null where the directory has no (valid) layout xattr, is missing, or could not be read.</param>
public sealed class DirectoryLayout(IReadOnlyList<LayoutRange?> ranges)
{
    /// <summary>The commit hash of a layout that never was committed.</summary>
    public const uint InvalidCommitHash = 1;

    public IReadOnlyList<LayoutRange?> Ranges { get; } = ranges;

    /// <summary>The subvolume that a hash belongs to, or -1 where the ranges have a hole.</summary>
    public int Find(uint hash)
    {
        for (var i = 0; i < Ranges.Count; i++)
        {
            if (Ranges[i] is { } range && range.Holds(hash))
                return i;
        }

        return -1;
    }

    /// <summary>Whether no subvolume has a range: a directory (the root of a new volume, usually) that nobody laid out yet.</summary>
    public bool IsAbsent => Ranges.All(r => r is null or { IsEmpty: true });

    /// <summary>Whether the ranges tile all hashes, without a hole or an overlap.</summary>
    public bool IsComplete
    {
        get
        {
            ulong next = 0;
            foreach (var range in Ranges.Where(r => r is { IsEmpty: false }).Select(r => r!.Value).OrderBy(r => r.Start))
            {
                if (range.Start != next)
                    return false;
                next = (ulong)range.Stop + 1;
            }

            return next == 1UL << 32;
        }
    }

    /// <summary>The commit hash that all subvolumes agree on; <see cref="InvalidCommitHash"/> when they do not.</summary>
    public uint CommitHash
    {
        get
        {
            uint? common = null;
            foreach (var range in Ranges)
            {
                if (range is null || (common is { } known && known != range.Value.CommitHash))
                    return InvalidCommitHash;
                common = range.Value.CommitHash;
            }

            return common ?? InvalidCommitHash;
        }
    }

    /// <summary>Lays a new directory out over the subvolumes that can be used, as stock clients do.</summary>
    /// <param name="weights">By subvolume: its size in any unit, 0 where it is not to be used. All equal gives equal shares.</param>
    /// <param name="order">The subvolumes by name, as stock clients order them for this.</param>
    /// <param name="first">The place in that order that gets the range beginning at 0; the others follow, in a ring.</param>
    /// <param name="spread">The most subvolumes to use; 0 for all.</param>
    /// <param name="commitHash">Goes into every range.</param>
    public static DirectoryLayout New(IReadOnlyList<ulong> weights, IReadOnlyList<int> order, int first, int spread, uint commitHash)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(order);
        var count = weights.Count;
        var ranges = new LayoutRange?[count];
        Array.Fill(ranges, new LayoutRange(commitHash, 0, 0, 0));
        var used = Enumerable.Range(0, count).Select(i => order[(first + i) % count]).Where(at => weights[at] > 0).Take(spread > 0 ? spread : count).ToList();
        var total = used.Aggregate(0UL, (sum, at) => sum + weights[at]);
        var perUnit = uint.MaxValue / (double)total;
        uint start = 0;
        for (var i = 0; i < used.Count; i++)
        {
            var share = (uint)(perUnit * weights[used[i]]);
            var stop = i == used.Count - 1 ? uint.MaxValue : start + share - 1;
            ranges[used[i]] = new LayoutRange(commitHash, 0, start, stop);
            start = stop + 1;
        }

        return new DirectoryLayout(ranges);
    }
}
