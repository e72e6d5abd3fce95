using System.Buffers.Binary;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>
/// The value of <c>trusted.glusterfs.mdata</c>: the time stamps that clients gave. 57 bytes: u8 version 1, u64 flags 0, then change,
/// modification and access time as u64 seconds and u64 nanoseconds, big-endian. gluster-translators section 11.1.
/// </summary>
internal readonly record struct Mdata(Timespec Ctime, Timespec Mtime, Timespec Atime)
{
    public const int Size = 57;

    public static Mdata At(Timespec time) => new(time, time, time);

    public static bool TryRead(ReadOnlySpan<byte> source, out Mdata mdata)
    {
        mdata = default;
        if (source.Length < Size || source[0] != 1)
            return false;
        mdata = new(ReadTime(source[9..]), ReadTime(source[25..]), ReadTime(source[41..]));
        return true;
    }

    public void Write(Span<byte> destination)
    {
        destination[..9].Clear();
        destination[0] = 1;
        WriteTime(destination[9..], Ctime);
        WriteTime(destination[25..], Mtime);
        WriteTime(destination[41..], Atime);
    }

    /// <summary>Each flagged stamp becomes <paramref name="time"/> unless it is later already: stamps of racing fops never go back.</summary>
    public Mdata Advanced(FopTimes which, Timespec time) => new(
        (which & FopTimes.Ctime) != 0 && time > Ctime ? time : Ctime,
        (which & FopTimes.Mtime) != 0 && time > Mtime ? time : Mtime,
        (which & FopTimes.Atime) != 0 && time > Atime ? time : Atime);

    /// <summary>The later of each stamp.</summary>
    public Mdata Latest(in Mdata other) => new(
        Ctime < other.Ctime ? other.Ctime : Ctime, Mtime < other.Mtime ? other.Mtime : Mtime, Atime < other.Atime ? other.Atime : Atime);

    private static Timespec ReadTime(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadInt64BigEndian(source), (uint)BinaryPrimitives.ReadUInt64BigEndian(source[8..]));

    private static void WriteTime(Span<byte> destination, Timespec time)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination, time.Seconds);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], time.Nanoseconds);
    }
}
