using BlockProxy.Nbd.Wire;

namespace BlockProxy.Nbd.Handshake;

/// <summary>
/// NBD_OPT_SET_META_CONTEXT: selects base:allocation, or nothing. It "replaces all previously-set metadata contexts (including when this
/// command fails)".
/// </summary>
internal sealed class SetMetaContextOption : INbdOption
{
    /// <summary>The number of base:allocation in block status replies.</summary>
    public const uint AllocationId = 1;

    public OptionCode Code => OptionCode.SetMetaContext;

    public async ValueTask<OptionOutcome> HandleAsync(NbdHandshake handshake, ReadOnlyMemory<byte> data)
    {
        handshake.Session.AllocationExport = null;
        if (await ListMetaContextOption.ReadAsync(handshake, Code, data) is not var (request, export))
            return OptionOutcome.Continue;
        // "base:" is no wildcard here: "the server MUST ignore this form".
        if (request.Queries.Contains(MetaContext.BaseAllocation))
        {
            handshake.Session.AllocationExport = export;
            handshake.Reply(Code, OptionReplyType.MetaContext, new MetaContext(AllocationId, MetaContext.BaseAllocation).ToBytes());
        }

        handshake.Reply(Code, OptionReplyType.Ack);
        return OptionOutcome.Continue;
    }
}
