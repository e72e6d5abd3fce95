using Microsoft.Extensions.Logging;

namespace BlockProxy.Gateway.Hosting;

internal static partial class GatewayLog
{
    [LoggerMessage(EventId = 4001, Level = LogLevel.Information, Message = "Serving {Exports} exports over NBD on {Addresses}")]
    public static partial void Serving(ILogger logger, int exports, string addresses);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Information, Message = "Stopping: no new connections; requests in flight get up to {Seconds} s")]
    public static partial void Stopping(ILogger logger, double seconds);

    [LoggerMessage(EventId = 4003, Level = LogLevel.Information, Message = "Stopped: every export is flushed and closed")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(EventId = 4004, Level = LogLevel.Information, Message = "Volume {Volume}: volfile from {Source}, {Translators} translators")]
    public static partial void VolumeOpened(ILogger logger, string volume, string source, int translators);

    [LoggerMessage(EventId = 4005, Level = LogLevel.Error, Message = "Volume {Volume}: the changed volfile from {Source} is not well-formed and is ignored: {Error}")]
    public static partial void BadVolfile(ILogger logger, string volume, string source, string error);

    [LoggerMessage(EventId = 4007, Level = LogLevel.Error, Message = "Export {Export}: the flush at its close failed: {Error}; writes that no client flushed may be lost")]
    public static partial void CloseFailed(ILogger logger, string export, string error);

    [LoggerMessage(EventId = 4008, Level = LogLevel.Information, Message = "Brick {Directory} serves on {Address}")]
    public static partial void BrickServing(ILogger logger, string directory, string address);

    [LoggerMessage(EventId = 4009, Level = LogLevel.Warning, Message = "{Failure}; trying again")]
    public static partial void WaitingForGlusterd(ILogger logger, string failure);
}
