using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>
/// cluster/distribute with one subvolume: everything passes, untouched. A new directory is given the layout "all of it here", so that bricks can be
/// added later. gluster-translators section 5.5.
/// </summary>
public sealed class DistributeOverOne : Translator
{
    private static readonly byte[] Everything = new LayoutRange(0, 0, 0, uint.MaxValue).ToBytes();

    public override string? CheckChildren() => Children.Count == 1 ? null : $"has {Children.Count} subvolumes; this form of it takes one";

    public override ValueTask<EntryReply> MkdirAsync(FopContext ctx, in MkdirRequest request) =>
        Next.MkdirAsync(ctx, request with { Xdata = Xdata.With(request.Xdata, DistributeKeys.Layout, XdataValue.Bytes(Everything)) });
}
