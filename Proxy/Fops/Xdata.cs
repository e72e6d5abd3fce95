using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace BlockProxy.Proxy.Fops;

/// <summary>The types a dictionary value can have on the wire. gluster-rpc section 5.2.</summary>
public enum XdataType
{
    /// <summary>Bytes out of an old-style dictionary, whose type is not known.</summary>
    OldString = 1,
    Int = 2,
    UInt = 3,
    Double = 4,

    /// <summary>Text; on the wire its terminating NUL is part of the length.</summary>
    String = 5,

    /// <summary>Raw bytes: values of extended attributes, counter arrays.</summary>
    Bytes = 6,
    Gfid = 7,
    Iatt = 8,

    /// <summary>The three time stamps of trusted.glusterfs.mdata.</summary>
    Mdata = 9,
}

/// <summary>The value of an <see cref="XdataType.Mdata"/> entry.</summary>
public sealed record MdataTimes(Timespec Atime, Timespec Mtime, Timespec Ctime);

/// <summary>One value of an <see cref="Xdata"/>.</summary>
public readonly struct XdataValue : IEquatable<XdataValue>
{
    private readonly long _number;
    private readonly object? _object;

    private XdataValue(XdataType type, long number, object? value)
    {
        Type = type;
        _number = number;
        _object = value;
    }

    public XdataType Type { get; }

    public static XdataValue Int(long value) => new(XdataType.Int, value, null);

    public static XdataValue UInt(ulong value) => new(XdataType.UInt, unchecked((long)value), null);

    public static XdataValue Double(double value) => new(XdataType.Double, BitConverter.DoubleToInt64Bits(value), null);

    /// <summary>Text without its NUL; bytes that are not UTF-8 are escaped as <see cref="ByteText"/> does it.</summary>
    public static XdataValue String(string value) => new(XdataType.String, 0, value);

    /// <summary>A text value that came without the NUL it should end with, and goes on without it.</summary>
    internal static XdataValue UnterminatedString(byte[] value) => new(XdataType.String, 0, value);

    public static XdataValue Bytes(byte[] value) => new(XdataType.Bytes, 0, value);

    public static XdataValue OldString(byte[] value) => new(XdataType.OldString, 0, value);

    public static XdataValue Gfid(Gfid value) => new(XdataType.Gfid, 0, value.ToByteArray());

    public static XdataValue Iatt(in Iatt value) => new(XdataType.Iatt, 0, value);

    public static XdataValue Mdata(MdataTimes value) => new(XdataType.Mdata, 0, value);

    /// <summary>The number of an Int, UInt, or of decimal text (as stock getters convert).</summary>
    public bool TryGetNumber(out long number)
    {
        if (Type is XdataType.Int or XdataType.UInt)
        {
            number = _number;
            return true;
        }

        number = 0;
        return Type is XdataType.String or XdataType.OldString && long.TryParse(AsText(), System.Globalization.CultureInfo.InvariantCulture, out number);
    }

    public long AsInt => Type == XdataType.Int ? _number : throw Wrong(XdataType.Int);

    public ulong AsUInt => Type == XdataType.UInt ? unchecked((ulong)_number) : throw Wrong(XdataType.UInt);

    public double AsDouble => Type == XdataType.Double ? BitConverter.Int64BitsToDouble(_number) : throw Wrong(XdataType.Double);

    public Iatt AsIatt => _object is Iatt iatt ? iatt : throw Wrong(XdataType.Iatt);

    public MdataTimes AsMdata => _object as MdataTimes ?? throw Wrong(XdataType.Mdata);

    /// <summary>What lies behind a value that is no number: a string, bytes, or a boxed structure.</summary>
    internal object? Object => _object;

    /// <summary>The bytes of a Bytes, OldString or Gfid value; of a String, its bytes without the NUL. Null for numbers and structures.</summary>
    public byte[]? AsBytes() => _object switch
    {
        byte[] bytes => bytes,
        string text => ByteText.Encode(text),
        _ => null,
    };

    /// <summary>The text of a String, OldString or Bytes value, without a terminating NUL. Null for numbers and structures.</summary>
    public string? AsText() => _object switch
    {
        string text => text,
        byte[] bytes => ByteText.Decode(bytes.AsSpan().TrimEnd((byte)0)),
        _ => null,
    };

    /// <summary>A gfid from a Gfid value or from 16 raw bytes: bricks accept both.</summary>
    public bool TryGetGfid(out Gfid gfid)
    {
        gfid = default;
        if (Type is not (XdataType.Gfid or XdataType.Bytes) || _object is not byte[] { Length: Fops.Gfid.Size } bytes)
            return false;
        gfid = Fops.Gfid.Read(bytes);
        return true;
    }

    public bool Equals(XdataValue other) => Type == other.Type && _number == other._number && (_object, other._object) switch
    {
        (byte[] mine, byte[] others) => mine.AsSpan().SequenceEqual(others),
        _ => Equals(_object, other._object),
    };

    public override bool Equals(object? obj) => obj is XdataValue other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Type, _number);

    public static bool operator ==(XdataValue left, XdataValue right) => left.Equals(right);

    public static bool operator !=(XdataValue left, XdataValue right) => !left.Equals(right);

    public override string ToString() => Type switch
    {
        XdataType.Int => $"{_number}",
        XdataType.UInt => $"{unchecked((ulong)_number)}",
        XdataType.Double => $"{AsDouble}",
        XdataType.String => $"\"{_object}\"",
        XdataType.Gfid => TryGetGfid(out var gfid) ? gfid.ToString() : "?",
        _ => _object is byte[] bytes ? Convert.ToHexStringLower(bytes) : $"{_object}",
    };

    private InvalidOperationException Wrong(XdataType wanted) => new($"this dictionary value is {Type}, not {wanted}");
}

