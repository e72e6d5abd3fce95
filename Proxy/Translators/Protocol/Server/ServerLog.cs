using BlockProxy.Proxy.Fops;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Translators.Protocol.Server;

internal static partial class ServerLog
{
    [LoggerMessage(EventId = 5201, Level = LogLevel.Information, Message = "Client {Client} from {Remote} logged in to {Subvolume}")]
    public static partial void LoggedIn(ILogger logger, string client, string remote, string subvolume);

    [LoggerMessage(EventId = 5202, Level = LogLevel.Warning, Message = "Login from {Remote} to {Subvolume} refused: {Reason}")]
    public static partial void LoginRefused(ILogger logger, string remote, string subvolume, string reason);

    [LoggerMessage(EventId = 5203, Level = LogLevel.Information, Message = "Client {Client} left; {Fds} open files were released")]
    public static partial void Left(ILogger logger, string client, int fds);

    [LoggerMessage(EventId = 5204, Level = LogLevel.Error, Message = "{Fop} of client {Client} ended in an internal error and was answered with EIO")]
    public static partial void InternalError(ILogger logger, Exception error, Fop fop, string client);

    [LoggerMessage(EventId = 5205, Level = LogLevel.Error, Message = "Cannot serve: {Reason}")]
    public static partial void CannotListen(ILogger logger, string reason);

    [LoggerMessage(EventId = 5206, Level = LogLevel.Debug, Message = "{Fop} from {Remote} could not be decoded: {Reason}")]
    public static partial void GarbageArguments(ILogger logger, Fop fop, string remote, string reason);
}
