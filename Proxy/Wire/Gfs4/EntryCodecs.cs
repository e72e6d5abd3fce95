using System.Buffers.Binary;
using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Gfs4;

/// <summary>
/// 27 LOOKUP: gfid, pargfid, u32 flags (0), str bname, dict; an empty name looks the gfid up. Reply: R2 with the entry and its parent.
/// </summary>
public sealed class LookupCodec : FopCodec<LookupRequest, LookupReply>
{
    public override void WriteRequest(ref XdrWriter writer, in LookupRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        writer.WriteGfid(request.Loc.ParentGfid);
        writer.WriteUInt32(0);
        writer.WriteText(request.Loc.Name);
        writer.WriteXdata(request.Xdata);
    }

    public override LookupRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var inode = reader.ReadInode(objects);
        var parent = reader.ReadInode(objects);
        reader.ReadUInt32();
        var name = reader.ReadEntryName();
        return new(new Loc(inode, parent, name.Length == 0 ? null : name), reader.ReadXdata());
    }

    public override void WriteReply(ref XdrWriter writer, in LookupReply reply, long newFd = WireFd.None)
    {
        writer.WriteHead(reply.Errno, reply.Xdata);
        writer.WriteIatt(reply.Stat);
        writer.WriteIatt(reply.PostParent);
    }

    public override LookupReply ReadReply(ref XdrReader reader, in LookupRequest request, out long newFd)
    {
        newFd = WireFd.None;
        var errno = reader.ReadStatus();
        var xdata = reader.ReadXdata();
        return new(errno, reader.ReadIatt(), reader.ReadIatt(), xdata);
    }
}

/// <summary>
/// 23 CREATE: pargfid, u32 flags, u32 mode, u32 umask, str bname, dict with gfid-req. Reply: R0, iattx, u64 fd, the parent's iattx before and after.
/// </summary>
public sealed class CreateCodec : FopCodec<CreateRequest, CreateReply>
{
    public override void WriteRequest(ref XdrWriter writer, in CreateRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.ParentGfid);
        writer.WriteUInt32((uint)request.Flags);
        writer.WriteUInt32(request.Mode);
        writer.WriteUInt32(request.Umask);
        writer.WriteText(request.Loc.Name);
        writer.WriteXdata(request.Xdata);
    }

    public override CreateRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var parent = reader.ReadInode(objects);
        var flags = (OpenFlags)reader.ReadUInt32();
        var mode = reader.ReadUInt32();
        var umask = reader.ReadUInt32();
        var name = reader.ReadEntryName();
        var xdata = reader.ReadXdata();
        var fd = objects.NewFd(CommonFields.RequestedGfid(xdata), flags);
        return new(CommonFields.NewEntry(parent, name, xdata, objects), fd, flags, mode, umask, xdata);
    }

    public override void WriteReply(ref XdrWriter writer, in CreateReply reply, long newFd = WireFd.None)
    {
        writer.WriteHead(reply.Errno, reply.Xdata);
        writer.WriteIatt(reply.Stat);
        writer.WriteInt64(reply.Errno == Errno.None ? newFd : 0);
        writer.WriteIatt(reply.PreParent);
        writer.WriteIatt(reply.PostParent);
    }

    public override CreateReply ReadReply(ref XdrReader reader, in CreateRequest request, out long newFd)
    {
        var errno = reader.ReadStatus();
        var xdata = reader.ReadXdata();
        var stat = reader.ReadIatt();
        var number = reader.ReadInt64();
        newFd = errno == Errno.None ? number : WireFd.None;
        return new(errno, stat, reader.ReadIatt(), reader.ReadIatt(), xdata);
    }

    public override Fd? OpenedFd(in CreateRequest request) => request.Fd;
}

/// <summary>3 MKNOD: pargfid, u64 dev, u32 mode, u32 umask, str bname, dict with gfid-req. Reply: R3.</summary>
public sealed class MknodCodec : EntryCodec<MknodRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in MknodRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.ParentGfid);
        writer.WriteUInt64(request.Dev);
        writer.WriteUInt32(request.Mode);
        writer.WriteUInt32(request.Umask);
        writer.WriteText(request.Loc.Name);
        writer.WriteXdata(request.Xdata);
    }

    public override MknodRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var parent = reader.ReadInode(objects);
        var dev = reader.ReadUInt64();
        var mode = reader.ReadUInt32();
        var umask = reader.ReadUInt32();
        var name = reader.ReadEntryName();
        var xdata = reader.ReadXdata();
        return new(CommonFields.NewEntry(parent, name, xdata, objects), mode, dev, umask, xdata);
    }
}

