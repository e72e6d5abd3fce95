using BlockProxy.Nbd.Wire;

namespace BlockProxy.Nbd.Handshake;

/// <summary>NBD_OPT_GO: as NBD_OPT_INFO, and the transmission phase begins when it succeeded.</summary>
internal sealed class GoOption : INbdOption
{
    public OptionCode Code => OptionCode.Go;

    public async ValueTask<OptionOutcome> HandleAsync(NbdHandshake handshake, ReadOnlyMemory<byte> data)
    {
        var session = handshake.Session;
        session.Export = await InfoOption.OpenAndDescribeAsync(handshake, Code, data);
        return session.Export is null ? OptionOutcome.Continue : OptionOutcome.Transmit;
    }
}
