using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>The head of a reply to an option, 20 bytes; its data follows. proto.md, "Fixed newstyle negotiation".</summary>
/// <param name="Length">Bytes of data that follow.</param>
public readonly record struct OptionReply(OptionCode Option, OptionReplyType Type, uint Length)
{
    public const int Size = 20;
    public const ulong Magic = 0x0003e889045565a9;

    /// <exception cref="NbdProtocolException">The magic is wrong.</exception>
    public static OptionReply Read(ReadOnlySpan<byte> source)
    {
        var magic = ReadUInt64BigEndian(source);
        if (magic != Magic)
            throw new NbdProtocolException($"option reply magic 0x{magic:x16}, expected 0x{Magic:x16}");
        return new(
            Option: (OptionCode)ReadUInt32BigEndian(source[8..]),
            Type: (OptionReplyType)ReadUInt32BigEndian(source[12..]),
            Length: ReadUInt32BigEndian(source[16..]));
    }

    public void Write(Span<byte> destination)
    {
        WriteUInt64BigEndian(destination, Magic);
        WriteUInt32BigEndian(destination[8..], (uint)Option);
        WriteUInt32BigEndian(destination[12..], (uint)Type);
        WriteUInt32BigEndian(destination[16..], Length);
    }
}
