using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BlockProxy.Block.Linux;

/// <summary>
/// The file calls of Linux that a device needs, each answering an error number, 0 for success. Interrupted calls are repeated, short ones
/// continued.
/// </summary>
internal static unsafe partial class NativeFile
{
    public const int EIO = 5;
    public const int ENXIO = 6;
    public const int EAGAIN = 11;
    public const int EINVAL = 22;
    public const int ENOSYS = 38;
    public const int EOPNOTSUPP = 95;

    private const int EINTR = 4;

    private const int RWF_DSYNC = 0x2;
    private const int RWF_NOWAIT = 0x8;

    private const int FALLOC_FL_KEEP_SIZE = 0x01;
    private const int FALLOC_FL_PUNCH_HOLE = 0x02;
    private const int FALLOC_FL_ZERO_RANGE = 0x10;

    private const int SEEK_END = 2;
    private const int SEEK_DATA = 3;
    private const int SEEK_HOLE = 4;

    private const int POSIX_FADV_WILLNEED = 3;

    /// <summary>Reads what can be read without waiting for the disk; how much is added to <paramref name="done"/>.</summary>
    public static int ReadCached(SafeFileHandle file, Span<byte> destination, long offset, ref int done)
    {
        fixed (byte* start = destination)
        {
            while (done < destination.Length)
            {
                var vector = new IoVector { Base = start + done, Length = destination.Length - done };
                var count = preadv2(file, &vector, 1, offset + done, RWF_NOWAIT);
                if (count < 0)
                {
                    var error = Marshal.GetLastPInvokeError();
                    if (error == EINTR)
                        continue;
                    return error;
                }

                if (count == 0)
                    return EIO; // the file is shorter than the device was announced
                done += (int)count;
            }
        }

        return 0;
    }

    public static int Read(SafeFileHandle file, Span<byte> destination, long offset)
    {
        fixed (byte* start = destination)
        {
            var done = 0;
            while (done < destination.Length)
            {
                var count = pread(file, start + done, destination.Length - done, offset + done);
                if (count < 0)
                {
                    var error = Marshal.GetLastPInvokeError();
                    if (error == EINTR)
                        continue;
                    return error;
                }

                if (count == 0)
                    return EIO;
                done += (int)count;
            }
        }

        return 0;
    }

    /// <param name="durable">Whether the call returns only when the bytes are on the disk.</param>
    public static int Write(SafeFileHandle file, ReadOnlySpan<byte> source, long offset, bool durable)
    {
        fixed (byte* start = source)
        {
            var done = 0;
            while (done < source.Length)
            {
                var vector = new IoVector { Base = start + done, Length = source.Length - done };
                var count = pwritev2(file, &vector, 1, offset + done, durable ? RWF_DSYNC : 0);
                if (count < 0)
                {
                    var error = Marshal.GetLastPInvokeError();
                    if (error == EINTR)
                        continue;
                    return error;
                }

                done += (int)count;
            }
        }

        return 0;
    }

    /// <summary>fdatasync: the bytes, and of the metadata what it takes to read them back (size and allocation, but no times).</summary>
    public static int DataSync(SafeFileHandle file)
    {
        while (fdatasync(file) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != EINTR)
                return error;
        }

        return 0;
    }

    /// <summary>The range reads as zeros and takes no space.</summary>
    public static int PunchHole(SafeFileHandle file, long offset, long length) => Allocate(file, FALLOC_FL_PUNCH_HOLE, offset, length);

    /// <summary>The range reads as zeros and its space is reserved.</summary>
    public static int ZeroRange(SafeFileHandle file, long offset, long length) => Allocate(file, FALLOC_FL_ZERO_RANGE, offset, length);

    /// <summary>Asks the system to read ahead. It is a hint: its failure means nothing.</summary>
    public static void WillNeed(SafeFileHandle file, long offset, long length) => _ = posix_fadvise(file, offset, length, POSIX_FADV_WILLNEED);

    /// <summary>The size of a file or of a block device.</summary>
    public static int Size(SafeFileHandle file, out long size) => Seek(file, 0, SEEK_END, out size);

    /// <summary>The first data at or after an offset; ENXIO when there is none.</summary>
    public static int NextData(SafeFileHandle file, long offset, out long found) => Seek(file, offset, SEEK_DATA, out found);

    /// <summary>The first hole at or after an offset; the end of the file counts as one.</summary>
    public static int NextHole(SafeFileHandle file, long offset, out long found) => Seek(file, offset, SEEK_HOLE, out found);

    private static int Seek(SafeFileHandle file, long offset, int whence, out long found)
    {
        found = lseek(file, offset, whence);
        return found >= 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    private static int Allocate(SafeFileHandle file, int mode, long offset, long length)
    {
        while (fallocate(file, mode | FALLOC_FL_KEEP_SIZE, offset, length) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != EINTR)
                return error;
        }

        return 0;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pread(SafeFileHandle file, void* buffer, nint length, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint preadv2(SafeFileHandle file, IoVector* vectors, int count, long offset, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pwritev2(SafeFileHandle file, IoVector* vectors, int count, long offset, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int posix_fadvise(SafeFileHandle file, long offset, long length, int advice);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(SafeFileHandle file, long offset, int whence);

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        public void* Base;
        public nint Length;
    }
}
