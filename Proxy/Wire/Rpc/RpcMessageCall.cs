using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Rpc;

/// <summary>A call of one of the small programs: handshake, portmap, dump. Not pooled; there are a few in a connection's life.</summary>
internal sealed class RpcMessageCall<TReply>(string description) : IRpcPending
    where TReply : struct, IXdrMessage<TReply>
{
    private readonly TaskCompletionSource<RpcResult<TReply>> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Description => description;

    public bool HasPayload => false;

    public bool MayWaitForever => false;

    public int SentAt { get; set; }

    public Task<RpcResult<TReply>> Task => _result.Task;

    public string? Reply(in RpcReplyHeader header, ref XdrReader body)
    {
        if (!header.IsSuccess)
        {
            _result.TrySetResult(new(null, RpcRefusal.Describe(in header)));
            return null;
        }

        var reply = TReply.Read(ref body);
        if (body.Failure is { } failure)
        {
            _result.TrySetResult(new(null, $"its answer cannot be understood: {failure}"));
            return failure;
        }

        _result.TrySetResult(new(reply, null));
        return null;
    }

    public bool TryGetBodyLength(ReadOnlySpan<byte> body, out int needed) => throw new InvalidOperationException("no payload belongs to this reply");

    public string? BeginPayload(ref XdrReader body, int payloadLength, out PayloadPlace place) => throw new InvalidOperationException("no payload belongs to this reply");

    public void PayloadArrived() => throw new InvalidOperationException("no payload belongs to this reply");

    public void Lost(bool connectionEnded) => _result.TrySetResult(new(null, connectionEnded ? "the connection ended before it answered" : "it did not answer"));
}

/// <summary>Replies that carry no body because the call was not executed.</summary>
internal static class RpcRefusal
{
    public static string Describe(in RpcReplyHeader header) => header switch
    {
        { Denied: true, Reject: RejectStatus.AuthError } => "the credential was refused (AUTH_ERROR)",
        { Denied: true } => "the RPC version was refused (RPC_MISMATCH)",
        { Accept: AcceptStatus.ProgramUnavailable } => "the server does not have that program (PROG_UNAVAIL)",
        { Accept: AcceptStatus.ProgramMismatch } => "the server does not have that version of the program (PROG_MISMATCH)",
        { Accept: AcceptStatus.ProcedureUnavailable } => "the server does not have that procedure (PROC_UNAVAIL)",
        { Accept: AcceptStatus.GarbageArguments } => "the server could not read the arguments, or wants a login first (GARBAGE_ARGS)",
        _ => "the server failed (SYSTEM_ERR)",
    };
}
