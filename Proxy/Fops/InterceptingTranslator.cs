namespace BlockProxy.Proxy.Fops;

/// <summary>
/// A concern that stands around every fop (trace, statistics, quiesce, injected errors and delays), written once as a generic method. A request
/// knows its own fop, so nothing is boxed or reflected.
/// </summary>
public abstract partial class InterceptingTranslator : Translator
{
    /// <summary>Called for every fop; go on with <c>TFop.WindAsync(Next, ctx, in request)</c>.</summary>
    protected abstract ValueTask<TReply> AroundAsync<TFop, TReply>(FopContext ctx, in TFop request)
        where TFop : struct, IFop<TFop, TReply>
        where TReply : struct, IReply<TReply>;
}
