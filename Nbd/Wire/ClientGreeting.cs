using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>The client's first message, 4 bytes. proto.md, "Newstyle negotiation".</summary>
public readonly record struct ClientGreeting(ClientFlags Flags)
{
    public const int Size = 4;

    public static ClientGreeting Read(ReadOnlySpan<byte> source) => new((ClientFlags)ReadUInt32BigEndian(source));

    public void Write(Span<byte> destination) => WriteUInt32BigEndian(destination, (uint)Flags);
}
