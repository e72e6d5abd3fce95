using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Rpc;

/// <summary>Where the payload of a reply goes, once its head has been read.</summary>
internal readonly record struct PayloadPlace(Memory<byte> Destination, int Length);

/// <summary>
/// A call that waits for its reply. The connection calls exactly one of <see cref="Reply"/>, <see cref="PayloadArrived"/> and <see cref="Lost"/> last,
/// and nothing after it: the object may be in its pool by then.
/// </summary>
internal interface IRpcPending
{
    /// <summary>What was called, for messages.</summary>
    string Description { get; }

    /// <summary>Whether the reply ends with raw bytes that go to memory of the caller.</summary>
    bool HasPayload { get; }

    /// <summary>Blocking locks wait as long as it takes; everything else is bounded by the frame timeout.</summary>
    bool MayWaitForever { get; }

    /// <summary>The sweep number at which it was sent, for the frame timeout.</summary>
    int SentAt { get; set; }

    /// <summary>The whole reply has arrived. Answers what is wrong with it when it cannot be understood; the connection then ends.</summary>
    string? Reply(in RpcReplyHeader header, ref XdrReader body);

    /// <summary>
    /// For calls with a payload: finds out how long the body is without its payload.
    /// </summary>
    /// <param name="body">What has arrived of the body.</param>
    /// <param name="needed">When true, the length; when false, how many bytes must have arrived to ask again.</param>
    bool TryGetBodyLength(ReadOnlySpan<byte> body, out int needed);

    /// <summary>The body has arrived, its payload follows. Answers what is wrong with it, or null and where the payload goes.</summary>
    string? BeginPayload(ref XdrReader body, int payloadLength, out PayloadPlace place);

    /// <summary>The payload is in place.</summary>
    void PayloadArrived();

    /// <summary>No reply came: the connection ended, or (then on a timer's thread) the frame timeout passed.</summary>
    void Lost(bool connectionEnded);
}
