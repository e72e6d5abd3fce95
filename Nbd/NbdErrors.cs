using BlockProxy.Block;
using BlockProxy.Nbd.Wire;

namespace BlockProxy.Nbd;

/// <summary>The one border between a device's errors and those of the wire. proto.md, "Error values".</summary>
public static class NbdErrors
{
    /// <summary>The wire's error for a device's answer to a request.</summary>
    /// <param name="error">What the device, or the check in front of it, said.</param>
    /// <param name="request">The request: two errors may be sent only in answer to some.</param>
    /// <param name="structured">Whether structured replies, and with them the DF flag, were negotiated.</param>
    public static NbdErrno ToWire(BlockError error, in NbdRequest request, bool structured) => error switch
    {
        BlockError.None => NbdErrno.None,
        BlockError.InvalidArgument => NbdErrno.EINVAL,
        BlockError.NoSpace => NbdErrno.ENOSPC,
        BlockError.NotPermitted => NbdErrno.EPERM,
        BlockError.OutOfMemory => NbdErrno.ENOMEM,
        BlockError.ShuttingDown => NbdErrno.ESHUTDOWN,
        // "The server SHOULD NOT return NBD_ENOTSUP except as documented in response to NBD_CMD_WRITE_ZEROES when FAST_ZERO is supported."
        BlockError.NotSupported => IsFastZero(request) ? NbdErrno.ENOTSUP : NbdErrno.EINVAL,
        BlockError.TooLarge => TooLarge(request, structured),
        _ => NbdErrno.EIO,
    };

    /// <summary>A short sentence for people, sent where a structured reply can carry one.</summary>
    public static ReadOnlySpan<byte> Message(BlockError error) => error switch
    {
        BlockError.None => ""u8,
        BlockError.InvalidArgument => "the range, alignment or flags of the request are not valid for this export"u8,
        BlockError.NoSpace => "beyond the end of the export, or no space left"u8,
        BlockError.NotPermitted => "the export is read-only"u8,
        BlockError.NotSupported => "the export cannot do this"u8,
        BlockError.OutOfMemory => "out of memory"u8,
        BlockError.TooLarge => "the request is larger than the server allows"u8,
        BlockError.ShuttingDown => "the server is shutting down"u8,
        _ => "input/output error; the server's log has the cause"u8,
    };

    /// <summary>
    /// EOVERFLOW answers only reads where DF is supported, and commands without payload; a fast zero "SHOULD NOT fail with NBD_EOVERFLOW
    /// regardless of the client length".
    /// </summary>
    private static NbdErrno TooLarge(in NbdRequest request, bool structured) => request.Command switch
    {
        NbdCommand.Write => NbdErrno.EINVAL,
        NbdCommand.Read => structured ? NbdErrno.EOVERFLOW : NbdErrno.EINVAL,
        NbdCommand.WriteZeroes when IsFastZero(request) => NbdErrno.ENOTSUP,
        _ => NbdErrno.EOVERFLOW,
    };

    private static bool IsFastZero(in NbdRequest request) =>
        request.Command == NbdCommand.WriteZeroes && (request.Flags & NbdCommandFlags.FastZero) != 0;
}
