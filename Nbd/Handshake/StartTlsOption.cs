using BlockProxy.Nbd.Wire;

namespace BlockProxy.Nbd.Handshake;

/// <summary>NBD_OPT_STARTTLS on a server without TLS ("NOTLS mode"): the option is not supported. proto.md, "TLS support".</summary>
internal sealed class StartTlsOption : INbdOption
{
    public OptionCode Code => OptionCode.StartTls;

    public ValueTask<OptionOutcome> HandleAsync(NbdHandshake handshake, ReadOnlyMemory<byte> data)
    {
        if (data.IsEmpty)
            handshake.Reply(Code, OptionReplyType.ErrUnsup, "this server does not offer TLS"u8);
        else
            handshake.Reply(Code, OptionReplyType.ErrInvalid, "NBD_OPT_STARTTLS has no data"u8);
        return new(OptionOutcome.Continue);
    }
}
