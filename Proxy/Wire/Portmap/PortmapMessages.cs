using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Portmap;

// The portmap program of glusterd, 34123456 version 1: which port serves a brick. gluster-rpc section 4.

/// <summary>1 PORTBYBRICK: str name, the client's remote-subvolume (a brick's path, or a service such as gfproxyd-VOL).</summary>
public readonly record struct PortByBrickRequest(string Brick) : IXdrMessage<PortByBrickRequest>
{
    public void Write(ref XdrWriter writer) => writer.WriteText(Brick);

    public static PortByBrickRequest Read(ref XdrReader reader) => new(reader.ReadText("brick name", WireLimits.TextBytes));
}

/// <summary>i32 op_ret, i32 op_errno, i32 status, i32 port. A name nobody signed in is -1, 0, 0, 0.</summary>
public readonly record struct PortByBrickReply(int Result, int Errno, int Status, int Port) : IXdrMessage<PortByBrickReply>
{
    /// <summary>The name is not known.</summary>
    public static PortByBrickReply Unknown => new(-1, 0, 0, 0);

    /// <summary>Whether there is a port to connect to.</summary>
    public bool IsKnown => Result == 0 && Port is > 0 and <= ushort.MaxValue;

    public void Write(ref XdrWriter writer)
    {
        writer.WriteInt32(Result);
        writer.WriteInt32(Errno);
        writer.WriteInt32(Status);
        writer.WriteInt32(Port);
    }

    public static PortByBrickReply Read(ref XdrReader reader) => new(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
}

/// <summary>4 SIGNIN: str name, i32 port, i32 pid. Any TCP client may; the entry outlives its connection.</summary>
public readonly record struct SignInRequest(string Brick, int Port, int Pid) : IXdrMessage<SignInRequest>
{
    public void Write(ref XdrWriter writer)
    {
        writer.WriteText(Brick);
        writer.WriteInt32(Port);
        writer.WriteInt32(Pid);
    }

    public static SignInRequest Read(ref XdrReader reader) => new(reader.ReadText("brick name", WireLimits.TextBytes), reader.ReadInt32(), reader.ReadInt32());
}

/// <summary>5 SIGNOUT: str name, i32 port, i32 rdma_port.</summary>
public readonly record struct SignOutRequest(string Brick, int Port, int RdmaPort = 0) : IXdrMessage<SignOutRequest>
{
    public void Write(ref XdrWriter writer)
    {
        writer.WriteText(Brick);
        writer.WriteInt32(Port);
        writer.WriteInt32(RdmaPort);
    }

    public static SignOutRequest Read(ref XdrReader reader) => new(reader.ReadText("brick name", WireLimits.TextBytes), reader.ReadInt32(), reader.ReadInt32());
}

/// <summary>i32 op_ret, i32 op_errno: the answer to SIGNIN and SIGNOUT.</summary>
public readonly record struct SignReply(int Result, int Errno) : IXdrMessage<SignReply>
{
    public void Write(ref XdrWriter writer)
    {
        writer.WriteInt32(Result);
        writer.WriteInt32(Errno);
    }

    public static SignReply Read(ref XdrReader reader) => new(reader.ReadInt32(), reader.ReadInt32());
}
