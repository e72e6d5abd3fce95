using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>A name in a directory as bytes with a NUL: checked, so that no path can be smuggled in.</summary>
internal static class EntryName
{
    /// <summary>Room for the longest name and its NUL.</summary>
    public const int Size = FileNames.MaximumBytes + 1;

    /// <summary>
    /// Writes the name; the returned part ends before the NUL. EPERM for a name with a slash, as stock bricks answer; EINVAL for an empty one,
    /// <c>.</c>, <c>..</c> or one with a NUL; ENAMETOOLONG.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    /// <param name="bytes">The name's bytes.</param>
    public static Errno Write(string? name, Span<byte> destination, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (string.IsNullOrEmpty(name) || name is "." or ".." || name.Contains('\0', StringComparison.Ordinal))
            return Errno.EINVAL;
        if (name.Contains('/', StringComparison.Ordinal))
            return Errno.EPERM;
        if (name.Length > FileNames.MaximumBytes)
            return Errno.ENAMETOOLONG;
        Span<byte> room = stackalloc byte[FileNames.MaximumBytes * 3];
        var length = ByteText.Encode(name, room);
        if (length > FileNames.MaximumBytes)
            return Errno.ENAMETOOLONG;
        room[..length].CopyTo(destination);
        destination[length] = 0;
        bytes = destination[..length];
        return Errno.None;
    }

    /// <summary>Whether it is the brick's own directory, which no client may name.</summary>
    public static bool IsHidden(Gfid parent, ReadOnlySpan<byte> name) => parent.IsRoot && name.SequenceEqual(".glusterfs"u8);
}
