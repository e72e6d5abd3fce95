using System.Buffers.Text;
using System.Runtime.InteropServices;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Native;

/// <summary>
/// System calls with their errno as a value. Paths and names are bytes that end in a NUL; a file is named by an open directory and a path
/// below it. Calls that a signal interrupted are repeated.
/// </summary>
internal static unsafe partial class Sys
{
    public const uint S_IFMT = 0xf000;
    public const uint S_IFDIR = 0x4000;
    public const uint S_IFREG = 0x8000;
    public const uint S_IFLNK = 0xa000;

    public const int O_RDONLY = 0;
    public const int O_RDWR = 2;
    public const int O_CREAT = 0x40;
    public const int O_EXCL = 0x80;
    public const int O_NOCTTY = 0x100;
    public const int O_DSYNC = 0x1000;
    public const int O_SYNC = 0x101000;
    public const int O_CLOEXEC = 0x80000;
    public const int O_PATH = 0x200000;

    public const int XATTR_CREATE = 1;

    /// <summary>The directory of relative paths is the working directory: only absolute paths use it.</summary>
    public const int AT_FDCWD = -100;

    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const int AT_REMOVEDIR = 0x200;
    private const int AT_EMPTY_PATH = 0x1000;
    private const int RWF_NOWAIT = 8;
    private const int LOCK_EX = 2;
    private const int LOCK_NB = 4;

    /// <summary>These four flags have other numbers on ARM than on x86-64.</summary>
    public static int O_DIRECTORY { get; } = IsArm ? 0x4000 : 0x10000;

    public static int O_NOFOLLOW { get; } = IsArm ? 0x8000 : 0x20000;

    public static int O_DIRECT { get; } = IsArm ? 0x10000 : 0x4000;

    public static bool IsPrivileged => Libc.GetEuid() == 0;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    private static ReadOnlySpan<byte> Empty => "\0"u8;

    public static Errno Open(int directory, ReadOnlySpan<byte> path, int flags, uint mode, out FileHandle? handle)
    {
        while (true)
        {
            int fd;
            fixed (byte* pointer = path)
                fd = Libc.OpenAt(directory, pointer, flags | O_CLOEXEC, mode);
            if (fd >= 0)
            {
                handle = new FileHandle(fd);
                return Errno.None;
            }

            handle = null;
            var errno = LastErrno();
            if (errno != Errno.EINTR)
                return errno;
        }
    }

    /// <summary>Opens, as <paramref name="flags"/> say, the very file that an O_PATH handle names.</summary>
    public static Errno Reopen(FileHandle path, int flags, out FileHandle? handle)
    {
        Span<byte> proc = stackalloc byte[ProcPathSize];
        WriteProcPath(proc, path.Number);
        return Open(AT_FDCWD, proc, flags, 0, out handle);
    }

    public static Errno Stat(FileHandle fd, out StatxBuffer stat) => Stat(fd.Number, Empty, out stat, AT_EMPTY_PATH);

    /// <summary>The attributes of a name; a symbolic link is not followed.</summary>
    public static Errno Stat(FileHandle directory, ReadOnlySpan<byte> name, out StatxBuffer stat) =>
        Stat(directory.Number, name, out stat, AT_SYMLINK_NOFOLLOW);

    private static Errno Stat(int directory, ReadOnlySpan<byte> name, out StatxBuffer stat, int flags)
    {
        fixed (byte* pointer = name)
        fixed (StatxBuffer* result = &stat)
            return Done(Libc.Statx(directory, pointer, flags, StatxBuffer.BasicStats, result));
    }

    public static Errno StatFs(FileHandle fd, out StatFsBuffer stat)
    {
        fixed (StatFsBuffer* result = &stat)
            return Done(Libc.FStatFs(fd, result));
    }

    public static Errno Mkdir(FileHandle directory, ReadOnlySpan<byte> name, uint mode)
    {
        fixed (byte* pointer = name)
            return Done(Libc.MkdirAt(directory.Number, pointer, mode));
    }

    public static Errno Mknod(FileHandle directory, ReadOnlySpan<byte> name, uint mode, ulong dev)
    {
        fixed (byte* pointer = name)
            return Done(Libc.MknodAt(directory.Number, pointer, mode, dev));
    }

