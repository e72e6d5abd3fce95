using BlockProxy.Io;

namespace BlockProxy.Block;

/// <summary>Which requests an <see cref="ErrorDevice"/> fails, and with what.</summary>
public sealed record ErrorOptions
{
    public required BlockError Error { get; init; }

    /// <summary>The kinds that may fail; empty for all.</summary>
    public IReadOnlyList<BlockRequestKind> Kinds { get; init; } = [];

    /// <summary>Whether a flush may fail.</summary>
    public bool Flush { get; init; }

    /// <summary>From 0 to 1: how likely each of them fails.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>Requests that are let through before any fails.</summary>
    public long After { get; init; }
}

/// <summary>
/// A fault layer: a device that fails. What fails does not reach the device below. It can be switched at any time. Disposing it disposes the
/// device below.
/// </summary>
/// <param name="inner">The device below.</param>
/// <param name="random">Decides, where the probability is less than 1; one seed gives one sequence.</param>
/// <param name="options">What fails; null for nothing yet.</param>
public sealed class ErrorDevice(IBlockDevice inner, Random random, ErrorOptions? options = null) : IBlockDevice
{
    private readonly Lock _gate = new();
    private ErrorOptions? _options = options;
    private long _seen;

    public BlockDeviceInfo Info => inner.Info;

    /// <summary>What fails from now on; null for nothing. Setting it starts the count of <see cref="ErrorOptions.After"/> anew.</summary>
    public ErrorOptions? Options
    {
        get
        {
            lock (_gate)
                return _options;
        }

        set
        {
            lock (_gate)
            {
                _options = value;
                _seen = 0;
            }
        }
    }

    public ValueTask<BlockError> ReadAsync(long offset, Memory<byte> destination) =>
        Verdict(BlockRequestKind.Read) is var error and not BlockError.None ? new(error) : inner.ReadAsync(offset, destination);

    public ValueTask<BlockError> WriteAsync(long offset, Payload data, BlockWriteFlags flags) =>
        Verdict(BlockRequestKind.Write) is var error and not BlockError.None ? new(error) : inner.WriteAsync(offset, data, flags);

    public ValueTask<BlockError> FlushAsync() =>
        Verdict(kind: null) is var error and not BlockError.None ? new(error) : inner.FlushAsync();

    public ValueTask<BlockError> TrimAsync(long offset, long length, BlockWriteFlags flags) =>
        Verdict(BlockRequestKind.Trim) is var error and not BlockError.None ? new(error) : inner.TrimAsync(offset, length, flags);

    public ValueTask<BlockError> WriteZeroesAsync(long offset, long length, BlockWriteFlags flags) =>
        Verdict(BlockRequestKind.WriteZeroes) is var error and not BlockError.None ? new(error) : inner.WriteZeroesAsync(offset, length, flags);

    public ValueTask<BlockError> CacheAsync(long offset, long length) =>
        Verdict(BlockRequestKind.Cache) is var error and not BlockError.None ? new(error) : inner.CacheAsync(offset, length);

    public ValueTask<BlockError> DescribeAsync(long offset, long length, int maximumExtents, ICollection<BlockExtent> extents) =>
        Verdict(BlockRequestKind.Describe) is var error and not BlockError.None ? new(error) : inner.DescribeAsync(offset, length, maximumExtents, extents);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private BlockError Verdict(BlockRequestKind? kind)
    {
        lock (_gate)
        {
            if (_options is not { } now)
                return BlockError.None;
            var concerned = kind is { } wanted ? now.Kinds.Count == 0 || now.Kinds.Contains(wanted) : now.Flush;
            if (!concerned || _seen++ < now.After)
                return BlockError.None;
            return now.Probability >= 1 || random.NextDouble() < now.Probability ? now.Error : BlockError.None;
        }
    }
}
