using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Translators.Protocol.Client;

internal static partial class ClientLog
{
    [LoggerMessage(EventId = 2301, Level = LogLevel.Information, Message = "Brick {Brick}: connected at {Remote}")]
    public static partial void Connected(ILogger logger, string brick, string remote);

    [LoggerMessage(EventId = 2302, Level = LogLevel.Information, Message = "Brick {Brick}: connected at {Remote} again; {Reopened} open files were reopened, {Failed} could not be")]
    public static partial void Reconnected(ILogger logger, string brick, string remote, int reopened, int failed);

    [LoggerMessage(EventId = 2303, Level = LogLevel.Warning, Message = "Brick {Brick}: the connection to {Remote} is lost: {Reason}; connecting again")]
    public static partial void Lost(ILogger logger, string brick, string remote, string reason);

    [LoggerMessage(EventId = 2304, Level = LogLevel.Warning, Message = "Brick {Brick}: cannot be reached: {Reason}; trying on")]
    public static partial void NotReached(ILogger logger, string brick, string reason);

    [LoggerMessage(EventId = 2305, Level = LogLevel.Warning, Message = "Brick {Brick}: connected at {Remote}, but its storage is down")]
    public static partial void StorageDown(ILogger logger, string brick, string remote);

    [LoggerMessage(EventId = 2306, Level = LogLevel.Warning, Message = "Brick {Brick}: its storage went {State}")]
    public static partial void StorageChanged(ILogger logger, string brick, string state);

    [LoggerMessage(EventId = 2307, Level = LogLevel.Warning, Message = "Brick {Brick}: file {File} could not be opened again after the reconnect: {Errno}")]
    public static partial void NotReopened(ILogger logger, string brick, string file, Fops.Errno errno);
}
