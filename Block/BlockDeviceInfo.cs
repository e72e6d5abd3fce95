namespace BlockProxy.Block;

/// <summary>What a device is and can do. Sizes are in bytes.</summary>
public sealed record BlockDeviceInfo
{
    /// <summary>Bytes that can be addressed.</summary>
    public required long Size { get; init; }

    public bool ReadOnly { get; init; }

    /// <summary>Whether <see cref="IBlockDevice.FlushAsync"/> and <see cref="BlockWriteFlags.Fua"/> mean something.</summary>
    public bool CanFlush { get; init; } = true;

    public bool CanTrim { get; init; } = true;

    public bool CanWriteZeroes { get; init; } = true;

    /// <summary>Whether <see cref="BlockWriteFlags.FastOnly"/> can be answered.</summary>
    public bool CanZeroFast { get; init; }

    /// <summary>
    /// Whether several connections may share the device: a flush on one makes the completed writes of all of them durable, and each sees
    /// what the others completed.
    /// </summary>
    public bool MultiConnection { get; init; } = true;

    public bool Rotational { get; init; }

    /// <summary>
    /// Whether <see cref="IBlockDevice.DescribeAsync"/> costs next to nothing beside a read, so that a front may ask before each read and
    /// send holes as holes.
    /// </summary>
    public bool KnowsHolesCheaply { get; init; }

    /// <summary>Every offset and length must be a multiple of it; a power of two.</summary>
    public int MinimumBlock { get; init; } = 1;

    /// <summary>The unit that is served best; a power of two.</summary>
    public int PreferredBlock { get; init; } = 4096;

    /// <summary>The largest read or write in one request.</summary>
    public int MaximumBlock { get; init; } = 32 << 20;

    /// <summary>A sentence for people, shown where a front can show one.</summary>
    public string Description { get; init; } = "";
}
