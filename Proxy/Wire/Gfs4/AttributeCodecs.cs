using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Gfs4;

/// <summary>1 STAT: gfid, dict. Reply: R1.</summary>
public sealed class StatCodec : IattCodec<StatRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in StatRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        writer.WriteXdata(request.Xdata);
    }

    public override StatRequest ReadRequest(ref XdrReader reader, IWireObjects objects) => new(reader.ReadLoc(objects), reader.ReadXdata());
}

/// <summary>25 FSTAT: gfid, i64 fd, dict. Reply: R1.</summary>
public sealed class FstatCodec : IattCodec<FstatRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in FstatRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteXdata(request.Xdata);
    }

    public override FstatRequest ReadRequest(ref XdrReader reader, IWireObjects objects) => new(reader.ReadFd(objects), reader.ReadXdata());
}

/// <summary>38 SETATTR: gfid, iattx, i32 valid, dict. Reply: R2.</summary>
public sealed class SetattrCodec : PrePostCodec<SetattrRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in SetattrRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        writer.WriteIatt(request.Attributes);
        writer.WriteInt32((int)request.Valid);
        writer.WriteXdata(request.Xdata);
    }

    public override SetattrRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadLoc(objects), reader.ReadIatt(), (SetattrFields)reader.ReadInt32(), reader.ReadXdata());
}

/// <summary>39 FSETATTR: gfid, i64 fd, iattx, i32 valid, dict. Reply: R2.</summary>
public sealed class FsetattrCodec : PrePostCodec<FsetattrRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in FsetattrRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteIatt(request.Attributes);
        writer.WriteInt32((int)request.Valid);
        writer.WriteXdata(request.Xdata);
    }

    public override FsetattrRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadFd(objects), reader.ReadIatt(), (SetattrFields)reader.ReadInt32(), reader.ReadXdata());
}

/// <summary>22 ACCESS: gfid, u32 mask, dict. Reply: R0.</summary>
public sealed class AccessCodec : StatusCodec<AccessRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in AccessRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        writer.WriteUInt32(request.Mask);
        writer.WriteXdata(request.Xdata);
    }

    public override AccessRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadLoc(objects), reader.ReadUInt32(), reader.ReadXdata());
}

/// <summary>14 STATFS: gfid, dict. Reply: R0, statfs.</summary>
public sealed class StatfsCodec : FopCodec<StatfsRequest, StatFsReply>
{
    public override void WriteRequest(ref XdrWriter writer, in StatfsRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        writer.WriteXdata(request.Xdata);
    }

    public override StatfsRequest ReadRequest(ref XdrReader reader, IWireObjects objects) => new(reader.ReadLoc(objects), reader.ReadXdata());

    public override void WriteReply(ref XdrWriter writer, in StatFsReply reply, long newFd = WireFd.None)
    {
        writer.WriteHead(reply.Errno, reply.Xdata);
        writer.WriteStatFs(reply.StatFs);
    }

    public override StatFsReply ReadReply(ref XdrReader reader, in StatfsRequest request, out long newFd)
    {
        newFd = WireFd.None;
        var errno = reader.ReadStatus();
        var xdata = reader.ReadXdata();
        return new(errno, reader.ReadStatFs(), xdata);
    }
}

/// <summary>47 IPC: i32 op, dict. Reply: R0.</summary>
public sealed class IpcCodec : StatusCodec<IpcRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in IpcRequest request, IRemoteHandles handles)
    {
        writer.WriteInt32(request.Operation);
        writer.WriteXdata(request.Xdata);
    }

    public override IpcRequest ReadRequest(ref XdrReader reader, IWireObjects objects) => new(reader.ReadInt32(), reader.ReadXdata());
}
