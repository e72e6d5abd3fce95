using BlockProxy.Io;

namespace BlockProxy.Block;

/// <summary>How long a <see cref="DelayDevice"/> holds each kind of request back before it reaches the device below.</summary>
public sealed record DelayOptions
{
    public TimeSpan Read { get; init; }

    public TimeSpan Write { get; init; }

    public TimeSpan Flush { get; init; }

    public TimeSpan Trim { get; init; }

    public TimeSpan WriteZeroes { get; init; }

    public TimeSpan Cache { get; init; }

    public TimeSpan Describe { get; init; }

    /// <summary>The same delay for every kind.</summary>
    public static DelayOptions All(TimeSpan delay) => new()
    {
        Read = delay,
        Write = delay,
        Flush = delay,
        Trim = delay,
        WriteZeroes = delay,
        Cache = delay,
        Describe = delay,
    };
}

/// <summary>A fault layer: a slow device. Requests do not wait for one another; each takes its own delay. Disposing it disposes the device below.</summary>
public sealed class DelayDevice(IBlockDevice inner, DelayOptions delays, TimeProvider time) : IBlockDevice
{
    public BlockDeviceInfo Info => inner.Info with { KnowsHolesCheaply = inner.Info.KnowsHolesCheaply && delays.Describe == TimeSpan.Zero };

    public ValueTask<BlockError> ReadAsync(long offset, Memory<byte> destination) =>
        delays.Read == TimeSpan.Zero ? inner.ReadAsync(offset, destination) : AfterAsync(delays.Read, () => inner.ReadAsync(offset, destination));

    public ValueTask<BlockError> WriteAsync(long offset, Payload data, BlockWriteFlags flags) =>
        delays.Write == TimeSpan.Zero ? inner.WriteAsync(offset, data, flags) : AfterAsync(delays.Write, () => inner.WriteAsync(offset, data, flags));

    public ValueTask<BlockError> FlushAsync() => delays.Flush == TimeSpan.Zero ? inner.FlushAsync() : AfterAsync(delays.Flush, inner.FlushAsync);

    public ValueTask<BlockError> TrimAsync(long offset, long length, BlockWriteFlags flags) =>
        delays.Trim == TimeSpan.Zero ? inner.TrimAsync(offset, length, flags) : AfterAsync(delays.Trim, () => inner.TrimAsync(offset, length, flags));

    public ValueTask<BlockError> WriteZeroesAsync(long offset, long length, BlockWriteFlags flags) => delays.WriteZeroes == TimeSpan.Zero
        ? inner.WriteZeroesAsync(offset, length, flags)
        : AfterAsync(delays.WriteZeroes, () => inner.WriteZeroesAsync(offset, length, flags));

    public ValueTask<BlockError> CacheAsync(long offset, long length) =>
        delays.Cache == TimeSpan.Zero ? inner.CacheAsync(offset, length) : AfterAsync(delays.Cache, () => inner.CacheAsync(offset, length));

    public ValueTask<BlockError> DescribeAsync(long offset, long length, int maximumExtents, ICollection<BlockExtent> extents) => delays.Describe == TimeSpan.Zero
        ? inner.DescribeAsync(offset, length, maximumExtents, extents)
        : AfterAsync(delays.Describe, () => inner.DescribeAsync(offset, length, maximumExtents, extents));

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async ValueTask<BlockError> AfterAsync(TimeSpan delay, Func<ValueTask<BlockError>> request)
    {
        await time.WaitAsync(delay, CancellationToken.None);
        return await request();
    }
}
