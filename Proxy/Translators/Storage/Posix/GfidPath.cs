using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>
/// Paths of handles: <c>.glusterfs/xx/yy/gfid</c>, where xx and yy are the first two bytes in hexadecimal. gluster-translators section 11.1.
/// </summary>
internal static class GfidPath
{
    /// <summary>Room for the longest path written here, with its NUL.</summary>
    public const int Size = 64;

    /// <summary>Room for the target of a directory's handle: <c>../../xx/yy/gfid/name</c> and a NUL.</summary>
    public const int TargetSize = 6 + 6 + TextLength + 1 + FileNames.MaximumBytes + 1;

    /// <summary>Characters of a gfid's text.</summary>
    public const int TextLength = 36;

    /// <summary>Writes the path of a handle; returns its length without the NUL.</summary>
    public static int Write(Span<byte> destination, Gfid gfid)
    {
        ".glusterfs/"u8.CopyTo(destination);
        var at = WritePrefixed(destination[11..], gfid) + 11;
        destination[at] = 0;
        return at;
    }

    /// <summary>Writes the path of the directory a handle lies in: of level 1, <c>.glusterfs/xx</c>, or level 2, <c>.glusterfs/xx/yy</c>.</summary>
    public static void WritePrefix(Span<byte> destination, Gfid gfid, int level)
    {
        Write(destination, gfid);
        destination[level == 1 ? 13 : 16] = 0;
    }

    /// <summary>Writes <c>.glusterfs/unlink/gfid</c>, where a file lives that was unlinked while open.</summary>
    public static void WriteUnlinked(Span<byte> destination, Gfid gfid) => WriteIn(destination, ".glusterfs/unlink/"u8, gfid);

    /// <summary>Writes <c>.glusterfs/landfill/gfid</c>, where a removed tree waits for its deletion.</summary>
    public static void WriteLandfill(Span<byte> destination, Gfid gfid) => WriteIn(destination, ".glusterfs/landfill/"u8, gfid);

    /// <summary>Writes what a directory's handle points to; returns its length without the NUL.</summary>
    /// <param name="destination">At least <see cref="TargetSize"/> bytes.</param>
    /// <param name="parent">The directory it lies in.</param>
    /// <param name="name">Its name there, without a NUL.</param>
    public static int WriteTarget(Span<byte> destination, Gfid parent, ReadOnlySpan<byte> name)
    {
        "../../"u8.CopyTo(destination);
        var at = 6 + WritePrefixed(destination[6..], parent);
        destination[at++] = (byte)'/';
        name.CopyTo(destination[at..]);
        at += name.Length;
        destination[at] = 0;
        return at;
    }

    /// <summary>Reads what <see cref="WriteTarget"/> writes.</summary>
    public static bool TryReadTarget(ReadOnlySpan<byte> target, out Gfid parent, out ReadOnlySpan<byte> name)
    {
        parent = default;
        name = default;
        if (target.Length < 12 + TextLength + 2 || !target.StartsWith("../../"u8) || target[12 + TextLength] != (byte)'/')
            return false;
        name = target[(12 + TextLength + 1)..];
        return !name.Contains((byte)'/') && TryReadText(target.Slice(12, TextLength), out parent);
    }

    public static void WriteText(Span<byte> destination, Gfid gfid)
    {
        Span<byte> bytes = stackalloc byte[Gfid.Size];
        gfid.Write(bytes);
        new Guid(bytes, bigEndian: true).TryFormat(destination, out _, "D");
    }

    public static bool TryReadText(ReadOnlySpan<byte> text, out Gfid gfid)
    {
        gfid = default;
        if (!System.Buffers.Text.Utf8Parser.TryParse(text, out Guid guid, out var consumed) || consumed != TextLength || text.Length != TextLength)
            return false;
        Span<byte> bytes = stackalloc byte[Gfid.Size];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        gfid = Gfid.Read(bytes);
        return true;
    }

    private static void WriteIn(Span<byte> destination, ReadOnlySpan<byte> directory, Gfid gfid)
    {
        directory.CopyTo(destination);
        WriteText(destination[directory.Length..], gfid);
        destination[directory.Length + TextLength] = 0;
    }

    /// <summary>Writes <c>xx/yy/gfid</c>; returns its length.</summary>
    private static int WritePrefixed(Span<byte> destination, Gfid gfid)
    {
        var text = destination.Slice(6, TextLength);
        WriteText(text, gfid);
        text[..2].CopyTo(destination);
        destination[2] = (byte)'/';
        text[2..4].CopyTo(destination[3..]);
        destination[5] = (byte)'/';
        return 6 + TextLength;
    }
}
