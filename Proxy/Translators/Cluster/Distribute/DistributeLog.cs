using BlockProxy.Proxy.Fops;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

internal static partial class DistributeLog
{
    [LoggerMessage(EventId = 2401, Level = LogLevel.Error, Message = "{Name}: {Path} is a file on one subvolume and a directory on another")]
    public static partial void TypeConflict(ILogger logger, string name, string path);

    [LoggerMessage(EventId = 2402, Level = LogLevel.Error, Message = "{Name}: {Path} has gfid {One} on {OneSubvolume} and {Other} on {OtherSubvolume}")]
    public static partial void GfidConflict(ILogger logger, string name, string path, Gfid one, string oneSubvolume, Gfid other, string otherSubvolume);

    [LoggerMessage(EventId = 2403, Level = LogLevel.Warning, Message = "{Name}: {File} is being moved by a rebalance: changes to it fail with EIO until that is done")]
    public static partial void Migrating(ILogger logger, string name, string file);

    [LoggerMessage(EventId = 2404, Level = LogLevel.Information, Message = "{Name}: {File} was moved from {From} to {To} by a rebalance; its I/O follows it")]
    public static partial void Moved(ILogger logger, string name, string file, string from, string to);

    [LoggerMessage(EventId = 2405, Level = LogLevel.Information, Message = "{Name}: directory {Path} was given {What}")]
    public static partial void Healed(ILogger logger, string name, string path, string what);

    [LoggerMessage(EventId = 2406, Level = LogLevel.Warning, Message = "{Name}: directory {Path} could not be healed on {Subvolume}: {Errno}")]
    public static partial void NotHealed(ILogger logger, string name, string path, string subvolume, Errno errno);

    [LoggerMessage(EventId = 2407, Level = LogLevel.Warning, Message = "{Name}: the layout of directory {Path} has a hole at {Hash}: nothing can be created there until a lookup with all bricks up mends it")]
    public static partial void Hole(ILogger logger, string name, string path, string hash);

    [LoggerMessage(EventId = 2408, Level = LogLevel.Warning, Message = "{Name}: {What} of {Path} on {Subvolume} failed and is left to a later lookup: {Errno}")]
    public static partial void LeftOver(ILogger logger, string name, string what, string path, string subvolume, Errno errno);
}
