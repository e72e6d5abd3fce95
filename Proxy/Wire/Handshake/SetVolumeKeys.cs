namespace BlockProxy.Proxy.Wire.Handshake;

/// <summary>The keys of SETVOLUME's dictionaries. gluster-rpc section 11.</summary>
public static class SetVolumeKeys
{
    // In the call. The first three are what a brick cannot do without.
    public const string RemoteSubvolume = "remote-subvolume";

    /// <summary>CTX_ID:…-GRAPH_ID:…-PID:…-HOST:…-PC_NAME:…-RECON_NO:-…; connections with the same one and the same credential share fds and locks.</summary>
    public const string ProcessUuid = "process-uuid";

    /// <summary>The fop program's number, not its version.</summary>
    public const string FopsVersion = "fops-version";

    public const string ClientVersion = "client-version";
    public const string ClientLkVersion = "clnt-lk-version";
    public const string OperatingVersion = "opversion";
    public const string VolfileKey = "volfile-key";
    public const string VolfileChecksum = "volfile-checksum";
    public const string UserName = "username";
    public const string Password = "password";
    public const string ProcessName = "process-name";
    public const string SubdirMount = "subdir-mount";

    // In both directions.
    public const string VolumeId = "volume-id";

    // In the reply.

    /// <summary>"Success", or what went wrong. A client takes errno 13 for final only when this key is there.</summary>
    public const string Error = "ERROR";

    /// <summary>"0": connected, but the brick's storage is down. Absent: up.</summary>
    public const string ChildUp = "child_up";
    public const string TransportPointer = "transport-ptr";
}

/// <summary>The keys of GETSPEC's dictionaries. gluster-rpc section 10.</summary>
public static class GetSpecKeys
{
    public const string MinimumOpVersion = "min-op-version";
    public const string MaximumOpVersion = "max-op-version";

    /// <summary>In the call of a brick.</summary>
    public const string BrickName = "brick_name";

    /// <summary>In the reply: backup volfile servers, "host:24007 host2:24007 ".</summary>
    public const string BrickVolServers = "cluster.brick-vol-servers";
}
