using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>The server's first message, 18 bytes. proto.md, "Newstyle negotiation".</summary>
public readonly record struct ServerGreeting(HandshakeFlags Flags)
{
    public const int Size = 18;
    public const ulong InitPassword = 0x4e42444d41474943; // "NBDMAGIC"
    public const ulong OptionMagic = 0x49484156454F5054; // "IHAVEOPT"

    /// <exception cref="NbdProtocolException">Not an NBD server, or one that speaks only oldstyle.</exception>
    public static ServerGreeting Read(ReadOnlySpan<byte> source)
    {
        if (ReadUInt64BigEndian(source) != InitPassword)
            throw new NbdProtocolException("the server's first bytes are not NBDMAGIC");
        if (ReadUInt64BigEndian(source[8..]) != OptionMagic)
            throw new NbdProtocolException("the server does not offer newstyle negotiation");
        return new((HandshakeFlags)ReadUInt16BigEndian(source[16..]));
    }

    public void Write(Span<byte> destination)
    {
        WriteUInt64BigEndian(destination, InitPassword);
        WriteUInt64BigEndian(destination[8..], OptionMagic);
        WriteUInt16BigEndian(destination[16..], (ushort)Flags);
    }
}
