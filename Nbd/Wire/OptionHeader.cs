using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>The head of an option, 16 bytes; its data follows. proto.md, "Newstyle negotiation".</summary>
/// <param name="Length">Bytes of data that follow.</param>
public readonly record struct OptionHeader(OptionCode Option, uint Length)
{
    public const int Size = 16;

    /// <exception cref="NbdProtocolException">The magic is wrong.</exception>
    public static OptionHeader Read(ReadOnlySpan<byte> source)
    {
        var magic = ReadUInt64BigEndian(source);
        if (magic != ServerGreeting.OptionMagic)
            throw new NbdProtocolException($"option magic 0x{magic:x16}, expected 0x{ServerGreeting.OptionMagic:x16}");
        return new((OptionCode)ReadUInt32BigEndian(source[8..]), ReadUInt32BigEndian(source[12..]));
    }

    public void Write(Span<byte> destination)
    {
        WriteUInt64BigEndian(destination, ServerGreeting.OptionMagic);
        WriteUInt32BigEndian(destination[8..], (uint)Option);
        WriteUInt32BigEndian(destination[12..], Length);
    }
}
