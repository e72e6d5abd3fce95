using BlockProxy.Io;

namespace BlockProxy.Block;

/// <summary>
/// A sparse device in memory. Pages are allocated by the first write that touches them and freed by a trim or a write of zeros that covers
/// them whole; a page that does not exist reads as zeros and is described as a hole. Nothing locks: a request that overlaps another in
/// flight may see or leave a mix of both, as the contract of <see cref="IBlockDevice"/> allows.
/// </summary>
public sealed class MemoryDevice : IBlockDevice
{
    /// <summary>Bytes of a page: small against what a hole is worth, large against the table's eight bytes for it.</summary>
    public const int PageSize = 64 << 10;

    private const int PageShift = 16;
    private const int LeafShift = 12; // pages in a leaf of the table: 256 MiB of device, 32 KiB of table
    private const int LeafPages = 1 << LeafShift;

    private readonly byte[]?[]?[] _table;

    /// <param name="size">Bytes; at least 1, at most 1 PiB.</param>
    /// <param name="readOnly">Whether the device refuses to be changed.</param>
    public MemoryDevice(long size, bool readOnly = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 1L << 50);
        _table = new byte[]?[]?[((size - 1) >> (PageShift + LeafShift)) + 1];
        Info = new BlockDeviceInfo
        {
            Size = size,
            ReadOnly = readOnly,
            CanZeroFast = true,
            KnowsHolesCheaply = true,
            Description = "in memory",
        };
    }

    public BlockDeviceInfo Info { get; }

    /// <summary>Bytes of pages that exist.</summary>
    public long AllocatedBytes
    {
        get
        {
            var count = 0L;
            foreach (var leaf in _table)
            {
                foreach (var page in leaf ?? [])
                    count += page is null ? 0 : 1;
            }

            return count * PageSize;
        }
    }

    public ValueTask<BlockError> ReadAsync(long offset, Memory<byte> destination)
    {
        var rest = destination.Span;
        while (!rest.IsEmpty)
        {
            var (page, start, count) = Locate(offset, rest.Length);
            var bytes = Find(page);
            if (bytes is null)
                rest[..count].Clear();
            else
                bytes.AsSpan(start, count).CopyTo(rest);
            rest = rest[count..];
            offset += count;
        }

        return new(BlockError.None);
    }

    public ValueTask<BlockError> WriteAsync(long offset, Payload data, BlockWriteFlags flags)
    {
        var rest = data.Span;
        while (!rest.IsEmpty)
        {
            var (page, start, count) = Locate(offset, rest.Length);
            rest[..count].CopyTo(Make(page).AsSpan(start));
            rest = rest[count..];
            offset += count;
        }

        return new(BlockError.None);
    }

    /// <summary>There is nothing more durable than this memory: what was written is as safe as it will be.</summary>
    public ValueTask<BlockError> FlushAsync() => new(BlockError.None);

    /// <summary>Frees the pages that the range covers whole; the rest stays as it is.</summary>
    public ValueTask<BlockError> TrimAsync(long offset, long length, BlockWriteFlags flags)
    {
        var end = offset + length;
        // The last page of the device is covered whole by a range that reaches the device's end.
        if (end == Info.Size)
            end = (end + PageSize - 1) >> PageShift << PageShift;
        for (var page = (offset + PageSize - 1) >> PageShift; page < end >> PageShift; page++)
            Free(page);
        return new(BlockError.None);
    }

    public ValueTask<BlockError> WriteZeroesAsync(long offset, long length, BlockWriteFlags flags)
    {
        var keep = (flags & BlockWriteFlags.NoHole) != 0;
        while (length > 0)
        {
            var (page, start, count) = Locate(offset, length);
            var whole = start == 0 && (count == PageSize || offset + count == Info.Size);
            if (keep)
                Make(page).AsSpan(start, count).Clear();
            else if (whole)
                Free(page);
            else if (Find(page) is { } bytes)
                bytes.AsSpan(start, count).Clear();
            offset += count;
            length -= count;
        }

        return new(BlockError.None);
    }

    public ValueTask<BlockError> CacheAsync(long offset, long length) => new(BlockError.None);

    /// <summary>Exact to the page: data where a page exists, a hole where none does; neighbours of one kind are one extent.</summary>
    public ValueTask<BlockError> DescribeAsync(long offset, long length, int maximumExtents, ICollection<BlockExtent> extents)
    {
        ArgumentNullException.ThrowIfNull(extents);
        var added = 0;
        while (length > 0 && added < maximumExtents)
        {
            var run = 0L;
            var kind = KindOf(offset >> PageShift);
            do
            {
                var (_, _, count) = Locate(offset, length);
                run += count;
                offset += count;
                length -= count;
            }
            while (length > 0 && KindOf(offset >> PageShift) == kind);
            extents.Add(new BlockExtent(run, kind));
            added++;
        }

        return new(BlockError.None);
    }

    public ValueTask DisposeAsync() => default;

    private static (long Page, int Start, int Count) Locate(long offset, long length)
    {
        var start = (int)(offset & (PageSize - 1));
        return (offset >> PageShift, start, (int)Math.Min(length, PageSize - start));
    }

    private BlockExtentKind KindOf(long page) => Find(page) is null ? BlockExtentKind.Hole | BlockExtentKind.Zero : BlockExtentKind.Data;

    private byte[]? Find(long page)
    {
        var leaf = Volatile.Read(ref _table[page >> LeafShift]);
        return leaf is null ? null : Volatile.Read(ref leaf[page & (LeafPages - 1)]);
    }

    private void Free(long page)
    {
        if (Volatile.Read(ref _table[page >> LeafShift]) is { } leaf)
            Volatile.Write(ref leaf[page & (LeafPages - 1)], null);
    }

    private byte[] Make(long page)
    {
        ref var slot = ref _table[page >> LeafShift];
        var leaf = Volatile.Read(ref slot);
        if (leaf is null)
        {
            leaf = new byte[]?[LeafPages];
            leaf = Interlocked.CompareExchange(ref slot, leaf, null) ?? leaf;
        }

        ref var entry = ref leaf[page & (LeafPages - 1)];
        var bytes = Volatile.Read(ref entry);
        if (bytes is not null)
            return bytes;
        // Pinned: a page lives as long as its data and is never worth moving.
        bytes = GC.AllocateArray<byte>(PageSize, pinned: true);
        return Interlocked.CompareExchange(ref entry, bytes, null) ?? bytes;
    }
}
