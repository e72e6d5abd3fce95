namespace BlockProxy.Proxy.Wire;

/// <summary>An RPC program as DUMP lists it.</summary>
public readonly record struct RpcProgram(uint Number, uint Version)
{
    /// <summary>GF-DUMP: which programs a server has; also the ping. Everywhere.</summary>
    public static RpcProgram Dump => new(123451501, 1);

    /// <summary>SETVOLUME on bricks, GETSPEC on glusterd.</summary>
    public static RpcProgram Handshake => new(14398633, 2);

    /// <summary>Which port a brick listens on. Glusterd.</summary>
    public static RpcProgram Portmap => new(34123456, 1);

    /// <summary>"GlusterFS 4.x v1": the file operations. Bricks.</summary>
    public static RpcProgram Fops => new(1298437, 400);

    /// <summary>The older encoding of the file operations, which bricks also list.</summary>
    public static RpcProgram Fops330 => new(1298437, 330);

    /// <summary>Calls from server to client, over the client's connection; they are never answered.</summary>
    public static RpcProgram Callback => new(52743234, 1);

    /// <summary>The read-only set of glusterd's command line program.</summary>
    public static RpcProgram GlusterdCli => new(1238463, 2);

    public override string ToString() => $"{Number}/{Version}";
}

/// <summary>Procedures of <see cref="RpcProgram.Dump"/>.</summary>
public enum DumpProcedure : uint
{
    Null = 0,
    Dump = 1,
    Ping = 2,
}

/// <summary>Procedures of <see cref="RpcProgram.Handshake"/>. A brick has 1 to 4, glusterd 2, 5, 6 and 7.</summary>
public enum HandshakeProcedure : uint
{
    Null = 0,
    SetVolume = 1,
    GetSpec = 2,
    Ping = 3,
    SetLkVersion = 4,
    EventNotify = 5,
    GetVolumeInfo = 6,
    GetSnapshotInfo = 7,
}

/// <summary>Procedures of <see cref="RpcProgram.Portmap"/>. BRICKBYPORT never answers and SIGNUP is unused.</summary>
public enum PortmapProcedure : uint
{
    Null = 0,
    PortByBrick = 1,
    BrickByPort = 2,
    SignUp = 3,
    SignIn = 4,
    SignOut = 5,
}

/// <summary>Procedures of <see cref="RpcProgram.Callback"/>.</summary>
public enum CallbackProcedure : uint
{
    Null = 0,
    FetchSpec = 1,
    InoFlush = 2,
    EventNotify = 3,
    GetSnapshots = 4,
    CacheInvalidation = 5,
    ChildUp = 6,
    ChildDown = 7,
    RecallLease = 8,
    Statedump = 9,
    InodelkContention = 10,
    EntrylkContention = 11,
}
