using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Native;

/// <summary>An attribute's name on disk: UTF-8 with its NUL, ready for a system call.</summary>
internal sealed class XattrName(byte[] bytes)
{
    /// <summary>XATTR_NAME_MAX.</summary>
    public const int MaximumLength = 255;

    public byte[] Bytes { get; } = bytes;
}

/// <summary>Turns the names that clients use into those on disk, and back.</summary>
internal sealed class XattrNames(XattrNamespace where)
{
    private const string Trusted = "trusted.";
    private const string Moved = "user.trusted.";

    public XattrNamespace Namespace { get; } = where;

    public XattrName Gfid => field ??= OnDisk("trusted.gfid")!;

    public XattrName VolumeId => field ??= OnDisk("trusted.glusterfs.volume-id")!;

    public XattrName Mdata => field ??= OnDisk("trusted.glusterfs.mdata")!;

    /// <summary>The name on disk; null when it is longer than names may be, or empty.</summary>
    public XattrName? OnDisk(string name)
    {
        if (Namespace == XattrNamespace.User && name.StartsWith(Trusted, StringComparison.Ordinal))
            name = "user." + name;
        if (name.Length is 0 or > XattrName.MaximumLength || name.Contains('\0', StringComparison.Ordinal))
            return null;
        var bytes = FileNames.WithNul(name);
        return bytes.Length - 1 <= XattrName.MaximumLength ? new(bytes) : null;
    }

    /// <summary>The name as clients know it; null for one that they must not see: a real trusted attribute of a brick that does not use them.</summary>
    public string? FromDisk(ReadOnlySpan<byte> name)
    {
        var text = ByteText.Decode(name);
        if (Namespace == XattrNamespace.Trusted)
            return text;
        if (text.StartsWith(Moved, StringComparison.Ordinal))
            return text["user.".Length..];
        return text.StartsWith(Trusted, StringComparison.Ordinal) ? null : text;
    }

    /// <summary>Whether the name belongs to a namespace of the file system at all, rather than being a word between translators.</summary>
    public static bool IsStored(string name) =>
        name.StartsWith(Trusted, StringComparison.Ordinal) || name.StartsWith("user.", StringComparison.Ordinal) ||
        name.StartsWith("security.", StringComparison.Ordinal) || name.StartsWith("system.", StringComparison.Ordinal);
}
