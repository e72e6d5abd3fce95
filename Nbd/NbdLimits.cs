namespace BlockProxy.Nbd;

/// <summary>Every bound of the server. A client that reaches one feels back pressure or gets the protocol's error, as each says.</summary>
public sealed record NbdLimits
{
    /// <summary>Connections at once. Further clients wait in the listener's backlog until one leaves.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>How long a client may take from connecting until it enters transmission; then it is disconnected.</summary>
    public TimeSpan HandshakeDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Options in one handshake; a client that sends more is disconnected.</summary>
    public int MaxOptions { get; init; } = 4096;

    /// <summary>Bytes of data of one option. Longer data is skipped unread and answered with NBD_REP_ERR_TOO_BIG.</summary>
    public int MaxOptionBytes { get; init; } = 32 << 10;

    /// <summary>Requests of one connection that were received and whose replies were not sent yet; at the limit the server stops reading.</summary>
    public int MaxRequestsInFlight { get; init; } = 256;

    /// <summary>Payload bytes of these requests. One request larger than this is let through when it is alone.</summary>
    public long MaxBytesInFlight { get; init; } = 64L << 20;

    /// <summary>The largest read or write. A larger one fails; it does not end the connection.</summary>
    public int MaxRequestBytes { get; init; } = 32 << 20;

    /// <summary>Extents in one reply to NBD_CMD_BLOCK_STATUS; the client asks again from where the reply ends. The protocol says at most 2^20.</summary>
    public int MaxExtents { get; init; } = 16 << 10;

    /// <summary>What one connection receives ahead, bytes. Together with <see cref="MaxBytesInFlight"/> it is all the payload memory of a connection.</summary>
    public int ReceiveBufferBytes { get; init; } = 64 << 10;

    /// <summary>
    /// How long a stopping server, having sent its last reply, waits for the client to close first: closing at once could destroy replies
    /// that the client has not read yet.
    /// </summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The pause after an accept that failed, for instance because the process has no file descriptor left.</summary>
    public TimeSpan AcceptRetryDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <exception cref="ArgumentOutOfRangeException">A limit leaves no room to work; it is named.</exception>
    public NbdLimits Validated()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnections, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HandshakeDeadline, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxOptions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxOptionBytes, Wire.NbdString.MaximumBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRequestsInFlight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytesInFlight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRequestBytes, 64 << 10); // unfragmented reads up to 65,536 bytes must work
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxExtents, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxExtents, 1 << 20);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReceiveBufferBytes, MaxOptionBytes + Wire.OptionHeader.Size);
        ArgumentOutOfRangeException.ThrowIfLessThan(Linger, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AcceptRetryDelay, TimeSpan.Zero);
        return this;
    }
}
