using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Gfs4;

/// <summary>
/// 12 READ: gfid, i64 fd, u64 offset, u32 size, u32 flag, dict. Reply: i32 op_ret, i32 op_errno, iattx, u32 size, dict, then the data; here the
/// dictionary comes last. op_errno ENOENT on success: the file ends there.
/// </summary>
public sealed class ReadCodec : FopCodec<ReadRequest, ReadReply>
{
    public override bool ReplyHasPayload => true;

    public override void WriteRequest(ref XdrWriter writer, in ReadRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteInt64(request.Offset);
        writer.WriteInt32(request.Destination.Length);
        writer.WriteUInt32(request.Flag);
        writer.WriteXdata(request.Xdata);
    }

    public override ReadRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var fd = reader.ReadFd(objects);
        var offset = reader.ReadOffset();
        var size = reader.ReadSize(WireLimits.PayloadBytes);
        var flag = reader.ReadUInt32();
        var xdata = reader.ReadXdata();
        var inOrder = !reader.Failed && reader.Refusal == Errno.None;
        return new(fd, offset, inOrder ? objects.ReadDestination(size) : default, flag, xdata);
    }

    public override void WriteReply(ref XdrWriter writer, in ReadReply reply, long newFd = WireFd.None)
    {
        writer.WriteStatus(reply.Errno, reply.Count, reply.EndOfFile ? Errno.ENOENT : Errno.None);
        writer.WriteIatt(reply.Stat);
        writer.WriteInt32(PayloadLength(in reply));
        writer.WriteXdata(reply.Xdata);
    }

    public override ReadReply ReadReply(ref XdrReader reader, in ReadRequest request, out long newFd)
    {
        newFd = WireFd.None;
        var errno = reader.ReadStatus(out var count, out var hint);
        var stat = reader.ReadIatt();
        reader.ReadUInt32(); // the size once more; op_ret is what counts
        var xdata = reader.ReadXdata();
        if (count > request.Destination.Length)
            reader.Fail($"{count} bytes answer a READ of {request.Destination.Length}");
        return new(errno, count, stat, EndOfFile: hint == Errno.ENOENT, xdata);
    }

    public override Memory<byte> ReplyDestination(in ReadRequest request) => request.Destination;

    public override int PayloadLength(in ReadReply reply) => reply.Errno == Errno.None ? reply.Count : 0;
}

/// <summary>13 WRITE: gfid, i64 fd, u64 offset, u32 size, u32 flag, dict, then the data. Reply: R2; op_ret counts the bytes.</summary>
public sealed class WriteCodec : FopCodec<WriteRequest, WriteReply>
{
    public override bool RequestHasPayload => true;

    public override void WriteRequest(ref XdrWriter writer, in WriteRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteInt64(request.Offset);
        writer.WriteInt32(request.Data.Length);
        writer.WriteUInt32(request.Flag);
        writer.WriteXdata(request.Xdata);
    }

    public override WriteRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var fd = reader.ReadFd(objects);
        var offset = reader.ReadOffset();
        var size = reader.ReadUInt32();
        var flag = reader.ReadUInt32();
        var xdata = reader.ReadXdata();
        var data = objects.Payload;
        if (size != (uint)data.Length)
            reader.Fail($"a WRITE announces {size} bytes of data and has {data.Length}");
        return new(fd, offset, data, flag, xdata);
    }

    public override void WriteReply(ref XdrWriter writer, in WriteReply reply, long newFd = WireFd.None)
    {
        writer.WriteHead(reply.Errno, reply.Xdata, reply.Count);
        writer.WriteIatt(reply.Pre);
        writer.WriteIatt(reply.Post);
    }

    public override WriteReply ReadReply(ref XdrReader reader, in WriteRequest request, out long newFd)
    {
        newFd = WireFd.None;
        var errno = reader.ReadStatus(out var count, out _);
        var xdata = reader.ReadXdata();
        var pre = reader.ReadIatt();
        var post = reader.ReadIatt();
        if (count > request.Data.Length)
            reader.Fail($"{count} bytes answer a WRITE of {request.Data.Length}");
        return new(errno, count, pre, post, xdata);
    }

    public override Payload RequestPayload(in WriteRequest request) => request.Data;
}

