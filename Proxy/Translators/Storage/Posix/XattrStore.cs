using System.Buffers;
using System.Globalization;
using System.Text;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>Extended attributes of a file as the values of dictionaries.</summary>
internal static class XattrStore
{
    private const int FirstTry = 256; // most of GlusterFS's own values are smaller

    /// <summary>One attribute. ENODATA when the file has none of that name.</summary>
    public static Errno Read(FileHandle file, XattrName name, out byte[] value)
    {
        Span<byte> small = stackalloc byte[FirstTry];
        var errno = Sys.GetXattr(file, name, small, out var length);
        if (errno == Errno.None)
        {
            value = small[..length].ToArray();
            return Errno.None;
        }

        value = [];
        if (errno != Errno.ERANGE)
            return errno;
        var large = ArrayPool<byte>.Shared.Rent(Sys.MaximumXattrSize);
        errno = Sys.GetXattr(file, name, large, out length);
        if (errno == Errno.None)
            value = large[..length];
        ArrayPool<byte>.Shared.Return(large);
        return errno;
    }

    /// <summary>The names that a file has, as clients know them.</summary>
    public static Errno List(FileHandle file, XattrNames names, out List<string> list)
    {
        list = [];
        var buffer = ArrayPool<byte>.Shared.Rent(Sys.MaximumXattrListSize);
        var errno = Sys.ListXattr(file, buffer, out var length);
        for (var at = 0; at < length;)
        {
            var rest = buffer.AsSpan(at, length - at);
            var end = rest.IndexOf((byte)0);
            if (end < 0)
                break;
            if (names.FromDisk(rest[..end]) is { } name)
                list.Add(name);
            at += end + 1;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return errno == Errno.EOPNOTSUPP ? Errno.None : errno;
    }

    /// <summary>
    /// A dictionary's value as stock bricks write it to disk: text with its NUL, numbers as decimal text with a NUL, all else as it is. Null for
    /// structures, which are not stored.
    /// </summary>
    public static byte[]? ToDisk(in XdataValue value) => value.Type switch
    {
        XdataType.String => value.Object is string text ? FileNames.WithNul(text) : value.AsBytes(),
        XdataType.Int => Number(value.AsInt.ToString(CultureInfo.InvariantCulture)),
        XdataType.UInt => Number(value.AsUInt.ToString(CultureInfo.InvariantCulture)),
        _ => value.AsBytes(),
    };

    private static byte[] Number(string text) => [.. Encoding.ASCII.GetBytes(text), 0];
}