/// <summary>4 MKDIR: pargfid, u32 mode, u32 umask, str bname, dict with gfid-req. Reply: R3.</summary>
public sealed class MkdirCodec : EntryCodec<MkdirRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in MkdirRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.ParentGfid);
        writer.WriteUInt32(request.Mode);
        writer.WriteUInt32(request.Umask);
        writer.WriteText(request.Loc.Name);
        writer.WriteXdata(request.Xdata);
    }

    public override MkdirRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var parent = reader.ReadInode(objects);
        var mode = reader.ReadUInt32();
        var umask = reader.ReadUInt32();
        var name = reader.ReadEntryName();
        var xdata = reader.ReadXdata();
        return new(CommonFields.NewEntry(parent, name, xdata, objects), mode, umask, xdata);
    }
}

/// <summary>7 SYMLINK: pargfid, str bname, u32 umask, str target, dict with gfid-req. Reply: R3.</summary>
public sealed class SymlinkCodec : EntryCodec<SymlinkRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in SymlinkRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.ParentGfid);
        writer.WriteText(request.Loc.Name);
        writer.WriteUInt32(request.Umask);
        writer.WriteText(request.Target);
        writer.WriteXdata(request.Xdata);
    }

    public override SymlinkRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var parent = reader.ReadInode(objects);
        var name = reader.ReadEntryName();
        var umask = reader.ReadUInt32();
        var target = reader.ReadName("link target", WireLimits.LinkTargetBytes);
        var xdata = reader.ReadXdata();
        return new(CommonFields.NewEntry(parent, name, xdata, objects), target, umask, xdata);
    }
}

/// <summary>9 LINK: oldgfid (the file's), newpargfid, str newname, dict. Reply: R3.</summary>
public sealed class LinkCodec : EntryCodec<LinkRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in LinkRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Old.Gfid);
        writer.WriteGfid(request.New.ParentGfid);
        writer.WriteText(request.New.Name);
        writer.WriteXdata(request.Xdata);
    }

    public override LinkRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var inode = reader.ReadInode(objects);
        var parent = reader.ReadInode(objects);
        return new(new Loc(inode), new Loc(inode, parent, reader.ReadEntryName()), reader.ReadXdata());
    }
}

/// <summary>5 UNLINK: pargfid, str bname, u32 xflags, dict. Reply: R2 of the parent.</summary>
public sealed class UnlinkCodec : PrePostCodec<UnlinkRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in UnlinkRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.ParentGfid);
        writer.WriteText(request.Loc.Name);
        writer.WriteUInt32(request.Flags);
        writer.WriteXdata(request.Xdata);
    }

    public override UnlinkRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var parent = reader.ReadInode(objects);
        return new(new Loc(null, parent, reader.ReadEntryName()), reader.ReadUInt32(), reader.ReadXdata());
    }
}

/// <summary>6 RMDIR: pargfid, i32 xflags, str bname, dict; flags and name the other way round than in UNLINK. Reply: R2 of the parent.</summary>
public sealed class RmdirCodec : PrePostCodec<RmdirRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in RmdirRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.ParentGfid);
        writer.WriteInt32(request.Flags);
        writer.WriteText(request.Loc.Name);
        writer.WriteXdata(request.Xdata);
    }

    public override RmdirRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var parent = reader.ReadInode(objects);
        var flags = reader.ReadInt32();
        return new(new Loc(null, parent, reader.ReadEntryName()), flags, reader.ReadXdata());
    }
}

/// <summary>
/// 8 RENAME: oldpargfid, newpargfid, str oldname, str newname, dict. Reply: R0, iattx of the file, of the old parent before and after, of the new parent
/// before and after.
/// </summary>
public sealed class RenameCodec : FopCodec<RenameRequest, RenameReply>
{
    public override void WriteRequest(ref XdrWriter writer, in RenameRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Old.ParentGfid);
        writer.WriteGfid(request.New.ParentGfid);
        writer.WriteText(request.Old.Name);
        writer.WriteText(request.New.Name);
        writer.WriteXdata(request.Xdata);
    }

    public override RenameRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var oldParent = reader.ReadInode(objects);
        var newParent = reader.ReadInode(objects);
        var oldName = reader.ReadEntryName();
        var newName = reader.ReadEntryName();
        return new(new Loc(null, oldParent, oldName), new Loc(null, newParent, newName), reader.ReadXdata());
    }

    public override void WriteReply(ref XdrWriter writer, in RenameReply reply, long newFd = WireFd.None)
    {
        writer.WriteHead(reply.Errno, reply.Xdata);
        writer.WriteIatt(reply.Stat);
        writer.WriteIatt(reply.PreOldParent);
        writer.WriteIatt(reply.PostOldParent);
        writer.WriteIatt(reply.PreNewParent);
        writer.WriteIatt(reply.PostNewParent);
    }

    public override RenameReply ReadReply(ref XdrReader reader, in RenameRequest request, out long newFd)
    {
        newFd = WireFd.None;
        var errno = reader.ReadStatus();
        var xdata = reader.ReadXdata();
        return new(errno, reader.ReadIatt(), reader.ReadIatt(), reader.ReadIatt(), reader.ReadIatt(), reader.ReadIatt(), xdata);
    }
}

