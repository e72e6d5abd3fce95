using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Native;

/// <summary>
/// Extended attributes. Handles opened with O_PATH, which name links and devices too, are not accepted by fgetxattr(2) and its kin, so the
/// calls go through <c>/proc/self/fd</c>; those for open files do not.
/// </summary>
internal static unsafe partial class Sys
{
    /// <summary>XATTR_SIZE_MAX.</summary>
    public const int MaximumXattrSize = 65536;

    /// <summary>XATTR_LIST_MAX.</summary>
    public const int MaximumXattrListSize = 65536;

    public static Errno GetXattr(FileHandle path, XattrName name, Span<byte> value, out int length)
    {
        Span<byte> proc = stackalloc byte[ProcPathSize];
        WriteProcPath(proc, path.Number);
        fixed (byte* pointer = proc)
        fixed (byte* key = name.Bytes)
        fixed (byte* buffer = value)
            return Counted(Libc.GetXattr(pointer, key, buffer, (nuint)value.Length), out length);
    }

    /// <summary>An attribute of the name in that directory; a symbolic link is not followed.</summary>
    public static Errno GetXattrAt(FileHandle directory, ReadOnlySpan<byte> entry, XattrName name, Span<byte> value, out int length)
    {
        Span<byte> proc = stackalloc byte[ProcPathSize + FileNames.MaximumBytes + 2];
        var at = WriteProcPath(proc, directory.Number);
        proc[at++] = (byte)'/';
        entry.CopyTo(proc[at..]);
        fixed (byte* pointer = proc)
        fixed (byte* key = name.Bytes)
        fixed (byte* buffer = value)
            return Counted(Libc.LGetXattr(pointer, key, buffer, (nuint)value.Length), out length);
    }

    public static Errno SetXattr(FileHandle path, XattrName name, ReadOnlySpan<byte> value, int flags)
    {
        Span<byte> proc = stackalloc byte[ProcPathSize];
        WriteProcPath(proc, path.Number);
        fixed (byte* pointer = proc)
        fixed (byte* key = name.Bytes)
        fixed (byte* buffer = value)
            return Done(Libc.SetXattr(pointer, key, buffer, (nuint)value.Length, flags));
    }

    public static Errno RemoveXattr(FileHandle path, XattrName name)
    {
        Span<byte> proc = stackalloc byte[ProcPathSize];
        WriteProcPath(proc, path.Number);
        fixed (byte* pointer = proc)
        fixed (byte* key = name.Bytes)
            return Done(Libc.RemoveXattr(pointer, key));
    }

    /// <summary>The names, each with its NUL.</summary>
    public static Errno ListXattr(FileHandle path, Span<byte> list, out int length)
    {
        Span<byte> proc = stackalloc byte[ProcPathSize];
        WriteProcPath(proc, path.Number);
        fixed (byte* pointer = proc)
        fixed (byte* buffer = list)
            return Counted(Libc.ListXattr(pointer, buffer, (nuint)list.Length), out length);
    }

    /// <summary>Sets an attribute of a file that is open for reading or writing, without a path.</summary>
    public static Errno SetXattrOpen(FileHandle fd, XattrName name, ReadOnlySpan<byte> value, int flags)
    {
        fixed (byte* key = name.Bytes)
        fixed (byte* buffer = value)
            return Done(Libc.FSetXattr(fd, key, buffer, (nuint)value.Length, flags));
    }

    public static Errno GetXattrOpen(FileHandle fd, XattrName name, Span<byte> value, out int length)
    {
        fixed (byte* key = name.Bytes)
        fixed (byte* buffer = value)
            return Counted(Libc.FGetXattr(fd, key, buffer, (nuint)value.Length), out length);
    }
}
