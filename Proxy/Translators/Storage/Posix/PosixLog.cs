using BlockProxy.Proxy.Fops;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

internal static partial class PosixLog
{
    [LoggerMessage(EventId = 5001, Level = LogLevel.Information, Message = "Brick {Directory}: open, volume {VolumeId}, attributes under {Namespace}")]
    public static partial void Opened(ILogger logger, string directory, Gfid volumeId, string @namespace);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Information, Message = "Brick {Directory}: initialised for volume {VolumeId}")]
    public static partial void Initialised(ILogger logger, string directory, Gfid volumeId);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Error, Message = "Brick {Directory}: cannot be served: {Reason}")]
    public static partial void Refused(ILogger logger, string directory, string reason);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Warning,
        Message = "Brick {Directory}: attributes are kept under user.trusted.* because this process has no privileges; such a brick cannot be handed to glusterfsd")]
    public static partial void UserNamespace(ILogger logger, string directory);

    [LoggerMessage(EventId = 5005, Level = LogLevel.Error, Message = "Brick {Directory}: {Fop} ended in an internal error and was answered with EIO")]
    public static partial void InternalError(ILogger logger, Exception error, string directory, Fop fop);

    [LoggerMessage(EventId = 5006, Level = LogLevel.Warning, Message = "Brick {Directory}: {Operation} of {Gfid} failed: {Errno}")]
    public static partial void OperationFailed(ILogger logger, string directory, string operation, Gfid gfid, Errno errno);

    [LoggerMessage(EventId = 5007, Level = LogLevel.Information, Message = "Brick {Directory}: the file {Name} had no gfid and got {Gfid}")]
    public static partial void GfidHealed(ILogger logger, string directory, string name, Gfid gfid);

    [LoggerMessage(EventId = 5008, Level = LogLevel.Information, Message = "Brick {Directory}: removed {Count} files that were unlinked while open, before the last stop")]
    public static partial void UnlinkedRemoved(ILogger logger, string directory, int count);

    [LoggerMessage(EventId = 5009, Level = LogLevel.Warning, Message = "Brick {Directory}: could not remove {Path} from the landfill: {Reason}")]
    public static partial void LandfillFailed(ILogger logger, string directory, string path, Errno reason);
}
