using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Gfs4;

/// <summary>17 SETXATTR: gfid, u32 flags, dict of values, dict. Reply: R0.</summary>
public sealed class SetxattrCodec : StatusCodec<SetxattrRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in SetxattrRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        writer.WriteUInt32((uint)request.Flags);
        writer.WriteXdata(request.Values);
        writer.WriteXdata(request.Xdata);
    }

    public override SetxattrRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var loc = reader.ReadLoc(objects);
        var flags = (SetxattrFlags)reader.ReadUInt32();
        return new(loc, reader.ReadValues(), flags, reader.ReadXdata());
    }
}

/// <summary>36 FSETXATTR: gfid, i64 fd, u32 flags, dict of values, dict. Reply: R0.</summary>
public sealed class FsetxattrCodec : StatusCodec<FsetxattrRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in FsetxattrRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteUInt32((uint)request.Flags);
        writer.WriteXdata(request.Values);
        writer.WriteXdata(request.Xdata);
    }

    public override FsetxattrRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var fd = reader.ReadFd(objects);
        var flags = (SetxattrFlags)reader.ReadUInt32();
        return new(fd, reader.ReadValues(), flags, reader.ReadXdata());
    }
}

/// <summary>18 GETXATTR: gfid, u32 namelen (1: a name is given, 0: all), str name, dict. Reply: RD.</summary>
public sealed class GetxattrCodec : XattrCodec<GetxattrRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in GetxattrRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        XattrName.WriteOptional(ref writer, request.Name);
        writer.WriteXdata(request.Xdata);
    }

    public override GetxattrRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadLoc(objects), XattrName.ReadOptional(ref reader), reader.ReadXdata());

    private protected override int Result(in XattrReply reply) => XattrName.LengthOfOne(reply.Values);
}

/// <summary>35 FGETXATTR: gfid, i64 fd, u32 namelen, str name, dict. Reply: RD.</summary>
public sealed class FgetxattrCodec : XattrCodec<FgetxattrRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in FgetxattrRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        XattrName.WriteOptional(ref writer, request.Name);
        writer.WriteXdata(request.Xdata);
    }

    public override FgetxattrRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadFd(objects), XattrName.ReadOptional(ref reader), reader.ReadXdata());

    private protected override int Result(in XattrReply reply) => XattrName.LengthOfOne(reply.Values);
}

/// <summary>19 REMOVEXATTR: gfid, str name, dict. Reply: R0.</summary>
public sealed class RemovexattrCodec : StatusCodec<RemovexattrRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in RemovexattrRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        writer.WriteText(request.Name);
        writer.WriteXdata(request.Xdata);
    }

    public override RemovexattrRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadLoc(objects), XattrName.Read(ref reader), reader.ReadXdata());
}

/// <summary>43 FREMOVEXATTR: gfid, i64 fd, str name, dict. Reply: R0.</summary>
public sealed class FremovexattrCodec : StatusCodec<FremovexattrRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in FremovexattrRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteText(request.Name);
        writer.WriteXdata(request.Xdata);
    }

    public override FremovexattrRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadFd(objects), XattrName.Read(ref reader), reader.ReadXdata());
}

/// <summary>33 XATTROP: gfid, u32 op, dict of values, dict. Reply: RD.</summary>
public sealed class XattropCodec : XattrCodec<XattropRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in XattropRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        writer.WriteUInt32((uint)request.Kind);
        writer.WriteXdata(request.Values);
        writer.WriteXdata(request.Xdata);
    }

    public override XattropRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadLoc(objects), (XattropKind)reader.ReadUInt32(), reader.ReadValues(), reader.ReadXdata());
}

/// <summary>34 FXATTROP: gfid, i64 fd, u32 op, dict of values, dict. Reply: RD.</summary>
public sealed class FxattropCodec : XattrCodec<FxattropRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in FxattropRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        writer.WriteUInt32((uint)request.Kind);
        writer.WriteXdata(request.Values);
        writer.WriteXdata(request.Xdata);
    }

    public override FxattropRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadFd(objects), (XattropKind)reader.ReadUInt32(), reader.ReadValues(), reader.ReadXdata());
}

internal static class XattrName
{
    public static string Read(ref XdrReader reader) => reader.ReadName("attribute name", WireLimits.DictionaryKeyBytes);

    public static void WriteOptional(ref XdrWriter writer, string? name)
    {
        writer.WriteUInt32(name is null ? 0u : 1);
        writer.WriteText(name);
    }

    public static string? ReadOptional(ref XdrReader reader)
    {
        var given = reader.ReadUInt32() != 0;
        var name = Read(ref reader);
        return given ? name : null;
    }

    /// <summary>op_ret of GETXATTR: the length of the one value that was asked for. Of several values it means nothing.</summary>
    public static int LengthOfOne(Xdata? values)
    {
        if (values is not { Count: 1 })
            return 0;
        using var one = values.GetEnumerator();
        one.MoveNext();
        return one.Current.Value.AsBytes()?.Length ?? 0;
    }
}
