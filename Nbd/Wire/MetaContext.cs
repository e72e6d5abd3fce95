using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>The data of NBD_REP_META_CONTEXT: the context's number on this connection, and its name. proto.md, "Option reply types".</summary>
public readonly record struct MetaContext(uint Id, string Name)
{
    public const string BaseAllocation = "base:allocation";

    /// <summary>Reads the data; false when it is too short or the name is not allowed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out MetaContext value)
    {
        value = default;
        if (source.Length < 4 || !NbdString.TryRead(source[4..], out var name))
            return false;
        value = new(ReadUInt32BigEndian(source), name);
        return true;
    }

    public byte[] ToBytes()
    {
        var name = NbdString.GetBytes(Name);
        var bytes = new byte[4 + name.Length];
        WriteUInt32BigEndian(bytes, Id);
        name.CopyTo(bytes, 4);
        return bytes;
    }
}