/// <summary>15 FLUSH: gfid, i64 fd, dict. Reply: R0.</summary>
public sealed class FlushCodec : StatusCodec<FlushRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in FlushRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteXdata(request.Xdata);
    }

    public override FlushRequest ReadRequest(ref XdrReader reader, IWireObjects objects) => new(reader.ReadFd(objects), reader.ReadXdata());
}

/// <summary>16 FSYNC: gfid, i64 fd, u32 datasync (0 fsync, 1 fdatasync), dict. Reply: R2.</summary>
public sealed class FsyncCodec : PrePostCodec<FsyncRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in FsyncRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteUInt32(request.DataOnly ? 1u : 0);
        writer.WriteXdata(request.Xdata);
    }

    public override FsyncRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadFd(objects), reader.ReadUInt32() != 0, reader.ReadXdata());
}

/// <summary>10 TRUNCATE: gfid, u64 offset, dict. Reply: R2.</summary>
public sealed class TruncateCodec : PrePostCodec<TruncateRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in TruncateRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        writer.WriteInt64(request.Length);
        writer.WriteXdata(request.Xdata);
    }

    public override TruncateRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadLoc(objects), reader.ReadOffset(), reader.ReadXdata());
}

/// <summary>24 FTRUNCATE: gfid, i64 fd, u64 offset, dict. Reply: R2.</summary>
public sealed class FtruncateCodec : PrePostCodec<FtruncateRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in FtruncateRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteInt64(request.Length);
        writer.WriteXdata(request.Xdata);
    }

    public override FtruncateRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadFd(objects), reader.ReadOffset(), reader.ReadXdata());
}

/// <summary>44 FALLOCATE: gfid, i64 fd, u32 flags (1 KEEP_SIZE), u64 offset, u64 size, dict. Reply: R2.</summary>
public sealed class FallocateCodec : PrePostCodec<FallocateRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in FallocateRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteUInt32((uint)request.Flags);
        writer.WriteInt64(request.Offset);
        writer.WriteInt64(request.Length);
        writer.WriteXdata(request.Xdata);
    }

    public override FallocateRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadFd(objects), (FallocateFlags)reader.ReadUInt32(), reader.ReadOffset(), reader.ReadOffset(), reader.ReadXdata());
}

/// <summary>45 DISCARD: gfid, i64 fd, u64 offset, u64 size, dict. Reply: R2.</summary>
public sealed class DiscardCodec : PrePostCodec<DiscardRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in DiscardRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteInt64(request.Offset);
        writer.WriteInt64(request.Length);
        writer.WriteXdata(request.Xdata);
    }

    public override DiscardRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadFd(objects), reader.ReadOffset(), reader.ReadOffset(), reader.ReadXdata());
}

/// <summary>46 ZEROFILL: as DISCARD.</summary>
public sealed class ZerofillCodec : PrePostCodec<ZerofillRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in ZerofillRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteInt64(request.Offset);
        writer.WriteInt64(request.Length);
        writer.WriteXdata(request.Xdata);
    }

    public override ZerofillRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadFd(objects), reader.ReadOffset(), reader.ReadOffset(), reader.ReadXdata());
}

/// <summary>48 SEEK: gfid, i64 fd, u64 offset, i32 what (0 DATA, 1 HOLE), dict. Reply: R0, u64 offset.</summary>
public sealed class SeekCodec : FopCodec<SeekRequest, SeekReply>
{
    public override void WriteRequest(ref XdrWriter writer, in SeekRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteInt64(request.Offset);
        writer.WriteInt32((int)request.What);
        writer.WriteXdata(request.Xdata);
    }

    public override SeekRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadFd(objects), reader.ReadOffset(), (SeekWhat)reader.ReadInt32(), reader.ReadXdata());

    public override void WriteReply(ref XdrWriter writer, in SeekReply reply, long newFd = WireFd.None)
    {
        writer.WriteHead(reply.Errno, reply.Xdata);
        writer.WriteInt64(reply.Offset);
    }

    public override SeekReply ReadReply(ref XdrReader reader, in SeekRequest request, out long newFd)
    {
        newFd = WireFd.None;
        var errno = reader.ReadStatus();
        var xdata = reader.ReadXdata();
        var offset = reader.ReadInt64();
        if (offset < 0 && errno == Errno.None)
            reader.Fail("a SEEK found an offset beyond 2^63");
        return new(errno, offset, xdata);
    }
}

