using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>The data of NBD_OPT_INFO and NBD_OPT_GO. proto.md, "Option types".</summary>
/// <param name="Export">The export's name; empty asks for the default one.</param>
/// <param name="Wanted">The information asked for; may hold types this side does not know.</param>
public sealed record InfoRequest(string Export, IReadOnlyList<InfoType> Wanted)
{
    /// <summary>Reads the data; false when a length does not add up or the name is not allowed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out InfoRequest value)
    {
        value = new InfoRequest("", []);
        if (source.Length < 6)
            return false;
        var nameLength = ReadUInt32BigEndian(source);
        if (nameLength > (uint)source.Length - 6 || !NbdString.TryRead(source.Slice(4, (int)nameLength), out var name))
            return false;
        var rest = source[(4 + (int)nameLength)..];
        var count = ReadUInt16BigEndian(rest);
        rest = rest[2..];
        if (rest.Length != count * 2)
            return false;
        var wanted = new InfoType[count];
        for (var i = 0; i < count; i++)
            wanted[i] = (InfoType)ReadUInt16BigEndian(rest[(i * 2)..]);
        value = new InfoRequest(name, wanted);
        return true;
    }

    public byte[] ToBytes()
    {
        var name = NbdString.GetBytes(Export);
        var bytes = new byte[4 + name.Length + 2 + Wanted.Count * 2];
        WriteUInt32BigEndian(bytes, (uint)name.Length);
        name.CopyTo(bytes, 4);
        var rest = bytes.AsSpan(4 + name.Length);
        WriteUInt16BigEndian(rest, (ushort)Wanted.Count);
        for (var i = 0; i < Wanted.Count; i++)
            WriteUInt16BigEndian(rest[(2 + i * 2)..], (ushort)Wanted[i]);
        return bytes;
    }
}
