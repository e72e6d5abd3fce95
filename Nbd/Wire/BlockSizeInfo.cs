using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>NBD_INFO_BLOCK_SIZE, 14 bytes. proto.md, "NBD_REP_INFO" and "Size constraints".</summary>
/// <param name="Minimum">Bytes; every offset and length is a multiple of it; a power of two up to 65536.</param>
/// <param name="Preferred">Bytes; a power of two, at least 512 and the minimum.</param>
/// <param name="MaximumPayload">Bytes in one read or write, at least the preferred block.</param>
public readonly record struct BlockSizeInfo(uint Minimum, uint Preferred, uint MaximumPayload)
{
    public const int Size = 14;

    /// <summary>Reads the data of an NBD_REP_INFO; false when it is not this information or has the wrong length.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out BlockSizeInfo value)
    {
        value = default;
        if (source.Length != Size || (InfoType)ReadUInt16BigEndian(source) != InfoType.BlockSize)
            return false;
        value = new(ReadUInt32BigEndian(source[2..]), ReadUInt32BigEndian(source[6..]), ReadUInt32BigEndian(source[10..]));
        return true;
    }

    public void Write(Span<byte> destination)
    {
        WriteUInt16BigEndian(destination, (ushort)InfoType.BlockSize);
        WriteUInt32BigEndian(destination[2..], Minimum);
        WriteUInt32BigEndian(destination[6..], Preferred);
        WriteUInt32BigEndian(destination[10..], MaximumPayload);
    }
}
