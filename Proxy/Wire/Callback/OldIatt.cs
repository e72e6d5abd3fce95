using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Callback;

/// <summary>
/// gf_iatt, the structure before iattx, 100 bytes: gfid, u64 ino, dev, u32 mode, nlink, uid, gid, u64 rdev, size, u32 blksize, u64 blocks, then
/// atime, mtime, ctime as u32 seconds, u32 nanoseconds. gluster-rpc section 6.2.
/// </summary>
public static class OldIatt
{
    public const int Size = 100;

    public static void WriteOldIatt(this ref XdrWriter writer, in Iatt iatt)
    {
        writer.WriteGfid(iatt.Gfid);
        writer.WriteUInt64(iatt.Ino);
        writer.WriteUInt64(iatt.Dev);
        writer.WriteUInt32(iatt.Mode);
        writer.WriteUInt32(iatt.Nlink);
        writer.WriteUInt32(iatt.Uid);
        writer.WriteUInt32(iatt.Gid);
        writer.WriteUInt64(iatt.Rdev);
        writer.WriteUInt64(iatt.Size);
        writer.WriteUInt32(iatt.BlockSize);
        writer.WriteUInt64(iatt.Blocks);
        WriteTime(ref writer, iatt.Atime);
        WriteTime(ref writer, iatt.Mtime);
        WriteTime(ref writer, iatt.Ctime);
    }

    /// <summary>The structure does not say which fields are valid: <see cref="Iatt.Fields"/> names all it has, or none when it is all zeros.</summary>
    public static Iatt ReadOldIatt(this ref XdrReader reader)
    {
        var iatt = new Iatt
        {
            Gfid = reader.ReadGfid(),
            Ino = reader.ReadUInt64(),
            Dev = reader.ReadUInt64(),
            Mode = reader.ReadUInt32(),
            Nlink = reader.ReadUInt32(),
            Uid = reader.ReadUInt32(),
            Gid = reader.ReadUInt32(),
            Rdev = reader.ReadUInt64(),
            Size = reader.ReadUInt64(),
            BlockSize = reader.ReadUInt32(),
            Blocks = reader.ReadUInt64(),
            Atime = ReadTime(ref reader),
            Mtime = ReadTime(ref reader),
            Ctime = ReadTime(ref reader),
        };
        return iatt.IsNothing ? iatt : iatt with { Fields = IattFields.Brick };
    }

    private static void WriteTime(ref XdrWriter writer, Timespec time)
    {
        writer.WriteUInt32(unchecked((uint)time.Seconds));
        writer.WriteUInt32(time.Nanoseconds);
    }

    private static Timespec ReadTime(ref XdrReader reader)
    {
        var seconds = reader.ReadUInt32();
        return new(seconds, reader.ReadUInt32());
    }
}
