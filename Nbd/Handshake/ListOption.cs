using BlockProxy.Nbd.Wire;

namespace BlockProxy.Nbd.Handshake;

/// <summary>NBD_OPT_LIST: one NBD_REP_SERVER for each export.</summary>
internal sealed class ListOption : INbdOption
{
    public OptionCode Code => OptionCode.List;

    public async ValueTask<OptionOutcome> HandleAsync(NbdHandshake handshake, ReadOnlyMemory<byte> data)
    {
        if (!data.IsEmpty)
        {
            handshake.Reply(Code, OptionReplyType.ErrInvalid, "NBD_OPT_LIST has no data"u8);
            return OptionOutcome.Continue;
        }

        foreach (var export in await handshake.Exports.ListAsync())
            handshake.Reply(Code, OptionReplyType.Server, new ServerEntry(export.Name, export.Description).ToBytes());
        handshake.Reply(Code, OptionReplyType.Ack);
        return OptionOutcome.Continue;
    }
}
