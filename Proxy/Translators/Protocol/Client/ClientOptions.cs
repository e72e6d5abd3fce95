using BlockProxy.Io;
using BlockProxy.Proxy.Options;

namespace BlockProxy.Proxy.Translators.Protocol.Client;

/// <summary>Options of protocol/client, with the keys of stock volfiles.</summary>
public sealed record ClientOptions : IVolumeOptions<ClientOptions>
{
    /// <summary>Empty: the host that the volfile came from.</summary>
    public string RemoteHost { get; init; } = "";

    /// <summary>0: glusterd's portmapper on port 24007 is asked.</summary>
    public int RemotePort { get; init; }

    /// <summary>The brick's path, or a service such as <c>gfproxyd-VOL</c>.</summary>
    public string RemoteSubvolume { get; init; } = "";

    public string? UserName { get; init; }

    public string? Password { get; init; }

    public string TransportType { get; init; } = "tcp";

    public bool SslEnabled { get; init; }

    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(42);

    public TimeSpan FrameTimeout { get; init; } = TimeSpan.FromSeconds(1800);

    public int KeepaliveTime { get; init; } = 20;

    public int KeepaliveInterval { get; init; } = 2;

    public int KeepaliveCount { get; init; } = 9;

    /// <summary>Seconds; 0 leaves it to the system.</summary>
    public int UserTimeout { get; init; }

    public bool SendGids { get; init; } = true;

    public bool StrictLocks { get; init; }

    /// <summary>O_DIRECT is not sent to the brick.</summary>
    public bool FilterDirect { get; init; }

    /// <summary>Zero: fops fail with ENOTCONN while the brick cannot be reached, as stock clients' do.</summary>
    public TimeSpan ReconnectWait { get; init; }

    public static OptionTable<ClientOptions> Table { get; } = new OptionTable<ClientOptions>()
        .Text("remote-host", "The brick's host; without it the host that the volfile came from.", o => o.RemoteHost, (o, v) => o with { RemoteHost = v })
        .Int("remote-port", "The brick's port; 0 asks glusterd's portmapper at remote-host:24007.", o => o.RemotePort, (o, v) => o with { RemotePort = (int)v }, 0, ushort.MaxValue)
        .Text("remote-subvolume", "The brick: its path, or the name of a service.", o => o.RemoteSubvolume, (o, v) => o with { RemoteSubvolume = v })
        .Text("username", "The user of the brick's login authentication.", o => o.UserName, (o, v) => o with { UserName = v })
        .Text("password", "That user's password.", o => o.Password, (o, v) => o with { Password = v })
        .Text("transport-type", "The transport: only tcp is supported.", o => o.TransportType, (o, v) => o with { TransportType = v })
        .Text("transport.address-family", "The address family; names are resolved to whatever they have.", _ => "", (o, _) => o)
        .Bool("transport.socket.ssl-enabled", "TLS to the brick: not supported yet.", o => o.SslEnabled, (o, v) => o with { SslEnabled = v })
        .Seconds("ping-timeout", "A brick that is silent for so long while calls are outstanding is given up; 0 never does.",
            o => o.PingTimeout, (o, v) => o with { PingTimeout = v }, 0, 1013)
        .Seconds("frame-timeout", "A single call without a reply for so long fails with ENOTCONN; 0 waits for ever.",
            o => o.FrameTimeout, (o, v) => o with { FrameTimeout = v }, 0, 86400)
        .Int("transport.socket.keepalive-time", "Idle seconds before TCP sends a keepalive.", o => o.KeepaliveTime, (o, v) => o with { KeepaliveTime = (int)v }, 0, 32767)
        .Int("transport.socket.keepalive-interval", "Seconds between keepalives.", o => o.KeepaliveInterval, (o, v) => o with { KeepaliveInterval = (int)v }, 0, 32767)
        .Int("transport.socket.keepalive-count", "Keepalives without an answer that end the connection.", o => o.KeepaliveCount, (o, v) => o with { KeepaliveCount = (int)v }, 0, 127)
        .Int("transport.tcp-user-timeout", "Seconds that sent data may stay unacknowledged; 0 leaves it to the system.",
            o => o.UserTimeout, (o, v) => o with { UserTimeout = (int)v }, 0, 1013)
        .Bool("send-gids", "Whether the caller's supplementary groups are sent to the brick.", o => o.SendGids, (o, v) => o with { SendGids = v })
        .Bool("strict-locks", "Files with POSIX locks are not reopened after a disconnect, since the brick dropped the locks.", o => o.StrictLocks, (o, v) => o with { StrictLocks = v })
        .Bool("filter-O_DIRECT", "O_DIRECT is taken out of open flags and not sent to the brick.", o => o.FilterDirect, (o, v) => o with { FilterDirect = v },
            "remote-dio")
        .Seconds("reconnect-wait", "How long fops wait for a brick that cannot be reached; 0 fails them at once with ENOTCONN, as stock clients do.",
            o => o.ReconnectWait, (o, v) => o with { ReconnectWait = v }, 0, 86400);

    public SocketSettings Sockets => new()
    {
        KeepAliveIdleSeconds = KeepaliveTime,
        KeepAliveIntervalSeconds = KeepaliveInterval,
        KeepAliveCount = KeepaliveCount,
        UserTimeoutMilliseconds = UserTimeout * 1000,
    };

    /// <summary>What cannot be served with these options, as the end of a sentence; null when all is well.</summary>
    public string? Unsupported()
    {
        if (SslEnabled)
            return "option 'transport.socket.ssl-enabled': TLS to bricks is not supported yet; switch client.ssl and server.ssl off";
        if (!TransportType.Split(',').Contains("tcp"))
            return $"option 'transport-type': '{TransportType}' is not supported; expected tcp";
        return RemoteSubvolume.Length == 0 ? "has no option 'remote-subvolume'" : null;
    }
}
