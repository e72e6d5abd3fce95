using BlockProxy.Io;

namespace BlockProxy.Block;

/// <summary>
/// What a front serves: an array of bytes, addressed in bytes. The front checks range, alignment and permission before it calls (the gate of
/// <see cref="BlockRequestGate"/>); a device may assume them. Errors are values. Calls may overlap and complete in any order; two overlapping
/// writes in flight at the same time may land in either order.
/// </summary>
public interface IBlockDevice : IAsyncDisposable
{
    /// <summary>Size, abilities and limits. A snapshot: it changes when the device is resized.</summary>
    BlockDeviceInfo Info { get; }

    /// <summary>Fills <paramref name="destination"/> with the bytes from <paramref name="offset"/> on. The memory is borrowed until completion.</summary>
    ValueTask<BlockError> ReadAsync(long offset, Memory<byte> destination);

    /// <summary>Writes the bytes at <paramref name="offset"/>. The payload is borrowed until completion.</summary>
    ValueTask<BlockError> WriteAsync(long offset, Payload data, BlockWriteFlags flags);

    /// <summary>Makes every write that completed before this call durable.</summary>
    ValueTask<BlockError> FlushAsync();

    /// <summary>Says that the range is not needed; afterwards it reads as zeros or as before.</summary>
    ValueTask<BlockError> TrimAsync(long offset, long length, BlockWriteFlags flags);

    /// <summary>Makes the range read as zeros. A hole may be made unless <see cref="BlockWriteFlags.NoHole"/> is set.</summary>
    ValueTask<BlockError> WriteZeroesAsync(long offset, long length, BlockWriteFlags flags);

    /// <summary>Hints that the range will be read soon.</summary>
    ValueTask<BlockError> CacheAsync(long offset, long length);

    /// <summary>
    /// Describes the allocation from <paramref name="offset"/> on: appends at least one extent, in order and without gaps, at most
    /// <paramref name="maximumExtents"/>, covering at most <paramref name="length"/> bytes. A device that does not know answers one
    /// data extent.
    /// </summary>
    ValueTask<BlockError> DescribeAsync(long offset, long length, int maximumExtents, ICollection<BlockExtent> extents);
}

[Flags]
public enum BlockWriteFlags
{
    None = 0,

    /// <summary>Force unit access: complete only when this write is durable.</summary>
    Fua = 1,

    /// <summary>Of a write of zeros: the space stays allocated.</summary>
    NoHole = 2,

    /// <summary>Of a write of zeros: fail with <see cref="BlockError.NotSupported"/> rather than be as slow as writing.</summary>
    FastOnly = 4,
}

/// <summary>A run of bytes of one kind. A hole always reads as zeros here.</summary>
public readonly record struct BlockExtent(long Length, BlockExtentKind Kind);

[Flags]
public enum BlockExtentKind
{
    Data = 0,

    /// <summary>No space is allocated.</summary>
    Hole = 1,

    /// <summary>The range reads as zeros.</summary>
    Zero = 2,
}
