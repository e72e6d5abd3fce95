using BlockProxy.Nbd.Wire;

namespace BlockProxy.Nbd.Handshake;

/// <summary>NBD_OPT_INFO: what an export is, without using it.</summary>
internal sealed class InfoOption : INbdOption
{
    public OptionCode Code => OptionCode.Info;

    public async ValueTask<OptionOutcome> HandleAsync(NbdHandshake handshake, ReadOnlyMemory<byte> data)
    {
        var export = await OpenAndDescribeAsync(handshake, Code, data);
        if (export is not null)
            await export.DisposeAsync();
        return OptionOutcome.Continue;
    }

    /// <summary>Answers NBD_OPT_INFO and NBD_OPT_GO, which differ only in what follows; null when the final reply was an error.</summary>
    public static async ValueTask<NbdExport?> OpenAndDescribeAsync(NbdHandshake handshake, OptionCode option, ReadOnlyMemory<byte> data)
    {
        if (!InfoRequest.TryRead(data.Span, out var request))
        {
            handshake.Reply(option, OptionReplyType.ErrInvalid, "the option's data is malformed"u8);
            return null;
        }

        var export = await handshake.OpenAsync(request.Export);
        if (export is null)
        {
            handshake.Reply(option, OptionReplyType.ErrUnknown, "no such export"u8);
            return null;
        }

        Describe(handshake, option, request, export);
        return export;
    }

    private static void Describe(NbdHandshake handshake, OptionCode option, InfoRequest request, NbdExport export)
    {
        var info = export.Device.Info;
        Span<byte> exportInfo = stackalloc byte[ExportInfo.Size];
        new ExportInfo((ulong)info.Size, handshake.Session.FlagsFor(export)).Write(exportInfo);
        handshake.Reply(option, OptionReplyType.Info, exportInfo);

        // "A particular information type SHOULD only appear once": however often it was asked for.
        if (request.Wanted.Contains(InfoType.Name))
            handshake.Reply(option, OptionReplyType.Info, new TextInfo(InfoType.Name, export.Name).ToBytes());
        if (request.Wanted.Contains(InfoType.Description) && export.Description.Length > 0)
            handshake.Reply(option, OptionReplyType.Info, new TextInfo(InfoType.Description, export.Description).ToBytes());
        if (request.Wanted.Contains(InfoType.BlockSize))
        {
            Span<byte> sizes = stackalloc byte[BlockSizeInfo.Size];
            NbdSession.BlockSizesOf(info, handshake.Limits).Write(sizes);
            handshake.Reply(option, OptionReplyType.Info, sizes);
        }

        handshake.Reply(option, OptionReplyType.Ack);
    }
}
