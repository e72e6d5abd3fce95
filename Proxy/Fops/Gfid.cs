using System.Buffers.Binary;
using System.Globalization;

namespace BlockProxy.Proxy.Fops;

/// <summary>A GlusterFS file identity: 16 bytes, a UUID in network order. The same file has the same gfid on every brick.</summary>
/// <param name="High">Bytes 0 to 7, big-endian.</param>
/// <param name="Low">Bytes 8 to 15, big-endian.</param>
public readonly record struct Gfid(ulong High, ulong Low)
{
    public const int Size = 16;

    /// <summary>All zeros: "no gfid".</summary>
    public static Gfid Null => default;

    /// <summary>The root directory: fifteen zero bytes, then 1.</summary>
    public static Gfid Root => new(0, 1);

    public bool IsNull => High == 0 && Low == 0;

    public bool IsRoot => this == Root;

    /// <summary>The inode number shown to applications: the last 8 bytes, 1 for the root. gluster-rpc, iattx.</summary>
    public ulong InodeNumber => Low;

    public static Gfid Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(source), BinaryPrimitives.ReadUInt64BigEndian(source[8..]));

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
    }

    public byte[] ToByteArray()
    {
        var bytes = new byte[Size];
        Write(bytes);
        return bytes;
    }

    /// <summary>A random (version 4) gfid, as the creator of a file chooses it.</summary>
    public static Gfid NewRandom(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Span<byte> bytes = stackalloc byte[Size];
        random.NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return Read(bytes);
    }

    public static bool TryParse(string? text, out Gfid gfid)
    {
        gfid = default;
        if (!Guid.TryParseExact(text, "D", out var guid))
            return false;
        Span<byte> bytes = stackalloc byte[Size];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        gfid = Read(bytes);
        return true;
    }

    public static Gfid Parse(string text) =>
        TryParse(text, out var gfid) ? gfid : throw new FormatException($"'{text}' is not a gfid; expected 8-4-4-4-12 hexadecimal digits");

    /// <summary>The canonical lower-case form, 36 characters.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(uint)(High >> 32):x8}-{(ushort)(High >> 16):x4}-{(ushort)High:x4}-{(ushort)(Low >> 48):x4}-{Low & 0xffffffffffff:x12}");
}
