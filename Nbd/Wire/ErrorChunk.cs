using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>NBD_REPLY_TYPE_ERROR: a header, the error, and a sentence for people. proto.md, "Structured reply types".</summary>
/// <param name="MessageLength">Bytes of UTF-8 that follow.</param>
public readonly record struct ErrorChunk(ReplyChunkFlags Flags, ulong Cookie, NbdErrno Error, ushort MessageLength)
{
    public const int Size = ReplyChunk.Size + 6;

    public void Write(Span<byte> destination)
    {
        new ReplyChunk(Flags, ReplyChunkType.Error, Cookie, 6 + (uint)MessageLength).Write(destination);
        WriteUInt32BigEndian(destination[ReplyChunk.Size..], (uint)Error);
        WriteUInt16BigEndian(destination[(ReplyChunk.Size + 4)..], MessageLength);
    }

    /// <summary>Reads what follows <paramref name="chunk"/>; false when the message does not fit the chunk or no error is named.</summary>
    public static bool TryRead(in ReplyChunk chunk, ReadOnlySpan<byte> payload, out ErrorChunk value)
    {
        value = default;
        if (chunk.Type != ReplyChunkType.Error || chunk.Length < 6 || payload.Length < 6)
            return false;
        value = new(chunk.Flags, chunk.Cookie, (NbdErrno)ReadUInt32BigEndian(payload), ReadUInt16BigEndian(payload[4..]));
        return value.Error != NbdErrno.None && value.MessageLength <= chunk.Length - 6;
    }
}
