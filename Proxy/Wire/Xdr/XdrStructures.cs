using System.Buffers.Binary;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Wire.Xdr;

/// <summary>The structures that several fops share: iattx, statfs, flock, lease. gluster-rpc section 6.</summary>
public static class XdrStructures
{
    /// <summary>iattx, section 6.1.</summary>
    public const int IattSize = 148;

    /// <summary>statfs, section 6.3.</summary>
    public const int StatFsSize = 88;

    /// <summary>lease, section 6.5.</summary>
    public const int LeaseSize = 28;

    public static void WriteIatt(this ref XdrWriter writer, in Iatt iatt)
    {
        var to = writer.Reserve(IattSize);
        iatt.Gfid.Write(to);
        BinaryPrimitives.WriteUInt64BigEndian(to[16..], (ulong)iatt.Fields);
        BinaryPrimitives.WriteUInt64BigEndian(to[24..], iatt.Ino);
        BinaryPrimitives.WriteUInt64BigEndian(to[32..], iatt.Dev);
        BinaryPrimitives.WriteUInt64BigEndian(to[40..], iatt.Rdev);
        BinaryPrimitives.WriteUInt64BigEndian(to[48..], iatt.Size);
        BinaryPrimitives.WriteUInt64BigEndian(to[56..], iatt.Blocks);
        BinaryPrimitives.WriteUInt64BigEndian(to[64..], iatt.Attributes);
        BinaryPrimitives.WriteUInt64BigEndian(to[72..], iatt.AttributesMask);
        BinaryPrimitives.WriteInt64BigEndian(to[80..], iatt.Atime.Seconds);
        BinaryPrimitives.WriteInt64BigEndian(to[88..], iatt.Mtime.Seconds);
        BinaryPrimitives.WriteInt64BigEndian(to[96..], iatt.Ctime.Seconds);
        BinaryPrimitives.WriteInt64BigEndian(to[104..], iatt.Btime.Seconds);
        BinaryPrimitives.WriteUInt32BigEndian(to[112..], iatt.Atime.Nanoseconds);
        BinaryPrimitives.WriteUInt32BigEndian(to[116..], iatt.Mtime.Nanoseconds);
        BinaryPrimitives.WriteUInt32BigEndian(to[120..], iatt.Ctime.Nanoseconds);
        BinaryPrimitives.WriteUInt32BigEndian(to[124..], iatt.Btime.Nanoseconds);
        BinaryPrimitives.WriteUInt32BigEndian(to[128..], iatt.Nlink);
        BinaryPrimitives.WriteUInt32BigEndian(to[132..], iatt.Uid);
        BinaryPrimitives.WriteUInt32BigEndian(to[136..], iatt.Gid);
        BinaryPrimitives.WriteUInt32BigEndian(to[140..], iatt.BlockSize);
        BinaryPrimitives.WriteUInt32BigEndian(to[144..], iatt.Mode);
    }

    public static Iatt ReadIatt(this ref XdrReader reader)
    {
        var from = reader.Take(IattSize);
        if (from.IsEmpty)
            return default;
        return new Iatt
        {
            Gfid = Gfid.Read(from),
            Fields = (IattFields)BinaryPrimitives.ReadUInt64BigEndian(from[16..]),
            Ino = BinaryPrimitives.ReadUInt64BigEndian(from[24..]),
            Dev = BinaryPrimitives.ReadUInt64BigEndian(from[32..]),
            Rdev = BinaryPrimitives.ReadUInt64BigEndian(from[40..]),
            Size = BinaryPrimitives.ReadUInt64BigEndian(from[48..]),
            Blocks = BinaryPrimitives.ReadUInt64BigEndian(from[56..]),
            Attributes = BinaryPrimitives.ReadUInt64BigEndian(from[64..]),
            AttributesMask = BinaryPrimitives.ReadUInt64BigEndian(from[72..]),
            Atime = new(BinaryPrimitives.ReadInt64BigEndian(from[80..]), BinaryPrimitives.ReadUInt32BigEndian(from[112..])),
            Mtime = new(BinaryPrimitives.ReadInt64BigEndian(from[88..]), BinaryPrimitives.ReadUInt32BigEndian(from[116..])),
            Ctime = new(BinaryPrimitives.ReadInt64BigEndian(from[96..]), BinaryPrimitives.ReadUInt32BigEndian(from[120..])),
            Btime = new(BinaryPrimitives.ReadInt64BigEndian(from[104..]), BinaryPrimitives.ReadUInt32BigEndian(from[124..])),
            Nlink = BinaryPrimitives.ReadUInt32BigEndian(from[128..]),
            Uid = BinaryPrimitives.ReadUInt32BigEndian(from[132..]),
            Gid = BinaryPrimitives.ReadUInt32BigEndian(from[136..]),
            BlockSize = BinaryPrimitives.ReadUInt32BigEndian(from[140..]),
            Mode = BinaryPrimitives.ReadUInt32BigEndian(from[144..]),
        };
    }

