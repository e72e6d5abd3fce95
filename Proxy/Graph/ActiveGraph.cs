using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Graph;

/// <summary>
/// The place above the graphs: what holds a volume winds its fops here, and they go to the top of whichever graph is active. A graph switch
/// holds and releases fops at this one point.
/// </summary>
internal sealed class ActiveGraph : InterceptingTranslator
{
    private VolumeGraph? _graph;

    public VolumeGraph? Graph
    {
        get => Volatile.Read(ref _graph);
        set => Volatile.Write(ref _graph, value);
    }

    protected override ValueTask<TReply> AroundAsync<TFop, TReply>(FopContext ctx, in TFop request) =>
        Graph is { } graph ? TFop.WindAsync(graph.Top, ctx, in request) : new(TReply.Failed(Errno.ENOTCONN));
}