/// <summary>
/// The dictionary that travels beside a fop, in either direction; null stands for an absent one. Keys keep their order. A dictionary is
/// filled by whoever makes it and read-only from the moment it is handed on: copy it to change it.
/// </summary>
public sealed class Xdata : IEnumerable<KeyValuePair<string, XdataValue>>
{
    private readonly List<KeyValuePair<string, XdataValue>> _entries;

    public Xdata() => _entries = [];

    /// <summary>With room for that many pairs.</summary>
    internal Xdata(int capacity) => _entries = new(capacity);

    private Xdata(IEnumerable<KeyValuePair<string, XdataValue>> entries) => _entries = [.. entries];

    public int Count => _entries.Count;

    /// <summary>Setting a key again replaces its value in place.</summary>
    public XdataValue this[string key]
    {
        get => TryGet(key, out var value) ? value : throw new KeyNotFoundException($"the dictionary has no key '{key}'");
        set
        {
            var at = IndexOf(key);
            if (at >= 0)
                _entries[at] = new(key, value);
            else
                _entries.Add(new(key, value));
        }
    }

    public void Add(string key, XdataValue value) => this[key] = value;

    /// <summary>Appends without looking for the key: for decoders, which have checked.</summary>
    internal void Append(string key, XdataValue value) => _entries.Add(new(key, value));

    public bool Contains(string key) => IndexOf(key) >= 0;

    public bool TryGet(string key, out XdataValue value)
    {
        var at = IndexOf(key);
        value = at >= 0 ? _entries[at].Value : default;
        return at >= 0;
    }

    public bool TryGetNumber(string key, out long number)
    {
        number = 0;
        return TryGet(key, out var value) && value.TryGetNumber(out number);
    }

    public bool TryGetBytes(string key, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = TryGet(key, out var value) ? value.AsBytes() : null;
        return bytes is not null;
    }

    public bool Remove(string key)
    {
        var at = IndexOf(key);
        if (at >= 0)
            _entries.RemoveAt(at);
        return at >= 0;
    }

    public Xdata Copy() => new(_entries);

    /// <summary>A copy of <paramref name="source"/> (which may be absent) with one more key.</summary>
    public static Xdata With(Xdata? source, string key, XdataValue value)
    {
        var copy = source?.Copy() ?? new Xdata();
        copy[key] = value;
        return copy;
    }

    public List<KeyValuePair<string, XdataValue>>.Enumerator GetEnumerator() => _entries.GetEnumerator();

    IEnumerator<KeyValuePair<string, XdataValue>> IEnumerable<KeyValuePair<string, XdataValue>>.GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => "{" + string.Join(", ", _entries.Select(e => $"{e.Key}={e.Value}")) + "}";

    private int IndexOf(string key)
    {
        // Dictionaries of fops hold a handful of keys: a scan beats hashing.
        for (var i = 0; i < _entries.Count; i++)
        {
            if (string.Equals(_entries[i].Key, key, StringComparison.Ordinal))
                return i;
        }

        return -1;
    }
}
