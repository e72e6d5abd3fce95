using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>The head of NBD_REPLY_TYPE_OFFSET_DATA, 28 bytes with its chunk header; the data follows. proto.md, "Structured reply types".</summary>
public readonly record struct OffsetDataChunk(ReplyChunkFlags Flags, ulong Cookie, ulong Offset, uint DataLength)
{
    public const int Size = ReplyChunk.Size + 8;

    public void Write(Span<byte> destination)
    {
        new ReplyChunk(Flags, ReplyChunkType.OffsetData, Cookie, 8 + DataLength).Write(destination);
        WriteUInt64BigEndian(destination[ReplyChunk.Size..], Offset);
    }

    /// <summary>Reads what follows <paramref name="chunk"/>; false when the chunk is too short to hold a byte of data.</summary>
    public static bool TryRead(in ReplyChunk chunk, ReadOnlySpan<byte> payload, out OffsetDataChunk value)
    {
        value = default;
        if (chunk.Type != ReplyChunkType.OffsetData || chunk.Length < 9 || payload.Length < 8)
            return false;
        value = new(chunk.Flags, chunk.Cookie, ReadUInt64BigEndian(payload), chunk.Length - 8);
        return true;
    }
}
