using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>The data of NBD_REP_SERVER: the length of the name, the name, and a sentence for people. proto.md, "Option reply types".</summary>
public readonly record struct ServerEntry(string Name, string Description)
{
    /// <summary>Reads an entry; false when the name does not fit or a string is not allowed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out ServerEntry value)
    {
        value = default;
        if (source.Length < 4)
            return false;
        var nameLength = ReadUInt32BigEndian(source);
        if (nameLength > (uint)source.Length - 4)
            return false;
        var name = source.Slice(4, (int)nameLength);
        if (!NbdString.TryRead(name, out var nameText) || !NbdString.TryRead(source[(4 + name.Length)..], out var description))
            return false;
        value = new(nameText, description);
        return true;
    }

    public byte[] ToBytes()
    {
        var name = NbdString.GetBytes(Name);
        var description = NbdString.GetDisplayBytes(Description);
        var bytes = new byte[4 + name.Length + description.Length];
        WriteUInt32BigEndian(bytes, (uint)name.Length);
        name.CopyTo(bytes, 4);
        description.CopyTo(bytes, 4 + name.Length);
        return bytes;
    }
}
