using BlockProxy.Nbd.Wire;

namespace BlockProxy.Nbd.Handshake;

/// <summary>NBD_OPT_STRUCTURED_REPLY: reads are answered in chunks from now on.</summary>
internal sealed class StructuredReplyOption : INbdOption
{
    public OptionCode Code => OptionCode.StructuredReply;

    public ValueTask<OptionOutcome> HandleAsync(NbdHandshake handshake, ReadOnlyMemory<byte> data)
    {
        if (data.IsEmpty)
        {
            handshake.Session.StructuredReplies = true;
            handshake.Reply(Code, OptionReplyType.Ack);
        }
        else
        {
            handshake.Reply(Code, OptionReplyType.ErrInvalid, "NBD_OPT_STRUCTURED_REPLY has no data"u8);
        }

        return new(OptionOutcome.Continue);
    }
}
