using BlockProxy.Nbd.Wire;

namespace BlockProxy.Nbd.Handshake;

/// <summary>NBD_OPT_ABORT: acknowledged, whatever data came with it, and the connection ends.</summary>
internal sealed class AbortOption : INbdOption
{
    public OptionCode Code => OptionCode.Abort;

    public ValueTask<OptionOutcome> HandleAsync(NbdHandshake handshake, ReadOnlyMemory<byte> data)
    {
        handshake.Reply(Code, OptionReplyType.Ack);
        return new(OptionOutcome.Close);
    }
}
