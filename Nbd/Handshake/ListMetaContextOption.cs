using BlockProxy.Nbd.Wire;

namespace BlockProxy.Nbd.Handshake;

/// <summary>NBD_OPT_LIST_META_CONTEXT: which metadata contexts match the queries; base:allocation is the only one there is.</summary>
internal sealed class ListMetaContextOption : INbdOption
{
    public OptionCode Code => OptionCode.ListMetaContext;

    public async ValueTask<OptionOutcome> HandleAsync(NbdHandshake handshake, ReadOnlyMemory<byte> data)
    {
        if (await ReadAsync(handshake, Code, data) is not var (request, _))
            return OptionOutcome.Continue;
        // No query asks for all there are; "base:" is the wildcard of its namespace.
        if (request.Queries.Count == 0 || request.Queries.Any(query => query is MetaContext.BaseAllocation or "base:"))
            handshake.Reply(Code, OptionReplyType.MetaContext, new MetaContext(0, MetaContext.BaseAllocation).ToBytes());
        handshake.Reply(Code, OptionReplyType.Ack);
        return OptionOutcome.Continue;
    }

    /// <summary>
    /// Reads what the two metadata options have in common and finds the export; null when an error was replied.
    /// </summary>
    public static async ValueTask<(MetaContextRequest Request, string Export)?> ReadAsync(NbdHandshake handshake, OptionCode option, ReadOnlyMemory<byte> data)
    {
        if (!handshake.Session.StructuredReplies)
        {
            handshake.Reply(option, OptionReplyType.ErrInvalid, "structured replies were not negotiated"u8);
            return null;
        }

        if (!MetaContextRequest.TryRead(data.Span, out var request))
        {
            handshake.Reply(option, OptionReplyType.ErrInvalid, "the option's data is malformed"u8);
            return null;
        }

        await using var export = await handshake.OpenAsync(request.Export);
        if (export is null)
        {
            handshake.Reply(option, OptionReplyType.ErrUnknown, "no such export"u8);
            return null;
        }

        return (request, export.Name);
    }
}
