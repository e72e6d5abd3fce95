namespace BlockProxy.Proxy.Fops;

/// <summary>Which fields of an <see cref="Iatt"/> are valid. gluster-rpc, iattx.</summary>
[Flags]
public enum IattFields : ulong
{
    None = 0,
    Type = 1,
    Mode = 2,
    Nlink = 4,
    Uid = 8,
    Gid = 0x10,
    Atime = 0x20,
    Mtime = 0x40,
    Ctime = 0x80,
    Ino = 0x100,
    Size = 0x200,
    Blocks = 0x400,
    Btime = 0x800,
    Gfid = 0x1000,

    /// <summary>What a 10.3 brick fills in: all but the birth time.</summary>
    Brick = 0x17ff,
}

/// <summary>The type of a file: the type bits of st_mode.</summary>
public enum FileType : uint
{
    None = 0,
    Fifo = 0x1000,
    CharacterDevice = 0x2000,
    Directory = 0x4000,
    BlockDevice = 0x6000,
    Regular = 0x8000,
    Symlink = 0xa000,
    Socket = 0xc000,
}

/// <summary>A time stamp: seconds since 1970 and nanoseconds.</summary>
public readonly record struct Timespec(long Seconds, uint Nanoseconds) : IComparable<Timespec>
{
    public int CompareTo(Timespec other) =>
        Seconds != other.Seconds ? Seconds.CompareTo(other.Seconds) : Nanoseconds.CompareTo(other.Nanoseconds);

    public static bool operator <(Timespec left, Timespec right) => left.CompareTo(right) < 0;

    public static bool operator >(Timespec left, Timespec right) => left.CompareTo(right) > 0;

    public static bool operator <=(Timespec left, Timespec right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Timespec left, Timespec right) => left.CompareTo(right) >= 0;

    public static Timespec From(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        var seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var rest);
        if (rest < 0)
        {
            seconds--;
            rest += TimeSpan.TicksPerSecond;
        }

        return new(seconds, (uint)rest * 100);
    }
}

/// <summary>
/// The attributes of a file, as a brick answers them. All zeros means "no information" and must not be cached. gluster-rpc section 6.1.
/// </summary>
public readonly record struct Iatt
{
    public Gfid Gfid { get; init; }

    public IattFields Fields { get; init; }

    public ulong Ino { get; init; }

    public ulong Dev { get; init; }

    public ulong Rdev { get; init; }

    /// <summary>Bytes.</summary>
    public ulong Size { get; init; }

    /// <summary>Allocated space in units of 512 bytes.</summary>
    public ulong Blocks { get; init; }

    public ulong Attributes { get; init; }

    public ulong AttributesMask { get; init; }

    public Timespec Atime { get; init; }

    public Timespec Mtime { get; init; }

    public Timespec Ctime { get; init; }

    public Timespec Btime { get; init; }

    public uint Nlink { get; init; }

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    /// <summary>The preferred I/O size in bytes.</summary>
    public uint BlockSize { get; init; }

    /// <summary>st_mode: type and permission bits.</summary>
    public uint Mode { get; init; }

    public FileType Type => (FileType)(Mode & 0xf000);

    /// <summary>The permission bits, set-uid, set-gid and sticky among them.</summary>
    public uint Permissions => Mode & 0xfff;

    public bool IsNothing => Gfid.IsNull && Nlink == 0;
}
