using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>How large the subvolumes are, in MiB: the weights of new layouts. Asked again when the answer is older than 10 s, as stock clients do.</summary>
internal sealed class SubvolumeSizes(DistributeTranslator distribute, TimeProvider time)
{
    private const ulong UnitBytes = 1 << 20;

    private static readonly TimeSpan MaximumAge = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private ulong[] _sizes = [];
    private long _askedAt;

    /// <summary>By subvolume. All 1 where sizes are not to count, or nobody knows them.</summary>
    public async ValueTask<ulong[]> GetAsync(FopContext ctx)
    {
        if (!distribute.Options.WeightedRebalance)
            return Equal();
        lock (_gate)
        {
            if (_sizes.Length > 0 && time.GetElapsedTime(_askedAt) < MaximumAge)
                return [.. _sizes];
        }

        var root = new Loc(distribute.InodeOf(Gfid.Root), Path: "/");
        var replies = await distribute.OnThoseUpAsync<StatfsRequest, StatFsReply>(ctx,
            new StatfsRequest(root, new Xdata { [DistributeKeys.IgnoreDeemStatfs] = XdataValue.Int(1) }));
        var sizes = replies.Select(r => r.Errno == Errno.None ? SizeOf(r.StatFs) : 0).ToArray();
        if (sizes.All(s => s == 0))
            return Equal();
        lock (_gate)
        {
            _sizes = sizes;
            _askedAt = time.GetTimestamp();
        }

        return [.. sizes];
    }

    private static ulong SizeOf(StatFs statFs)
    {
        if (statFs.BlockSize is 0 or > UnitBytes)
            return statFs.Blocks * (statFs.BlockSize / UnitBytes);
        var blocksPerUnit = UnitBytes / statFs.BlockSize;
        return (statFs.Blocks + blocksPerUnit - 1) / blocksPerUnit;
    }

    private ulong[] Equal() => [.. Enumerable.Repeat(1UL, distribute.Children.Count)];
}
