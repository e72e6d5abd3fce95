using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>NBD_REPLY_TYPE_OFFSET_HOLE, 32 bytes with its chunk header: the range reads as zeroes. proto.md, "Structured reply types".</summary>
public readonly record struct OffsetHoleChunk(ReplyChunkFlags Flags, ulong Cookie, ulong Offset, uint HoleLength)
{
    public const int Size = ReplyChunk.Size + PayloadSize;
    public const int PayloadSize = 12;

    public void Write(Span<byte> destination)
    {
        new ReplyChunk(Flags, ReplyChunkType.OffsetHole, Cookie, PayloadSize).Write(destination);
        WriteUInt64BigEndian(destination[ReplyChunk.Size..], Offset);
        WriteUInt32BigEndian(destination[(ReplyChunk.Size + 8)..], HoleLength);
    }

    /// <summary>Reads the payload of <paramref name="chunk"/>; false when it has the wrong length or describes no byte.</summary>
    public static bool TryRead(in ReplyChunk chunk, ReadOnlySpan<byte> payload, out OffsetHoleChunk value)
    {
        value = default;
        if (chunk.Type != ReplyChunkType.OffsetHole || chunk.Length != PayloadSize || payload.Length < PayloadSize)
            return false;
        value = new(chunk.Flags, chunk.Cookie, ReadUInt64BigEndian(payload), ReadUInt32BigEndian(payload[8..]));
        return value.HoleLength > 0;
    }
}