/// <summary>37 RCHECKSUM: gfid, i64 fd, u64 offset, u32 len, u32 flags, dict. Reply: R0, u32 flags, u32 weak, opaque strong.</summary>
public sealed class RchecksumCodec : FopCodec<RchecksumRequest, RchecksumReply>
{
    public override void WriteRequest(ref XdrWriter writer, in RchecksumRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteInt64(request.Offset);
        writer.WriteInt32(request.Length);
        writer.WriteUInt32(0);
        writer.WriteXdata(request.Xdata);
    }

    public override RchecksumRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var fd = reader.ReadFd(objects);
        var offset = reader.ReadOffset();
        var length = reader.ReadSize(WireLimits.PayloadBytes);
        reader.ReadUInt32();
        return new(fd, offset, length, reader.ReadXdata());
    }

    public override void WriteReply(ref XdrWriter writer, in RchecksumReply reply, long newFd = WireFd.None)
    {
        writer.WriteHead(reply.Errno, reply.Xdata);
        writer.WriteUInt32(reply.Errno == Errno.None ? 1u : 0); // it does not tell which checksum the brick computes
        writer.WriteUInt32(reply.Weak);
        writer.WriteOpaque(reply.Strong);
    }

    public override RchecksumReply ReadReply(ref XdrReader reader, in RchecksumRequest request, out long newFd)
    {
        newFd = WireFd.None;
        var errno = reader.ReadStatus();
        var xdata = reader.ReadXdata();
        reader.ReadUInt32();
        return new(errno, reader.ReadUInt32(), reader.ReadBytes("strong checksum", WireLimits.ChecksumBytes), xdata);
    }
}

/// <summary>
/// 56 COPY_FILE_RANGE: gfid_in, gfid_out, i64 fd_in, i64 fd_out, u64 off_in, u64 off_out, u32 size, u32 flag, dict. Reply: R3 with the source, then the
/// destination before and after; op_ret counts the bytes.
/// </summary>
public sealed class CopyFileRangeCodec : FopCodec<CopyFileRangeRequest, CopyFileRangeReply>
{
    public override void WriteRequest(ref XdrWriter writer, in CopyFileRangeRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Source.Inode.Gfid);
        writer.WriteGfid(request.Destination.Inode.Gfid);
        writer.WriteInt64(handles.RemoteFd(request.Source));
        writer.WriteInt64(handles.RemoteFd(request.Destination));
        writer.WriteInt64(request.SourceOffset);
        writer.WriteInt64(request.DestinationOffset);
        writer.WriteInt32(request.Length);
        writer.WriteUInt32(request.Flags);
        writer.WriteXdata(request.Xdata);
    }

    public override CopyFileRangeRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var sourceGfid = reader.ReadGfid();
        var destinationGfid = reader.ReadGfid();
        var source = reader.FindFd(reader.ReadInt64(), sourceGfid, objects);
        var destination = reader.FindFd(reader.ReadInt64(), destinationGfid, objects);
        var sourceOffset = reader.ReadOffset();
        var destinationOffset = reader.ReadOffset();
        var length = reader.ReadSize(int.MaxValue);
        return new(source, sourceOffset, destination, destinationOffset, length, reader.ReadUInt32(), reader.ReadXdata());
    }

    public override void WriteReply(ref XdrWriter writer, in CopyFileRangeReply reply, long newFd = WireFd.None)
    {
        writer.WriteHead(reply.Errno, reply.Xdata, reply.Count);
        writer.WriteIatt(reply.Source);
        writer.WriteIatt(reply.PreDestination);
        writer.WriteIatt(reply.PostDestination);
    }

    public override CopyFileRangeReply ReadReply(ref XdrReader reader, in CopyFileRangeRequest request, out long newFd)
    {
        newFd = WireFd.None;
        var errno = reader.ReadStatus(out var count, out _);
        var xdata = reader.ReadXdata();
        if (count > request.Length)
            reader.Fail($"{count} bytes answer a COPY_FILE_RANGE of {request.Length}");
        return new(errno, count, reader.ReadIatt(), reader.ReadIatt(), reader.ReadIatt(), xdata);
    }
}