    public static Errno Symlink(ReadOnlySpan<byte> target, FileHandle directory, ReadOnlySpan<byte> name)
    {
        fixed (byte* to = target)
        fixed (byte* pointer = name)
            return Done(Libc.SymlinkAt(to, directory.Number, pointer));
    }

    /// <summary>One more name for a file; a symbolic link is linked itself.</summary>
    public static Errno Link(FileHandle oldDirectory, ReadOnlySpan<byte> oldName, FileHandle newDirectory, ReadOnlySpan<byte> newName)
    {
        fixed (byte* from = oldName)
        fixed (byte* to = newName)
            return Done(Libc.LinkAt(oldDirectory.Number, from, newDirectory.Number, to, 0));
    }

    public static Errno Rename(FileHandle oldDirectory, ReadOnlySpan<byte> oldName, FileHandle newDirectory, ReadOnlySpan<byte> newName)
    {
        fixed (byte* from = oldName)
        fixed (byte* to = newName)
            return Done(Libc.RenameAt(oldDirectory.Number, from, newDirectory.Number, to));
    }

    public static Errno Unlink(FileHandle directory, ReadOnlySpan<byte> name)
    {
        fixed (byte* pointer = name)
            return Done(Libc.UnlinkAt(directory.Number, pointer, 0));
    }

    public static Errno Rmdir(FileHandle directory, ReadOnlySpan<byte> name)
    {
        fixed (byte* pointer = name)
            return Done(Libc.UnlinkAt(directory.Number, pointer, AT_REMOVEDIR));
    }

    /// <summary>The target of the link <paramref name="name"/>; of the O_PATH handle itself when the name is empty.</summary>
    public static Errno ReadLink(FileHandle directory, ReadOnlySpan<byte> name, Span<byte> target, out int length)
    {
        fixed (byte* pointer = name)
        fixed (byte* buffer = target)
            return Counted(Libc.ReadLinkAt(directory.Number, pointer, buffer, (nuint)target.Length), out length);
    }

    /// <summary>uint.MaxValue leaves the owner or the group as it is.</summary>
    public static Errno Chown(FileHandle fd, uint uid, uint gid)
    {
        fixed (byte* pointer = Empty)
            return Done(Libc.FChownAt(fd.Number, pointer, uid, gid, AT_EMPTY_PATH));
    }

    public static Errno Chmod(FileHandle path, uint mode)
    {
        Span<byte> proc = stackalloc byte[ProcPathSize];
        WriteProcPath(proc, path.Number);
        fixed (byte* pointer = proc)
            return Done(Libc.FChmodAt(AT_FDCWD, pointer, mode, 0));
    }

    public static Errno SetTimes(FileHandle path, TimeSpec atime, TimeSpec mtime)
    {
        Span<byte> proc = stackalloc byte[ProcPathSize];
        WriteProcPath(proc, path.Number);
        var times = stackalloc TimeSpec[2] { atime, mtime };
        fixed (byte* pointer = proc)
            return Done(Libc.UTimeNsAt(AT_FDCWD, pointer, times, 0));
    }

    /// <summary>Takes the whole-file lock of flock(2); EAGAIN when another process has it.</summary>
    public static Errno LockExclusive(FileHandle fd) => Done(Libc.Flock(fd, LOCK_EX | LOCK_NB));

    public static ulong MakeDev(uint major, uint minor) =>
        ((ulong)(major & 0xfffff000) << 32) | ((ulong)(major & 0xfff) << 8) | ((ulong)(minor & 0xffffff00) << 12) | (minor & 0xff);

    internal static Errno LastErrno() => (Errno)Marshal.GetLastPInvokeError();

    internal static Errno Done(int result) => result == -1 ? LastErrno() : Errno.None;

    internal static Errno Counted(nint result, out int count)
    {
        count = result < 0 ? 0 : (int)result;
        return result < 0 ? LastErrno() : Errno.None;
    }

    internal const int ProcPathSize = 32;

    /// <summary>Writes <c>/proc/self/fd/N</c> and a NUL; returns the length without it.</summary>
    internal static int WriteProcPath(Span<byte> destination, int fd)
    {
        "/proc/self/fd/"u8.CopyTo(destination);
        Utf8Formatter.TryFormat(fd, destination[14..], out var digits);
        destination[14 + digits] = 0;
        return 14 + digits;
    }
}
