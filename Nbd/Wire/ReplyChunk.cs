using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>NBD_REPLY_TYPE_*. proto.md, "Structured reply types". Errors have bit 15 set.</summary>
public enum ReplyChunkType : ushort
{
    None = 0,
    OffsetData = 1,
    OffsetHole = 2,
    BlockStatus = 5,
    Error = 0x8001,
    ErrorOffset = 0x8002,
}

/// <summary>NBD_REPLY_FLAG_*. proto.md, "Structured reply flags".</summary>
[Flags]
public enum ReplyChunkFlags : ushort
{
    None = 0,

    /// <summary>No further chunk answers this request.</summary>
    Done = 1,
}

/// <summary>The head of a structured reply chunk, 20 bytes. proto.md, "Structured reply chunk message".</summary>
/// <param name="Length">Bytes of payload that follow.</param>
public readonly record struct ReplyChunk(ReplyChunkFlags Flags, ReplyChunkType Type, ulong Cookie, uint Length)
{
    public const int Size = 20;
    public const uint Magic = 0x668e33ef; // NBD_STRUCTURED_REPLY_MAGIC

    /// <exception cref="NbdProtocolException">The magic is wrong.</exception>
    public static ReplyChunk Read(ReadOnlySpan<byte> source)
    {
        var magic = ReadUInt32BigEndian(source);
        if (magic != Magic)
            throw new NbdProtocolException($"structured reply magic 0x{magic:x8}, expected 0x{Magic:x8}");
        return new(
            Flags: (ReplyChunkFlags)ReadUInt16BigEndian(source[4..]),
            Type: (ReplyChunkType)ReadUInt16BigEndian(source[6..]),
            Cookie: ReadUInt64BigEndian(source[8..]),
            Length: ReadUInt32BigEndian(source[16..]));
    }

    public void Write(Span<byte> destination)
    {
        WriteUInt32BigEndian(destination, Magic);
        WriteUInt16BigEndian(destination[4..], (ushort)Flags);
        WriteUInt16BigEndian(destination[6..], (ushort)Type);
        WriteUInt64BigEndian(destination[8..], Cookie);
        WriteUInt32BigEndian(destination[16..], Length);
    }
}
