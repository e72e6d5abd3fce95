using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>NBD_INFO_NAME and NBD_INFO_DESCRIPTION: the type and a string. proto.md, "NBD_REP_INFO".</summary>
public readonly record struct TextInfo(InfoType Type, string Text)
{
    /// <summary>Reads the data of an NBD_REP_INFO; false when it is not one of the two or the string is not allowed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out TextInfo value)
    {
        value = default;
        if (source.Length < 2)
            return false;
        var type = (InfoType)ReadUInt16BigEndian(source);
        if (type is not (InfoType.Name or InfoType.Description) || !NbdString.TryRead(source[2..], out var text))
            return false;
        value = new(type, text);
        return true;
    }

    public byte[] ToBytes()
    {
        var text = NbdString.GetDisplayBytes(Text);
        var bytes = new byte[2 + text.Length];
        WriteUInt16BigEndian(bytes, (ushort)Type);
        text.CopyTo(bytes, 2);
        return bytes;
    }
}
