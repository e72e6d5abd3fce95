using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Gfs4;

/// <summary>11 OPEN: gfid, u32 flags, dict. Reply: R0, i64 fd.</summary>
public sealed class OpenCodec : OpenedCodec<OpenRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in OpenRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        writer.WriteUInt32((uint)request.Flags);
        writer.WriteXdata(request.Xdata);
    }

    public override OpenRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var loc = reader.ReadLoc(objects);
        var flags = (OpenFlags)reader.ReadUInt32();
        return new(loc, objects.NewFd(loc.Gfid, flags), flags, reader.ReadXdata());
    }

    public override Fd? OpenedFd(in OpenRequest request) => request.Fd;
}

/// <summary>41 RELEASE: gfid, i64 fd, dict. Reply: R0.</summary>
public sealed class ReleaseCodec : StatusCodec<ReleaseRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in ReleaseRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteXdata(request.Xdata);
    }

    public override ReleaseRequest ReadRequest(ref XdrReader reader, IWireObjects objects) => new(reader.ReadFd(objects), reader.ReadXdata());
}

/// <summary>20 OPENDIR: gfid, dict. Reply: R0, i64 fd.</summary>
public sealed class OpendirCodec : OpenedCodec<OpendirRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in OpendirRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        writer.WriteXdata(request.Xdata);
    }

    public override OpendirRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var loc = reader.ReadLoc(objects);
        return new(loc, objects.NewFd(loc.Gfid, OpenFlags.Directory), reader.ReadXdata());
    }

    public override Fd? OpenedFd(in OpendirRequest request) => request.Fd;
}

/// <summary>42 RELEASEDIR: gfid, i64 fd, dict. Reply: R0.</summary>
public sealed class ReleasedirCodec : StatusCodec<ReleasedirRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in ReleasedirRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteXdata(request.Xdata);
    }

    public override ReleasedirRequest ReadRequest(ref XdrReader reader, IWireObjects objects) => new(reader.ReadFd(objects), reader.ReadXdata());
}

/// <summary>21 FSYNCDIR: gfid, i64 fd, i32 datasync, dict. Reply: R0.</summary>
public sealed class FsyncdirCodec : StatusCodec<FsyncdirRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in FsyncdirRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteInt32(request.DataOnly ? 1 : 0);
        writer.WriteXdata(request.Xdata);
    }

    public override FsyncdirRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadFd(objects), reader.ReadInt32() != 0, reader.ReadXdata());
}

/// <summary>
/// 28 READDIR: gfid, i64 fd, u64 offset, u32 size, dict. Reply: R0, list of {u64 ino, u64 off, u32 len, u32 type, str name}; op_ret counts them, op_errno
/// ENOENT says that these are the last.
/// </summary>
public sealed class ReaddirCodec : FopCodec<ReaddirRequest, ReaddirReply>
{
    public override void WriteRequest(ref XdrWriter writer, in ReaddirRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteUInt64(request.Offset);
        writer.WriteInt32(request.Size);
        writer.WriteXdata(request.Xdata);
    }

    public override ReaddirRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadFd(objects), reader.ReadUInt64(), reader.ReadBudget(WireLimits.ReaddirBytes), reader.ReadXdata());

    public override void WriteReply(ref XdrWriter writer, in ReaddirReply reply, long newFd = WireFd.None) =>
        DirectoryEntries.WriteReply(ref writer, in reply, withAttributes: false);

    public override ReaddirReply ReadReply(ref XdrReader reader, in ReaddirRequest request, out long newFd)
    {
        newFd = WireFd.None;
        return DirectoryEntries.ReadReply(ref reader, withAttributes: false);
    }
}

/// <summary>40 READDIRP: as READDIR; each entry goes on with iattx, dict.</summary>
public sealed class ReaddirpCodec : FopCodec<ReaddirpRequest, ReaddirReply>
{
    public override void WriteRequest(ref XdrWriter writer, in ReaddirpRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteUInt64(request.Offset);
        writer.WriteInt32(request.Size);
        writer.WriteXdata(request.Xdata);
    }

    public override ReaddirpRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadFd(objects), reader.ReadUInt64(), reader.ReadBudget(WireLimits.ReaddirBytes), reader.ReadXdata());

    public override void WriteReply(ref XdrWriter writer, in ReaddirReply reply, long newFd = WireFd.None) =>
        DirectoryEntries.WriteReply(ref writer, in reply, withAttributes: true);

    public override ReaddirReply ReadReply(ref XdrReader reader, in ReaddirpRequest request, out long newFd)
    {
        newFd = WireFd.None;
        return DirectoryEntries.ReadReply(ref reader, withAttributes: true);
    }
}

/// <summary>dirent and direntp, gluster-rpc section 6.6.</summary>
internal static class DirectoryEntries
{
    public static void WriteReply(ref XdrWriter writer, in ReaddirReply reply, bool withAttributes)
    {
        var entries = reply.Errno == Errno.None ? reply.Entries ?? [] : [];
        writer.WriteHead(reply.Errno, reply.Xdata, entries.Count, reply.EndOfDirectory ? Errno.ENOENT : Errno.None);
        foreach (var entry in entries)
        {
            writer.WriteUInt32(1);
            writer.WriteUInt64(entry.Ino);
            writer.WriteUInt64(entry.Offset);
            var lengthAt = writer.Length;
            writer.WriteUInt32(0);
            writer.WriteUInt32(entry.Type);
            var nameAt = writer.Length;
            writer.WriteText(entry.Name);
            writer.PatchUInt32(lengthAt, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(writer.Written[nameAt..]));
            if (!withAttributes)
                continue;
            writer.WriteIatt(entry.Stat);
            writer.WriteXdata(entry.Xdata);
        }

        writer.WriteUInt32(0);
    }

    public static ReaddirReply ReadReply(ref XdrReader reader, bool withAttributes)
    {
        var errno = reader.ReadStatus(out var count, out var hint);
        var xdata = reader.ReadXdata();
        var entries = new List<DirectoryEntry>();
        while (reader.ReadMore())
        {
            var ino = reader.ReadUInt64();
            var offset = reader.ReadUInt64();
            reader.ReadUInt32(); // the name's length once more
            var type = reader.ReadUInt32();
            var name = reader.ReadEntryName();
            entries.Add(withAttributes
                ? new(name, ino, offset, type, reader.ReadIatt(), reader.ReadXdata())
                : new(name, ino, offset, type));
        }

        // The end is certain when nothing came; with entries, only the hint tells.
        var end = errno == Errno.None && (count == 0 || hint == Errno.ENOENT);
        return new(errno, entries, end, xdata);
    }
}
