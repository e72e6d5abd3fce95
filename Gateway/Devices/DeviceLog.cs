using BlockProxy.Proxy.Fops;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Gateway.Devices;

internal static partial class DeviceLog
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Error, Message = "Export {Export}: {Fop} at {Offset}+{Length} of {File} failed: {Errno}")]
    public static partial void FopFailed(ILogger logger, string export, Fop fop, long offset, long length, string file, Errno errno);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Information, Message = "Export {Export}: created {File} with {Size} bytes")]
    public static partial void Created(ILogger logger, string export, string file, long size);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Information, Message = "Export {Export}: the bricks cannot punch holes; zeros are written instead")]
    public static partial void NoDiscard(ILogger logger, string export);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Information, Message = "Export {Export}: {File}, {Size} bytes{ReadOnly}")]
    public static partial void Opened(ILogger logger, string export, string file, long size, string readOnly);
}
