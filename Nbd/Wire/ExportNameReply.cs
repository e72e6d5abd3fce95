using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>
/// The answer to NBD_OPT_EXPORT_NAME: 10 bytes, and 124 zeroes unless both sides agreed to leave them out. proto.md, "Newstyle negotiation".
/// </summary>
public readonly record struct ExportNameReply(ulong Size, TransmissionFlags Flags)
{
    public const int ShortLength = 10;
    public const int PaddedLength = ShortLength + 124;

    public static ExportNameReply Read(ReadOnlySpan<byte> source) =>
        new(ReadUInt64BigEndian(source), (TransmissionFlags)ReadUInt16BigEndian(source[8..]));

    /// <summary>Fills the whole destination, which has one of the two lengths.</summary>
    public void Write(Span<byte> destination)
    {
        WriteUInt64BigEndian(destination, Size);
        WriteUInt16BigEndian(destination[8..], (ushort)Flags);
        destination[ShortLength..].Clear();
    }
}