    public static void WriteStatFs(this ref XdrWriter writer, in StatFs statFs)
    {
        writer.WriteUInt64(statFs.BlockSize);
        writer.WriteUInt64(statFs.FragmentSize);
        writer.WriteUInt64(statFs.Blocks);
        writer.WriteUInt64(statFs.BlocksFree);
        writer.WriteUInt64(statFs.BlocksAvailable);
        writer.WriteUInt64(statFs.Files);
        writer.WriteUInt64(statFs.FilesFree);
        writer.WriteUInt64(statFs.FilesAvailable);
        writer.WriteUInt64(statFs.FileSystemId);
        writer.WriteUInt64(statFs.Flag);
        writer.WriteUInt64(statFs.NameMax);
    }

    public static StatFs ReadStatFs(this ref XdrReader reader) => new(
        BlockSize: reader.ReadUInt64(),
        FragmentSize: reader.ReadUInt64(),
        Blocks: reader.ReadUInt64(),
        BlocksFree: reader.ReadUInt64(),
        BlocksAvailable: reader.ReadUInt64(),
        Files: reader.ReadUInt64(),
        FilesFree: reader.ReadUInt64(),
        FilesAvailable: reader.ReadUInt64(),
        FileSystemId: reader.ReadUInt64(),
        Flag: reader.ReadUInt64(),
        NameMax: reader.ReadUInt64());

    /// <summary>gf_proto_flock, section 6.4.</summary>
    public static void WriteFileLock(this ref XdrWriter writer, in FileLock fileLock)
    {
        writer.WriteUInt32((uint)fileLock.Type);
        writer.WriteUInt32(fileLock.Whence);
        writer.WriteInt64(fileLock.Start);
        writer.WriteInt64(fileLock.Length);
        writer.WriteUInt32(fileLock.Pid);
        writer.WriteOpaque(fileLock.Owner.Bytes);
    }

    public static FileLock ReadFileLock(this ref XdrReader reader) => new(
        Type: (LkType)reader.ReadUInt32(),
        Whence: reader.ReadUInt32(),
        Start: reader.ReadInt64(),
        Length: reader.ReadInt64(),
        Pid: reader.ReadUInt32(),
        Owner: reader.ReadLockOwner());

    public static void WriteLease(this ref XdrWriter writer, in LeaseRequestBody lease)
    {
        writer.WriteUInt32(lease.Command);
        writer.WriteUInt32(lease.Type);
        writer.WriteGfid(lease.Id);
        writer.WriteUInt32(lease.Flags);
    }

    public static LeaseRequestBody ReadLease(this ref XdrReader reader) => new(
        Command: reader.ReadUInt32(),
        Type: reader.ReadUInt32(),
        Id: reader.ReadGfid(),
        Flags: reader.ReadUInt32());

    private static LkOwner ReadLockOwner(this ref XdrReader reader)
    {
        var owner = reader.ReadOpaque("lock owner", WireLimits.LockOwnerBytes);
        return owner.IsEmpty ? default : new LkOwner(owner.ToArray());
    }
}
