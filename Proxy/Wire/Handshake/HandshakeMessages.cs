using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Handshake;

// The handshake program, 14398633 version 2: how a client gets its volfile from glusterd and logs in to a brick. gluster-rpc sections 4, 10, 11.
// Every reply begins with i32 op_ret, i32 op_errno; op_ret -1 is failure. On success op_errno may be anything (SETVOLUME: 22).

/// <summary>1 SETVOLUME, the login: one dictionary of texts. <see cref="SetVolumeKeys"/> names its keys.</summary>
public readonly record struct SetVolumeRequest(DictBlob? Options) : IXdrMessage<SetVolumeRequest>
{
    public void Write(ref XdrWriter writer) => writer.WriteBlob(Options);

    public static SetVolumeRequest Read(ref XdrReader reader) => new(reader.ReadBlob());
}

/// <summary>The answer to SETVOLUME, and to other calls that answer a dictionary: i32 op_ret, i32 op_errno, blob.</summary>
public readonly record struct DictReply(int Result, int Errno, DictBlob? Dict = null) : IXdrMessage<DictReply>
{
    public void Write(ref XdrWriter writer)
    {
        writer.WriteInt32(Result);
        writer.WriteInt32(Errno);
        writer.WriteBlob(Dict);
    }

    public static DictReply Read(ref XdrReader reader) => new(reader.ReadInt32(), reader.ReadInt32(), reader.ReadBlob());
}

/// <summary>2 GETSPEC: u32 flags (1: the client asks for a server list), str key (the volfile id), blob.</summary>
public readonly record struct GetSpecRequest(string Key, DictBlob? Xdata, uint Flags = 1) : IXdrMessage<GetSpecRequest>
{
    public void Write(ref XdrWriter writer)
    {
        writer.WriteUInt32(Flags);
        writer.WriteText(Key);
        writer.WriteBlob(Xdata);
    }

    public static GetSpecRequest Read(ref XdrReader reader)
    {
        var flags = reader.ReadUInt32();
        return new(reader.ReadText("volfile key", WireLimits.TextBytes), reader.ReadBlob(), flags);
    }
}

/// <summary>i32 op_ret (the length of the volfile, or -1), i32 op_errno, str volfile, blob.</summary>
public readonly record struct GetSpecReply(int Result, int Errno, string Volfile, DictBlob? Xdata = null) : IXdrMessage<GetSpecReply>
{
    public void Write(ref XdrWriter writer)
    {
        writer.WriteInt32(Result);
        writer.WriteInt32(Errno);
        writer.WriteText(Volfile);
        writer.WriteBlob(Xdata);
    }

    public static GetSpecReply Read(ref XdrReader reader) => new(
        reader.ReadInt32(), reader.ReadInt32(), reader.ReadText("volfile", WireLimits.VolfileBytes), reader.ReadBlob());

    /// <summary>A volfile.</summary>
    public static GetSpecReply Of(string volfile) => new(Fops.ByteText.Encode(volfile).Length, 0, volfile);
}

/// <summary>4 SET_LK_VER: str uid, i32 version. Current clients do not send it.</summary>
public readonly record struct SetLkVersionRequest(string Uid, int Version) : IXdrMessage<SetLkVersionRequest>
{
    public void Write(ref XdrWriter writer)
    {
        writer.WriteText(Uid);
        writer.WriteInt32(Version);
    }

    public static SetLkVersionRequest Read(ref XdrReader reader) => new(reader.ReadText("uid", WireLimits.TextBytes), reader.ReadInt32());
}

/// <summary>i32 op_ret, i32 op_errno, i32 version.</summary>
public readonly record struct SetLkVersionReply(int Result, int Errno, int Version) : IXdrMessage<SetLkVersionReply>
{
    public void Write(ref XdrWriter writer)
    {
        writer.WriteInt32(Result);
        writer.WriteInt32(Errno);
        writer.WriteInt32(Version);
    }

    public static SetLkVersionReply Read(ref XdrReader reader) => new(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
}

/// <summary>5 EVENT_NOTIFY, and callback 3: i32 operation (1: rebalance status), blob. The answer is a <see cref="DictReply"/>.</summary>
public readonly record struct EventNotify(int Operation, DictBlob? Dict) : IXdrMessage<EventNotify>
{
    public void Write(ref XdrWriter writer)
    {
        writer.WriteInt32(Operation);
        writer.WriteBlob(Dict);
    }

    public static EventNotify Read(ref XdrReader reader) => new(reader.ReadInt32(), reader.ReadBlob());
}

/// <summary>6 GET_VOLUME_INFO and 7 GET_SNAPSHOT_INFO: one dictionary (flags="1", volname).</summary>
public readonly record struct GetInfoRequest(DictBlob? Dict) : IXdrMessage<GetInfoRequest>
{
    public void Write(ref XdrWriter writer) => writer.WriteBlob(Dict);

    public static GetInfoRequest Read(ref XdrReader reader) => new(reader.ReadBlob());
}

/// <summary>i32 op_ret, i32 op_errno, str error, blob (volume_id, or snap-count and snapname.N). glusterd's CLI program answers the same shape.</summary>
public readonly record struct GetInfoReply(int Result, int Errno, string Error, DictBlob? Dict) : IXdrMessage<GetInfoReply>
{
    public void Write(ref XdrWriter writer)
    {
        writer.WriteInt32(Result);
        writer.WriteInt32(Errno);
        writer.WriteText(Error);
        writer.WriteBlob(Dict);
    }

    public static GetInfoReply Read(ref XdrReader reader) => new(
        reader.ReadInt32(), reader.ReadInt32(), reader.ReadText("error", WireLimits.TextBytes), reader.ReadBlob());
}
