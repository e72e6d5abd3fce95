using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Graph;

internal static partial class GraphLog
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Information, Message = "Volume {Volume}: {Type} '{Name}' is passed through: {Reason}")]
    public static partial void PassedThrough(ILogger logger, string volume, string type, string name, string reason);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Debug, Message = "Volume {Volume}: {Type} '{Name}' does not know option '{Key}' and ignores it")]
    public static partial void UnknownOption(ILogger logger, string volume, string type, string name, string key);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Information, Message = "Volume {Volume}: graph {GraphId} is up")]
    public static partial void GraphUp(ILogger logger, string volume, int graphId);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning, Message = "Volume {Volume}: graph {GraphId} is down: no brick can be reached")]
    public static partial void GraphDown(ILogger logger, string volume, int graphId);

    [LoggerMessage(EventId = 2005, Level = LogLevel.Information, Message = "Volume {Volume}: new options are in effect: {Changes}")]
    public static partial void Reconfigured(ILogger logger, string volume, string changes);

    [LoggerMessage(EventId = 2006, Level = LogLevel.Warning, Message = "Volume {Volume}: the new volfile has another topology; this graph stays in use until the next start")]
    public static partial void TopologyChanged(ILogger logger, string volume);

    [LoggerMessage(EventId = 2007, Level = LogLevel.Error, Message = "Volume {Volume}: the new volfile is refused and the old one stays: {Error}")]
    public static partial void VolfileRefused(ILogger logger, string volume, string error);
}
