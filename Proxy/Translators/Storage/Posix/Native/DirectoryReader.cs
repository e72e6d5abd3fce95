using System.Buffers.Binary;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Native;

/// <summary>One record of getdents64(2).</summary>
internal readonly ref struct RawEntry
{
    public bool IsEnd { get; init; }

    public ulong Ino { get; init; }

    /// <summary>The cookie of the entry after this one.</summary>
    public ulong Offset { get; init; }

    /// <summary>DT_* of dirent(3).</summary>
    public byte Type { get; init; }

    /// <summary>Without its NUL.</summary>
    public ReadOnlySpan<byte> Name { get; init; }
}

/// <summary>Reads the entries of an open directory in batches. Not for two callers at a time.</summary>
internal sealed class DirectoryReader(FileHandle directory)
{
    private const int HeaderSize = 19; // u64 ino, u64 off, u16 reclen, u8 type

    private readonly byte[] _batch = GC.AllocateUninitializedArray<byte>(32 * 1024);
    private int _at;
    private int _end;
    private ulong _offset;

    /// <summary>Continues at a cookie; 0 is the beginning.</summary>
    public Errno SeekTo(ulong cookie)
    {
        if (cookie == _offset && cookie != 0)
            return Errno.None; // in the middle of the batch, or right behind it
        _at = _end = 0;
        _offset = cookie;
        return Sys.Seek(directory, unchecked((long)cookie), Sys.SEEK_SET, out _);
    }

    /// <summary>The next entry; its name is valid until the next call.</summary>
    public Errno Next(out RawEntry entry)
    {
        entry = new RawEntry { IsEnd = true };
        if (_at >= _end)
        {
            _at = 0;
            var errno = Sys.ReadDirectory(directory, _batch, out _end);
            if (errno != Errno.None || _end == 0)
                return errno;
        }

        var record = _batch.AsSpan(_at, _end - _at);
        var length = BinaryPrimitives.ReadUInt16LittleEndian(record[16..]);
        var name = record[HeaderSize..length];
        entry = new RawEntry
        {
            Ino = BinaryPrimitives.ReadUInt64LittleEndian(record),
            Offset = BinaryPrimitives.ReadUInt64LittleEndian(record[8..]),
            Type = record[18],
            Name = name[..name.IndexOf((byte)0)],
        };
        _at += length;
        _offset = entry.Offset;
        return Errno.None;
    }

    /// <summary>Takes back the entry just read, so that the next call gives it again.</summary>
    public void Unread(in RawEntry entry, ulong cookieBefore)
    {
        _at -= (HeaderSize + entry.Name.Length + 1 + 7) & ~7;
        _offset = cookieBefore;
    }
}
