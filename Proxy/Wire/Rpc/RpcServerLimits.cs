namespace BlockProxy.Proxy.Wire.Rpc;

/// <summary>What one <see cref="RpcServer"/> holds at the most. When a limit is reached the connection stops reading, and TCP slows the client down.</summary>
public sealed record RpcServerLimits
{
    /// <summary>Connections; more are closed at once.</summary>
    public int Connections { get; init; } = 4096;

    /// <summary>Calls in flight on one connection, from the call until its reply was handed to the network.</summary>
    public int Requests { get; init; } = 512;

    /// <summary>Payload bytes of those calls, in either direction.</summary>
    public long Bytes { get; init; } = 64L << 20;

    /// <summary>Replies of pings, handshakes and refusals that the client has not taken yet. They are not held up by the calls above.</summary>
    public int ControlReplies { get; init; } = 256;

    /// <summary>
    /// Calls that wait for a lock. They take no place among the requests: the unlock they wait for may come behind them on the same connection. One more
    /// is answered with ENOLCK.
    /// </summary>
    public int WaitingCalls { get; init; } = 65536;

    /// <summary>The largest record before the client logged in.</summary>
    public int RecordBytesBeforeLogin { get; init; } = WireLimits.RecordBytesBeforeLogin;

    /// <summary>The largest record of a client that has logged in.</summary>
    public int RecordBytes { get; init; } = WireLimits.RecordBytes;

    /// <summary>How long a stop waits for the calls in flight.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(10);
}
