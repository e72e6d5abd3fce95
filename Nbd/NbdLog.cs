using BlockProxy.Block;
using BlockProxy.Nbd.Wire;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Nbd;

/// <summary>What the NBD server logs. Event ids 2000 to 2099.</summary>
internal static partial class NbdLog
{
    [LoggerMessage(2000, LogLevel.Information, "NBD server listens on {Address}")]
    public static partial void Listening(this ILogger logger, string address);

    [LoggerMessage(2001, LogLevel.Information, "NBD client {Client} uses export '{Export}' ({Flags}, structured replies {Structured})")]
    public static partial void Serving(this ILogger logger, string client, string export, TransmissionFlags flags, bool structured);

    [LoggerMessage(2002, LogLevel.Information, "NBD client {Client} disconnected from export '{Export}'")]
    public static partial void Disconnected(this ILogger logger, string client, string export);

    [LoggerMessage(2003, LogLevel.Information, "NBD client {Client} closed the connection to export '{Export}' without NBD_CMD_DISC")]
    public static partial void ClosedAbruptly(this ILogger logger, string client, string export);

    [LoggerMessage(2004, LogLevel.Debug, "NBD client {Client} left during the handshake")]
    public static partial void LeftHandshake(this ILogger logger, string client);

    [LoggerMessage(2005, LogLevel.Warning, "NBD client {Client} broke the protocol and is disconnected: {Reason}")]
    public static partial void ProtocolBroken(this ILogger logger, string client, string reason);

    [LoggerMessage(2006, LogLevel.Information, "NBD connection of {Client} ended: {Reason}")]
    public static partial void ConnectionEnded(this ILogger logger, string client, string reason);

    [LoggerMessage(2007, LogLevel.Warning, "NBD client {Client} asked for export '{Export}', which is not available")]
    public static partial void UnknownExport(this ILogger logger, string client, string export);

    [LoggerMessage(2008, LogLevel.Error, "NBD export '{Export}' cannot be opened for {Client}")]
    public static partial void OpenFailed(this ILogger logger, Exception error, string export, string client);

    [LoggerMessage(2009, LogLevel.Debug, "NBD {Client}: {Command} flags {Flags} offset {Offset} length {Length} failed: {Error}")]
    public static partial void RequestFailed(
        this ILogger logger, string client, NbdCommand command, NbdCommandFlags flags, ulong offset, uint length, BlockError error);

    [LoggerMessage(2010, LogLevel.Error, "The device of export '{Export}' threw on {Command}; the client gets EIO")]
    public static partial void DeviceThrew(this ILogger logger, Exception error, string export, NbdCommand command);

    [LoggerMessage(2011, LogLevel.Warning, "NBD server on {Address} has {Limit} connections, its limit; further clients wait")]
    public static partial void ConnectionLimitReached(this ILogger logger, string address, int limit);

    [LoggerMessage(2012, LogLevel.Warning, "NBD server on {Address}: {Reason}")]
    public static partial void AcceptFailed(this ILogger logger, string address, string reason);

    [LoggerMessage(2013, LogLevel.Information, "NBD server stops: {Connections} connections drain")]
    public static partial void Stopping(this ILogger logger, int connections);

    [LoggerMessage(2014, LogLevel.Warning, "NBD server stopped at its deadline with {Connections} connections still busy")]
    public static partial void DrainIncomplete(this ILogger logger, int connections);

    [LoggerMessage(2015, LogLevel.Debug, "NBD client {Client}: option {Option}, {Length} bytes")]
    public static partial void OptionReceived(this ILogger logger, string client, OptionCode option, uint length);

    [LoggerMessage(2016, LogLevel.Error, "NBD connection of {Client} failed")]
    public static partial void ConnectionFailed(this ILogger logger, Exception error, string client);
}
