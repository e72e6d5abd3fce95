using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>NBD request, 28 bytes, big-endian. proto.md, "Request message".</summary>
public readonly record struct NbdRequest(
    NbdCommandFlags Flags, NbdCommand Command, ulong Cookie, ulong Offset, uint Length)
{
    public const int Size = 28;
    public const uint Magic = 0x25609513; // NBD_REQUEST_MAGIC

    /// <exception cref="NbdProtocolException">The magic is wrong: the stream is out of step and cannot be found again.</exception>
    public static NbdRequest Read(ReadOnlySpan<byte> source)
    {
        var magic = ReadUInt32BigEndian(source);
        if (magic != Magic)
            throw new NbdProtocolException($"request magic 0x{magic:x8}, expected 0x{Magic:x8}");
        return new(
            Flags: (NbdCommandFlags)ReadUInt16BigEndian(source[4..]),
            Command: (NbdCommand)ReadUInt16BigEndian(source[6..]),
            Cookie: ReadUInt64BigEndian(source[8..]),
            Offset: ReadUInt64BigEndian(source[16..]),
            Length: ReadUInt32BigEndian(source[24..]));
    }

    public void Write(Span<byte> destination)
    {
        WriteUInt32BigEndian(destination, Magic);
        WriteUInt16BigEndian(destination[4..], (ushort)Flags);
        WriteUInt16BigEndian(destination[6..], (ushort)Command);
        WriteUInt64BigEndian(destination[8..], Cookie);
        WriteUInt64BigEndian(destination[16..], Offset);
        WriteUInt32BigEndian(destination[24..], Length);
    }
}
