using BlockProxy.Nbd.Wire;

namespace BlockProxy.Nbd.Handshake;

/// <summary>NBD_OPT_EXPORT_NAME: enters transmission; an export that is not available ends the session, for want of an error reply.</summary>
internal sealed class ExportNameOption : INbdOption
{
    public OptionCode Code => OptionCode.ExportName;

    public async ValueTask<OptionOutcome> HandleAsync(NbdHandshake handshake, ReadOnlyMemory<byte> data)
    {
        if (!NbdString.TryRead(data.Span, out var name))
            throw new NbdProtocolException("an export name that is not a string of the protocol");
        var session = handshake.Session;
        var export = await handshake.OpenAsync(name);
        if (export is null)
            return OptionOutcome.Close;
        session.Export = export;
        SendReply(handshake, export);
        return OptionOutcome.Transmit;
    }

    private static void SendReply(NbdHandshake handshake, NbdExport export)
    {
        Span<byte> reply = stackalloc byte[handshake.Session.NoZeroes ? ExportNameReply.ShortLength : ExportNameReply.PaddedLength];
        new ExportNameReply((ulong)export.Device.Info.Size, handshake.Session.FlagsFor(export)).Write(reply);
        handshake.SendRaw(reply);
    }
}
