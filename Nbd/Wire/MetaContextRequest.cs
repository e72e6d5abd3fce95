using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>The data of NBD_OPT_LIST_META_CONTEXT and NBD_OPT_SET_META_CONTEXT. proto.md, "Option types".</summary>
public sealed record MetaContextRequest(string Export, IReadOnlyList<string> Queries)
{
    /// <summary>Reads the data; false when a length does not add up or a string is not allowed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out MetaContextRequest value)
    {
        value = new MetaContextRequest("", []);
        if (!TryReadString(ref source, out var export) || source.Length < 4)
            return false;
        var count = ReadUInt32BigEndian(source);
        source = source[4..];
        // Each query takes at least its length field, so the count is bounded by what was received.
        if (count > (uint)source.Length / 4)
            return false;
        var queries = new string[count];
        for (var i = 0; i < queries.Length; i++)
        {
            if (!TryReadString(ref source, out queries[i]))
                return false;
        }

        if (!source.IsEmpty)
            return false;
        value = new MetaContextRequest(export, queries);
        return true;
    }

    public byte[] ToBytes()
    {
        var bytes = new List<byte>();
        Append(bytes, Export);
        AppendUInt32(bytes, (uint)Queries.Count);
        foreach (var query in Queries)
            Append(bytes, query);
        return [.. bytes];
    }

    private static bool TryReadString(ref ReadOnlySpan<byte> source, out string text)
    {
        text = "";
        if (source.Length < 4)
            return false;
        var length = ReadUInt32BigEndian(source);
        if (length > (uint)source.Length - 4 || !NbdString.TryRead(source.Slice(4, (int)length), out text))
            return false;
        source = source[(4 + (int)length)..];
        return true;
    }

    private static void Append(List<byte> bytes, string text)
    {
        var encoded = NbdString.GetBytes(text);
        AppendUInt32(bytes, (uint)encoded.Length);
        bytes.AddRange(encoded);
    }

    private static void AppendUInt32(List<byte> bytes, uint value)
    {
        Span<byte> field = stackalloc byte[4];
        WriteUInt32BigEndian(field, value);
        bytes.AddRange(field);
    }
}
