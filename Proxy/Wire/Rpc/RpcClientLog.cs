using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Wire.Rpc;

internal static partial class RpcClientLog
{
    [LoggerMessage(EventId = 2101, Level = LogLevel.Warning, Message = "{Remote}: a reply to a call that nobody waits for (xid {Xid}) is ignored; more of them on this connection are not reported")]
    public static partial void UnknownXid(ILogger logger, string remote, uint xid);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Warning, Message = "{Remote}: {Call} was not executed: {Reason}")]
    public static partial void NotExecuted(ILogger logger, string remote, string call, string reason);

    [LoggerMessage(EventId = 2103, Level = LogLevel.Error, Message = "{Remote}: {Call} got no reply within the frame timeout and is given up")]
    public static partial void FrameTimeout(ILogger logger, string remote, string call);

    [LoggerMessage(EventId = 2104, Level = LogLevel.Debug, Message = "{Remote}: a call from the server, program {Program} procedure {Procedure}, is not known and ignored")]
    public static partial void UnknownCallback(ILogger logger, string remote, RpcProgram program, uint procedure);
}
