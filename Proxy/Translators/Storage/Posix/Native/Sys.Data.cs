using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Native;

/// <summary>What is done to the bytes of an open file.</summary>
internal static unsafe partial class Sys
{
    public const int FALLOC_FL_KEEP_SIZE = 1;
    public const int FALLOC_FL_PUNCH_HOLE = 2;
    public const int FALLOC_FL_ZERO_RANGE = 0x10;

    public const int SEEK_SET = 0;
    public const int SEEK_DATA = 3;
    public const int SEEK_HOLE = 4;

    /// <summary>Reads until the buffer is full or the file ends.</summary>
    public static Errno Read(FileHandle fd, Span<byte> buffer, long offset, out int count)
    {
        count = 0;
        fixed (byte* pointer = buffer)
        {
            while (count < buffer.Length)
            {
                var result = Libc.PRead(fd, pointer + count, (nuint)(buffer.Length - count), offset + count);
                if (result == 0)
                    break;
                if (result > 0)
                {
                    count += (int)result;
                    continue;
                }

                var errno = LastErrno();
                if (errno != Errno.EINTR)
                    return errno;
            }
        }

        return Errno.None;
    }

    /// <summary>Reads what memory already holds; EAGAIN when the disk would have to be asked, or when the file system cannot tell.</summary>
    public static Errno ReadWithoutWaiting(FileHandle fd, Span<byte> buffer, long offset, out int count)
    {
        fixed (byte* pointer = buffer)
        {
            var vector = new IoVector { Base = pointer, Length = (nuint)buffer.Length };
            var errno = Counted(Libc.PReadV2(fd, &vector, 1, offset, RWF_NOWAIT), out count);
            return errno is Errno.EOPNOTSUPP or Errno.EINTR or Errno.ENOSYS ? Errno.EAGAIN : errno;
        }
    }

    /// <summary>Writes all bytes, or says why not and how many were written before.</summary>
    public static Errno Write(FileHandle fd, ReadOnlySpan<byte> buffer, long offset, out int count)
    {
        count = 0;
        fixed (byte* pointer = buffer)
        {
            while (count < buffer.Length)
            {
                var result = Libc.PWrite(fd, pointer + count, (nuint)(buffer.Length - count), offset + count);
                if (result > 0)
                {
                    count += (int)result;
                    continue;
                }

                var errno = result == 0 ? Errno.ENOSPC : LastErrno();
                if (errno != Errno.EINTR)
                    return errno;
            }
        }

        return Errno.None;
    }

    public static Errno Truncate(FileHandle fd, long length)
    {
        Errno errno;
        do
            errno = Done(Libc.FTruncate(fd, length));
        while (errno == Errno.EINTR);
        return errno;
    }

    public static Errno Allocate(FileHandle fd, int mode, long offset, long length)
    {
        Errno errno;
        do
            errno = Done(Libc.FAllocate(fd, mode, offset, length));
        while (errno == Errno.EINTR);
        return errno;
    }

    public static Errno Seek(FileHandle fd, long offset, int whence, out long found)
    {
        found = Libc.LSeek(fd, offset, whence);
        return found < 0 ? LastErrno() : Errno.None;
    }

    public static Errno Sync(FileHandle fd, bool dataOnly)
    {
        Errno errno;
        do
            errno = Done(dataOnly ? Libc.FDataSync(fd) : Libc.FSync(fd));
        while (errno == Errno.EINTR);
        return errno;
    }

    public static Errno CopyRange(FileHandle source, long sourceOffset, FileHandle destination, long destinationOffset, int length, out int copied)
    {
        copied = 0;
        while (copied < length)
        {
            var from = sourceOffset + copied;
            var to = destinationOffset + copied;
            var result = Libc.CopyFileRange(source, &from, destination, &to, (nuint)(length - copied), 0);
            if (result > 0)
            {
                copied += (int)result;
                continue;
            }

            if (result == 0)
                break;
            var errno = LastErrno();
            if (errno != Errno.EINTR)
                return copied > 0 ? Errno.None : errno;
        }

        return Errno.None;
    }

    /// <summary>Raw struct linux_dirent64 records; a count of 0 is the end of the directory.</summary>
    public static Errno ReadDirectory(FileHandle fd, Span<byte> buffer, out int count)
    {
        fixed (byte* pointer = buffer)
            return Counted(Libc.GetDents(fd, pointer, (nuint)buffer.Length), out count);
    }
}
