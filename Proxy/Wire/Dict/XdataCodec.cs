using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Dict;

// The two encodings of dictionaries:
//   XdataCodec  gfx_dict of the fop program, typed values   <->  Fops.Xdata
//   DictBlob    the older one of handshake, management and callbacks, untyped bytes

/// <summary>
/// gfx_dict: u32 xdr_size (the bytes of all pairs), i32 count, u32 npairs, then pairs of opaque key (a NUL at its end counted), i32 type, value.
/// gluster-rpc section 5.2.
/// </summary>
public static class XdataCodec
{
    /// <summary>The bytes in front of the pairs; xdr_size does not count them.</summary>
    public const int HeaderSize = 12;

    private const int ManyPairs = 32;

    /// <summary>A pair with a key of one to three bytes and an empty value.</summary>
    private const int SmallestPair = 16;

    /// <summary>Writes the dictionary; null as count -1.</summary>
    public static void WriteXdata(this ref XdrWriter writer, Xdata? xdata)
    {
        if (xdata is null)
        {
            writer.WriteUInt32(0);
            writer.WriteInt32(-1);
            writer.WriteUInt32(0);
            return;
        }

        var sizeAt = writer.Length;
        writer.WriteUInt32(0);
        writer.WriteInt32(xdata.Count);
        writer.WriteInt32(xdata.Count);
        foreach (var (key, value) in xdata)
        {
            writer.WriteTerminatedText(key);
            writer.WriteInt32((int)value.Type);
            WriteValue(ref writer, key, in value);
        }

        writer.PatchUInt32(sizeAt, (uint)(writer.Length - sizeAt - HeaderSize));
    }

    /// <summary>Reads a dictionary. The announced size must be exact: whoever splits a payload off trusts it.</summary>
    public static Xdata? ReadXdata(this ref XdrReader reader)
    {
        var size = reader.ReadUInt32();
        var count = reader.ReadInt32();
        var pairs = reader.ReadUInt32();
        if (reader.Failed)
            return null;
        if (count == -1 && pairs == 0 && size == 0)
            return null;
        if (count < 0 || (uint)count != pairs)
            reader.Fail($"a dictionary of {pairs} pairs says that it has {count}");
        else if (count > WireLimits.DictionaryPairs)
            reader.Fail($"a dictionary of {count} pairs, the limit is {WireLimits.DictionaryPairs}");
        else if (size > (uint)reader.Remaining)
            reader.Fail($"a dictionary announces {size} bytes, {reader.Remaining} are left");
        else if (size < (uint)count * SmallestPair)
            reader.Fail($"a dictionary of {count} pairs in {size} bytes");
        if (reader.Failed)
            return null;

        var start = reader.Position;
        var xdata = new Xdata(count);
        var seen = count > ManyPairs ? new HashSet<string>(count, StringComparer.Ordinal) : null;
        for (var i = 0; i < count; i++)
        {
            var key = ReadKey(ref reader);
            var value = ReadValue(ref reader);
            if (reader.Failed)
                return null;
            if (seen is null ? xdata.Contains(key) : !seen.Add(key))
            {
                reader.Fail("a dictionary has a key twice");
                return null;
            }

            xdata.Append(key, value);
        }

        if (reader.Position - start != size)
        {
            reader.Fail($"a dictionary announces {size} bytes and has {reader.Position - start}");
            return null;
        }

        return xdata;
    }

    private static void WriteValue(ref XdrWriter writer, string key, in XdataValue value)
    {
        switch (value.Type)
        {
            case XdataType.Int:
                writer.WriteInt64(value.AsInt);
                break;
            case XdataType.UInt:
                writer.WriteUInt64(value.AsUInt);
                break;
            case XdataType.Double:
                writer.WriteDouble(value.AsDouble);
                break;
            case XdataType.String when value.Object is string text:
                writer.WriteTerminatedText(text);
                break;
            case XdataType.String or XdataType.Bytes or XdataType.OldString:
                writer.WriteOpaque((byte[])value.Object!);
                break;
            case XdataType.Gfid:
                writer.WriteRaw((byte[])value.Object!);
                break;
            case XdataType.Iatt:
                writer.WriteIatt((Iatt)value.Object!);
                break;
            case XdataType.Mdata:
                WriteMdata(ref writer, value.AsMdata);
                break;
            default:
                throw new ArgumentException($"the dictionary value '{key}' has no type", nameof(value));
        }
    }

    private static string ReadKey(ref XdrReader reader)
    {
        var key = reader.ReadOpaque("dictionary key", WireLimits.DictionaryKeyBytes);
        if (reader.Failed)
            return "";
        if (key.IsEmpty || key.IndexOf((byte)0) != key.Length - 1)
            reader.Fail("a dictionary key does not end with its only NUL");
        return reader.Failed ? "" : ByteText.Decode(key[..^1]);
    }

    private static XdataValue ReadValue(ref XdrReader reader)
    {
        var type = reader.ReadInt32();
        switch ((XdataType)type)
        {
            case XdataType.Int:
                return XdataValue.Int(reader.ReadInt64());
            case XdataType.UInt:
                return XdataValue.UInt(reader.ReadUInt64());
            case XdataType.Double:
                return XdataValue.Double(reader.ReadDouble());
            case XdataType.String:
                return ReadString(ref reader);
            case XdataType.Bytes:
                return XdataValue.Bytes(reader.ReadBytes("dictionary value", WireLimits.DictionaryValueBytes));
            case XdataType.OldString:
                return XdataValue.OldString(reader.ReadBytes("dictionary value", WireLimits.DictionaryValueBytes));
            case XdataType.Gfid:
                return XdataValue.Gfid(reader.ReadGfid());
            case XdataType.Iatt:
                return XdataValue.Iatt(reader.ReadIatt());
            case XdataType.Mdata:
                return XdataValue.Mdata(ReadMdata(ref reader));
            default:
                reader.Fail($"a dictionary value of type {type}");
                return default;
        }
    }

    private static XdataValue ReadString(ref XdrReader reader)
    {
        var bytes = reader.ReadOpaque("dictionary text", WireLimits.DictionaryValueBytes);
        return !bytes.IsEmpty && bytes[^1] == 0
            ? XdataValue.String(ByteText.Decode(bytes[..^1]))
            : XdataValue.UnterminatedString(bytes.ToArray());
    }

    private static void WriteMdata(ref XdrWriter writer, MdataTimes times)
    {
        writer.WriteInt64(times.Atime.Seconds);
        writer.WriteInt64(times.Mtime.Seconds);
        writer.WriteInt64(times.Ctime.Seconds);
        writer.WriteUInt32(times.Atime.Nanoseconds);
        writer.WriteUInt32(times.Mtime.Nanoseconds);
        writer.WriteUInt32(times.Ctime.Nanoseconds);
    }

    private static MdataTimes ReadMdata(ref XdrReader reader)
    {
        var atime = reader.ReadInt64();
        var mtime = reader.ReadInt64();
        var ctime = reader.ReadInt64();
        return new(new(atime, reader.ReadUInt32()), new(mtime, reader.ReadUInt32()), new(ctime, reader.ReadUInt32()));
    }
}
