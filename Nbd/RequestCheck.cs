using BlockProxy.Block;
using BlockProxy.Nbd.Wire;

namespace BlockProxy.Nbd;

/// <summary>
/// The gate of the front: whether a request, as it came from the wire, is one that this connection may send. What passes may be assumed
/// behind it.
/// </summary>
internal sealed class RequestCheck(TransmissionFlags negotiated, bool allocation, bool readOnly, int maxRequestBytes)
{
    private const NbdCommandFlags Known =
        NbdCommandFlags.Fua | NbdCommandFlags.NoHole | NbdCommandFlags.Df | NbdCommandFlags.ReqOne | NbdCommandFlags.FastZero;

    /// <summary><see cref="BlockError.None"/> lets the request through.</summary>
    public BlockError Check(in NbdRequest request, BlockDeviceInfo info)
    {
        if (!FlagsAllowed(request))
            return BlockError.InvalidArgument;
        switch (request.Command)
        {
            case NbdCommand.Read:
                return CheckRange(request, info, BlockRequestKind.Read, request.Length > (uint)maxRequestBytes);
            case NbdCommand.Write:
                return CheckRange(request, info, BlockRequestKind.Write, request.Length > (uint)maxRequestBytes);
            case NbdCommand.Flush:
                return request is { Offset: 0, Length: 0 } && Has(TransmissionFlags.SendFlush) ? BlockError.None : BlockError.InvalidArgument;
            case NbdCommand.Trim when readOnly || Has(TransmissionFlags.SendTrim):
                return CheckRange(request, info, BlockRequestKind.Trim, tooLarge: false);
            case NbdCommand.WriteZeroes when readOnly || Has(TransmissionFlags.SendWriteZeroes):
                return CheckRange(request, info, BlockRequestKind.WriteZeroes, tooLarge: false);
            case NbdCommand.Cache:
                return CheckRange(request, info, BlockRequestKind.Cache, tooLarge: false);
            case NbdCommand.BlockStatus when allocation:
                return CheckRange(request, info, BlockRequestKind.Describe, tooLarge: false);
            default:
                // "The server SHOULD return NBD_EINVAL if it receives an unknown command."
                return BlockError.InvalidArgument;
        }
    }

    /// <summary>A flag is allowed where the text documents it for the command, and only if it was negotiated.</summary>
    private bool FlagsAllowed(in NbdRequest request)
    {
        var flags = request.Flags;
        if (flags == NbdCommandFlags.None)
            return true;
        var allowed = request.Command switch
        {
            NbdCommand.Read when Has(TransmissionFlags.SendDf) => NbdCommandFlags.Df,
            NbdCommand.BlockStatus => NbdCommandFlags.ReqOne,
            NbdCommand.WriteZeroes => NbdCommandFlags.NoHole | (Has(TransmissionFlags.SendFastZero) ? NbdCommandFlags.FastZero : 0),
            _ => NbdCommandFlags.None,
        };
        if (Has(TransmissionFlags.SendFua))
            allowed |= NbdCommandFlags.Fua; // "valid for all commands"
        // A read-only export refuses a fast zero with EPERM rather than for its flag.
        if (readOnly && request.Command == NbdCommand.WriteZeroes)
            allowed |= NbdCommandFlags.FastZero;
        return (flags & ~(allowed & Known)) == 0;
    }

    private BlockError CheckRange(in NbdRequest request, BlockDeviceInfo info, BlockRequestKind kind, bool tooLarge)
    {
        if (readOnly && kind is BlockRequestKind.Write or BlockRequestKind.WriteZeroes or BlockRequestKind.Trim)
            return BlockError.NotPermitted;
        var error = BlockRequestGate.Check(info, kind, request.Offset, request.Length);
        return error == BlockError.None && tooLarge ? BlockError.TooLarge : error;
    }

    private bool Has(TransmissionFlags flag) => (negotiated & flag) != 0;
}
