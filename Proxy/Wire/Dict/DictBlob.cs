using System.Buffers.Binary;
using System.Collections;
using System.Globalization;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Dict;

/// <summary>
/// The older encoding of a dictionary, inside an opaque: i32 count, then for each pair i32 keylen, i32 vallen, the key, one NUL that keylen does
/// not count, the value. No padding inside. Numbers are decimal text, and texts include their NUL. gluster-rpc section 5.1.
/// </summary>
/// <remarks>Keys keep their order. An absent dictionary is an opaque of length 0 and null here.</remarks>
public sealed class DictBlob : IEnumerable<KeyValuePair<string, byte[]>>
{
    private const int ManyPairs = 32;

    /// <summary>A pair with a key of one byte and an empty value.</summary>
    private const int SmallestPair = 10;

    private readonly List<KeyValuePair<string, byte[]>> _pairs;

    public DictBlob() => _pairs = [];

    private DictBlob(int capacity) => _pairs = new(capacity);

    public int Count => _pairs.Count;

    /// <summary>Sets a text, with the NUL it has on the wire; setting a key again replaces its value in place.</summary>
    public void Add(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Add(key, [.. ByteText.Encode(value), 0]);
    }

    public void Add(string key, long value) => Add(key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Sets raw bytes.</summary>
    public void Add(string key, byte[] value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(value);
        var at = IndexOf(key);
        if (at >= 0)
            _pairs[at] = new(key, value);
        else
            _pairs.Add(new(key, value));
    }

    public bool Contains(string key) => IndexOf(key) >= 0;

    /// <summary>The raw bytes of a value, or null.</summary>
    public byte[]? GetBytes(string key)
    {
        var at = IndexOf(key);
        return at >= 0 ? _pairs[at].Value : null;
    }

    /// <summary>A text without its NUL, or null.</summary>
    public string? GetText(string key)
    {
        var bytes = GetBytes(key);
        if (bytes is null)
            return null;
        var end = bytes.AsSpan().IndexOf((byte)0);
        return ByteText.Decode(end < 0 ? bytes : bytes.AsSpan(0, end));
    }

    /// <summary>A number written as decimal text; null when the key is absent or no number.</summary>
    public long? GetNumber(string key) =>
        long.TryParse(GetText(key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public List<KeyValuePair<string, byte[]>>.Enumerator GetEnumerator() => _pairs.GetEnumerator();

    IEnumerator<KeyValuePair<string, byte[]>> IEnumerable<KeyValuePair<string, byte[]>>.GetEnumerator() => _pairs.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _pairs.GetEnumerator();

    public override string ToString() => "{" + string.Join(", ", _pairs.Select(p => $"{p.Key}={GetText(p.Key)}")) + "}";

    private int IndexOf(string key) => _pairs.FindIndex(p => string.Equals(p.Key, key, StringComparison.Ordinal));

    /// <summary>The dictionary as an opaque; null as an empty one.</summary>
    internal static void Write(ref XdrWriter writer, DictBlob? blob)
    {
        var lengthAt = writer.Length;
        writer.WriteUInt32(0);
        if (blob is null)
            return;
        writer.WriteInt32(blob.Count);
        foreach (var (key, value) in blob._pairs)
        {
            var sizesAt = writer.Length;
            writer.WriteUInt64(0);
            var room = writer.Reserve(ByteText.MaximumByteCount(key) + 1);
            var keyLength = ByteText.Encode(key, room);
            room[keyLength] = 0;
            writer.Shrink(room.Length - keyLength - 1);
            writer.PatchUInt32(sizesAt, (uint)keyLength);
            writer.PatchUInt32(sizesAt + 4, (uint)value.Length);
            writer.WriteRaw(value);
        }

        var length = writer.Length - lengthAt - 4;
        writer.PatchUInt32(lengthAt, (uint)length);
        writer.Reserve(-length & 3).Clear();
    }

    internal static DictBlob? Read(ref XdrReader reader)
    {
        var bytes = reader.ReadOpaque("dictionary", WireLimits.BlobBytes);
        if (bytes.IsEmpty)
            return null;
        var failure = Parse(bytes, out var blob);
        if (failure is not null)
            reader.Fail(failure);
        return reader.Failed ? null : blob;
    }

    private static string? Parse(ReadOnlySpan<byte> bytes, out DictBlob? blob)
    {
        blob = null;
        if (bytes.Length < 4)
            return "a dictionary without its count";
        var count = BinaryPrimitives.ReadInt32BigEndian(bytes);
        bytes = bytes[4..];
        if (count is < 0 or > WireLimits.DictionaryPairs)
            return $"a dictionary of {count} pairs, the limit is {WireLimits.DictionaryPairs}";
        if (bytes.Length < count * SmallestPair)
            return $"a dictionary of {count} pairs in {bytes.Length} bytes";
        blob = new DictBlob(count);
        var seen = count > ManyPairs ? new HashSet<string>(count, StringComparer.Ordinal) : null;
        for (var i = 0; i < count; i++)
        {
            if (bytes.Length < 8)
                return "a truncated dictionary";
            var keyLength = BinaryPrimitives.ReadInt32BigEndian(bytes);
            var valueLength = BinaryPrimitives.ReadInt32BigEndian(bytes[4..]);
            bytes = bytes[8..];
            if (keyLength is <= 0 or > WireLimits.DictionaryKeyBytes)
                return $"a dictionary key announces {keyLength} bytes, the limit is {WireLimits.DictionaryKeyBytes}";
            if (valueLength is < 0 or > WireLimits.DictionaryValueBytes)
                return $"a dictionary value announces {valueLength} bytes, the limit is {WireLimits.DictionaryValueBytes}";
            if (keyLength + 1 + valueLength > bytes.Length)
                return $"a dictionary pair announces {keyLength} + {valueLength} bytes, {bytes.Length} are left";
            if (bytes[..(keyLength + 1)].IndexOf((byte)0) != keyLength)
                return "a dictionary key does not end with its only NUL";

            var key = ByteText.Decode(bytes[..keyLength]);
            if (seen is null ? blob.Contains(key) : !seen.Add(key))
                return "a dictionary has a key twice";
            blob._pairs.Add(new(key, bytes.Slice(keyLength + 1, valueLength).ToArray()));
            bytes = bytes[(keyLength + 1 + valueLength)..];
        }

        return bytes.IsEmpty ? null : $"{bytes.Length} bytes after a dictionary";
    }
}

/// <summary>Blobs among other fields.</summary>
public static class DictBlobCodec
{
    public static void WriteBlob(this ref XdrWriter writer, DictBlob? blob) => DictBlob.Write(ref writer, blob);

    public static DictBlob? ReadBlob(this ref XdrReader reader) => DictBlob.Read(ref reader);
}