/// <summary>2 READLINK: gfid, u32 size, dict. Reply: R1, str target; op_ret is its length.</summary>
public sealed class ReadlinkCodec : FopCodec<ReadlinkRequest, ReadlinkReply>
{
    public override void WriteRequest(ref XdrWriter writer, in ReadlinkRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        writer.WriteInt32(request.Size);
        writer.WriteXdata(request.Xdata);
    }

    public override ReadlinkRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadLoc(objects), reader.ReadBudget(WireLimits.LinkTargetBytes), reader.ReadXdata());

    public override void WriteReply(ref XdrWriter writer, in ReadlinkReply reply, long newFd = WireFd.None)
    {
        var resultAt = writer.Length;
        writer.WriteHead(reply.Errno, reply.Xdata);
        writer.WriteIatt(reply.Stat);
        var targetAt = writer.Length;
        writer.WriteText(reply.Target);
        if (reply.Errno == Errno.None)
            writer.PatchUInt32(resultAt, BinaryPrimitives.ReadUInt32BigEndian(writer.Written[targetAt..]));
    }

    public override ReadlinkReply ReadReply(ref XdrReader reader, in ReadlinkRequest request, out long newFd)
    {
        newFd = WireFd.None;
        var errno = reader.ReadStatus();
        var xdata = reader.ReadXdata();
        var stat = reader.ReadIatt();
        return new(errno, reader.ReadName("link target", WireLimits.LinkTargetBytes), stat, xdata);
    }
}

/// <summary>53 ICREATE: gfid, u32 mode, dict. Reply: R1.</summary>
public sealed class IcreateCodec : IattCodec<IcreateRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in IcreateRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        writer.WriteUInt32(request.Mode);
        writer.WriteXdata(request.Xdata);
    }

    public override IcreateRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadLoc(objects), reader.ReadUInt32(), reader.ReadXdata());
}

/// <summary>54 NAMELINK: pargfid, str bname, dict. Reply: R2. It kills 10.3 bricks: never send one.</summary>
public sealed class NamelinkCodec : PrePostCodec<NamelinkRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in NamelinkRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.ParentGfid);
        writer.WriteText(request.Loc.Name);
        writer.WriteXdata(request.Xdata);
    }

    public override NamelinkRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var parent = reader.ReadInode(objects);
        var name = reader.ReadEntryName();
        var xdata = reader.ReadXdata();
        return new(CommonFields.NewEntry(parent, name, xdata, objects), xdata);
    }
}

/// <summary>
/// 55 PUT: pargfid, str bname, u32 mode, u32 umask, u32 flag, u64 offset, u32 size, dict of extended attributes, dict, then the data. Reply: R3.
/// </summary>
public sealed class PutCodec : EntryCodec<PutRequest>
{
    public override bool RequestHasPayload => true;

    public override void WriteRequest(ref XdrWriter writer, in PutRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.ParentGfid);
        writer.WriteText(request.Loc.Name);
        writer.WriteUInt32(request.Mode);
        writer.WriteUInt32(request.Umask);
        writer.WriteUInt32((uint)request.Flags);
        writer.WriteInt64(request.Offset);
        writer.WriteInt32(request.Data.Length);
        writer.WriteXdata(request.Xattrs);
        writer.WriteXdata(request.Xdata);
    }

    public override PutRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var parent = reader.ReadInode(objects);
        var name = reader.ReadEntryName();
        var mode = reader.ReadUInt32();
        var umask = reader.ReadUInt32();
        var flags = (OpenFlags)reader.ReadUInt32();
        var offset = reader.ReadOffset();
        var size = reader.ReadUInt32();
        var xattrs = reader.ReadXdata();
        var xdata = reader.ReadXdata();
        var data = objects.Payload;
        if (size != (uint)data.Length)
            reader.Fail($"a PUT announces {size} bytes of data and has {data.Length}");
        return new(CommonFields.NewEntry(parent, name, xdata, objects), mode, umask, flags, offset, data, xattrs, xdata);
    }

    public override Payload RequestPayload(in PutRequest request) => request.Data;
}
