using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Wire.Rpc;

internal static partial class RpcServerLog
{
    [LoggerMessage(EventId = 3101, Level = LogLevel.Warning, Message = "Connection from {Remote} closed: {Reason}")]
    public static partial void ProtocolViolation(ILogger logger, string remote, string reason);

    [LoggerMessage(EventId = 3102, Level = LogLevel.Warning, Message = "Connection from {Remote} refused: {Limit} connections are open")]
    public static partial void TooManyConnections(ILogger logger, string remote, int limit);

    [LoggerMessage(EventId = 3103, Level = LogLevel.Error, Message = "Accepting on {Address} failed: {Reason}")]
    public static partial void AcceptFailed(ILogger logger, string address, string reason);

    [LoggerMessage(EventId = 3104, Level = LogLevel.Information, Message = "Listening on {Address}")]
    public static partial void Listening(ILogger logger, string address);

    [LoggerMessage(EventId = 3105, Level = LogLevel.Error, Message = "Connection from {Remote} closed by an internal error")]
    public static partial void InternalError(ILogger logger, Exception error, string remote);

    [LoggerMessage(EventId = 3106, Level = LogLevel.Warning, Message = "Stopping with {Count} connections whose calls did not end within {Seconds} s")]
    public static partial void NotDrained(ILogger logger, int count, double seconds);
}
