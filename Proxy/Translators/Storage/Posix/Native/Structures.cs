using System.Runtime.InteropServices;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Native;

/// <summary>struct timespec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    public const long Now = (1L << 30) - 1; // UTIME_NOW
    public const long Omit = (1L << 30) - 2; // UTIME_OMIT

    public long Seconds;
    public long Nanoseconds;
}

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Base;
    public nuint Length;
}

/// <summary>struct statx_timestamp.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StatxTime
{
    public long Seconds;
    public uint Nanoseconds;
    private readonly int _reserved;
}

/// <summary>struct statx, 256 bytes: the one stat structure that is the same on every architecture.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
internal struct StatxBuffer
{
    public const uint BasicStats = 0x7ff; // STATX_BASIC_STATS

    public uint Mask;
    public uint BlockSize;
    public ulong Attributes;
    public uint Nlink;
    public uint Uid;
    public uint Gid;
    public ushort Mode;
    private readonly ushort _spare;
    public ulong Ino;
    public ulong Size;
    public ulong Blocks;
    public ulong AttributesMask;
    public StatxTime Atime;
    public StatxTime Btime;
    public StatxTime Ctime;
    public StatxTime Mtime;
    public uint RdevMajor;
    public uint RdevMinor;
    public uint DevMajor;
    public uint DevMinor;

    public readonly bool IsDirectory => (Mode & Sys.S_IFMT) == Sys.S_IFDIR;

    public readonly bool IsRegular => (Mode & Sys.S_IFMT) == Sys.S_IFREG;

    public readonly bool IsSymlink => (Mode & Sys.S_IFMT) == Sys.S_IFLNK;

    public readonly ulong Dev => Sys.MakeDev(DevMajor, DevMinor);

    public readonly ulong Rdev => Sys.MakeDev(RdevMajor, RdevMinor);
}

/// <summary>struct statfs of 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
internal struct StatFsBuffer
{
    public long Type;
    public long BlockSize;
    public ulong Blocks;
    public ulong BlocksFree;
    public ulong BlocksAvailable;
    public ulong Files;
    public ulong FilesFree;
    public ulong FileSystemId;
    public long NameMax;
    public long FragmentSize;
    public long Flags;
}
