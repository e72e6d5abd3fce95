using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Mgmt;

internal static partial class MgmtLog
{
    [LoggerMessage(EventId = 2201, Level = LogLevel.Warning, Message = "Volume {Volume}: the connection to glusterd at {Server} is lost: {Reason}; trying again every {Seconds} s. Volume changes are not seen meanwhile; I/O goes on")]
    public static partial void Lost(ILogger logger, string volume, string server, string reason, double seconds);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Information, Message = "Volume {Volume}: connected to glusterd at {Server} again")]
    public static partial void Back(ILogger logger, string volume, string server);

    [LoggerMessage(EventId = 2203, Level = LogLevel.Warning, Message = "Volume {Volume}: glusterd said that the volfile changed, but gave none: {Reason}")]
    public static partial void RefetchFailed(ILogger logger, string volume, string reason);

    [LoggerMessage(EventId = 2204, Level = LogLevel.Debug, Message = "Volume {Volume}: glusterd said that the volfile changed")]
    public static partial void FetchSpec(ILogger logger, string volume);
}
