using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Gfs4;

/// <summary>Fields that many fops share. Errors, sizes and fds are checked here, so that every codec checks them alike.</summary>
internal static class CommonFields
{
    /// <summary>op_ret and op_errno of a reply.</summary>
    /// <param name="result">op_ret of a success.</param>
    /// <param name="hint">op_errno of a success: ENOENT says that a file or directory ends here.</param>
    public static void WriteStatus(this ref XdrWriter writer, Errno errno, int result = 0, Errno hint = Errno.None)
    {
        writer.WriteInt32(errno == Errno.None ? result : -1);
        writer.WriteInt32((int)(errno == Errno.None ? hint : errno));
    }

    /// <summary>Whether the call succeeded. op_errno of a success is not looked at.</summary>
    public static Errno ReadStatus(this ref XdrReader reader) => reader.ReadStatus(out _, out _);

    /// <param name="result">op_ret, never negative on success.</param>
    /// <param name="hint">op_errno of a success.</param>
    public static Errno ReadStatus(this ref XdrReader reader, out int result, out Errno hint)
    {
        result = reader.ReadInt32();
        var errno = reader.ReadInt32();
        hint = (Errno)errno;
        if (result >= 0)
            return Errno.None;
        result = 0;
        hint = Errno.None;
        return errno > 0 ? (Errno)errno : Errno.EIO; // a failure without a cause is still a failure
    }

    /// <summary>R0: status and dictionary.</summary>
    public static void WriteHead(this ref XdrWriter writer, Errno errno, Xdata? xdata, int result = 0, Errno hint = Errno.None)
    {
        writer.WriteStatus(errno, result, hint);
        writer.WriteXdata(xdata);
    }

    public static void WriteFd(this ref XdrWriter writer, Fd fd, IRemoteHandles handles)
    {
        writer.WriteGfid(fd.Inode.Gfid);
        writer.WriteInt64(handles.RemoteFd(fd));
    }

    public static Fd ReadFd(this ref XdrReader reader, IWireObjects objects)
    {
        var gfid = reader.ReadGfid();
        var number = reader.ReadInt64();
        return reader.FindFd(number, gfid, objects);
    }

    public static Fd FindFd(this ref XdrReader reader, long number, Gfid gfid, IWireObjects objects)
    {
        if (!reader.Failed && objects.Fd(number, gfid) is { } fd)
            return fd;
        reader.Refuse(Errno.EBADF);
        return WireFd.Unknown;
    }

    /// <summary>A gfid's inode; null for the null gfid.</summary>
    public static Inode? ReadInode(this ref XdrReader reader, IWireObjects objects)
    {
        var gfid = reader.ReadGfid();
        return gfid.IsNull ? null : objects.Inode(gfid);
    }

    /// <summary>A place known by its gfid alone.</summary>
    public static Loc ReadLoc(this ref XdrReader reader, IWireObjects objects) => new(reader.ReadInode(objects));

    public static string ReadEntryName(this ref XdrReader reader) => reader.ReadName("name", WireLimits.NameBytes);

    /// <summary>A u64 that counts bytes: from 2^63 on it is refused with EINVAL.</summary>
    public static long ReadOffset(this ref XdrReader reader)
    {
        var offset = reader.ReadInt64();
        if (offset >= 0)
            return offset;
        reader.Refuse(Errno.EINVAL);
        return 0;
    }

    /// <summary>A u32 size: above the limit it is refused with EINVAL.</summary>
    public static int ReadSize(this ref XdrReader reader, int limit)
    {
        var size = reader.ReadUInt32();
        if (size <= (uint)limit)
            return (int)size;
        reader.Refuse(Errno.EINVAL);
        return 0;
    }

    /// <summary>A u32 that only bounds an answer: what is above the limit is cut to it.</summary>
    public static int ReadBudget(this ref XdrReader reader, int limit) => (int)Math.Min(reader.ReadUInt32(), (uint)limit);

    /// <summary>A dictionary that the fop cannot do without: an absent one is refused with EINVAL.</summary>
    public static Xdata ReadValues(this ref XdrReader reader)
    {
        if (reader.ReadXdata() is { } values)
            return values;
        reader.Refuse(Errno.EINVAL);
        return [];
    }

    /// <summary>The gfid that the caller chose for what it creates; null if it chose none, which is for the storage to refuse.</summary>
    public static Gfid RequestedGfid(Xdata? xdata) =>
        xdata is not null && xdata.TryGet("gfid-req", out var value) && value.TryGetGfid(out var gfid) ? gfid : Gfid.Null;

    /// <summary>The place of a new entry: its inode is the one that the caller chose.</summary>
    public static Loc NewEntry(Inode? parent, string name, Xdata? xdata, IWireObjects objects)
    {
        var gfid = RequestedGfid(xdata);
        return new(gfid.IsNull ? null : objects.Inode(gfid), parent, name);
    }
}
