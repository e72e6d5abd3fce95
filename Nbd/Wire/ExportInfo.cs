using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>NBD_INFO_EXPORT, 12 bytes. proto.md, "NBD_REP_INFO".</summary>
public readonly record struct ExportInfo(ulong ExportSize, TransmissionFlags Flags)
{
    public const int Size = 12;

    /// <summary>Reads the data of an NBD_REP_INFO; false when it is not this information or has the wrong length.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out ExportInfo value)
    {
        value = default;
        if (source.Length != Size || (InfoType)ReadUInt16BigEndian(source) != InfoType.Export)
            return false;
        value = new(ReadUInt64BigEndian(source[2..]), (TransmissionFlags)ReadUInt16BigEndian(source[10..]));
        return true;
    }

    public void Write(Span<byte> destination)
    {
        WriteUInt16BigEndian(destination, (ushort)InfoType.Export);
        WriteUInt64BigEndian(destination[2..], ExportSize);
        WriteUInt16BigEndian(destination[10..], (ushort)Flags);
    }
}
