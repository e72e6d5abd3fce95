using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>Flags of base:allocation. proto.md, "base:allocation metadata context".</summary>
[Flags]
public enum AllocationFlags : uint
{
    None = 0,

    /// <summary>NBD_STATE_HOLE: no space is allocated.</summary>
    Hole = 1,

    /// <summary>NBD_STATE_ZERO: the range reads as zeroes.</summary>
    Zero = 2,
}

/// <summary>One extent of a block status reply, 8 bytes.</summary>
public readonly record struct BlockDescriptor(uint Length, AllocationFlags Flags)
{
    public const int Size = 8;

    public static BlockDescriptor Read(ReadOnlySpan<byte> source) =>
        new(ReadUInt32BigEndian(source), (AllocationFlags)ReadUInt32BigEndian(source[4..]));

    public void Write(Span<byte> destination)
    {
        WriteUInt32BigEndian(destination, Length);
        WriteUInt32BigEndian(destination[4..], (uint)Flags);
    }
}

/// <summary>
/// The head of NBD_REPLY_TYPE_BLOCK_STATUS, 24 bytes with its chunk header; the <see cref="BlockDescriptor"/>s follow. proto.md, "Structured
/// reply types".
/// </summary>
public readonly record struct BlockStatusChunk(ReplyChunkFlags Flags, ulong Cookie, uint ContextId, int Descriptors)
{
    public const int Size = ReplyChunk.Size + 4;

    public void Write(Span<byte> destination)
    {
        new ReplyChunk(Flags, ReplyChunkType.BlockStatus, Cookie, 4 + (uint)Descriptors * BlockDescriptor.Size).Write(destination);
        WriteUInt32BigEndian(destination[ReplyChunk.Size..], ContextId);
    }

    /// <summary>Reads what follows <paramref name="chunk"/>; false when the length is not 4 plus a positive multiple of 8.</summary>
    public static bool TryRead(in ReplyChunk chunk, ReadOnlySpan<byte> payload, out BlockStatusChunk value)
    {
        value = default;
        if (chunk.Type != ReplyChunkType.BlockStatus || chunk.Length < 12 || (chunk.Length - 4) % BlockDescriptor.Size != 0 || payload.Length < 4)
            return false;
        value = new(chunk.Flags, chunk.Cookie, ReadUInt32BigEndian(payload), (int)((chunk.Length - 4) / BlockDescriptor.Size));
        return true;
    }
}
