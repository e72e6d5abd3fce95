namespace BlockProxy.Block;

/// <summary>
/// The small, stable set of errors a device answers. Each front maps it to its wire in one total table; the cause behind it is logged where
/// it happened.
/// </summary>
public enum BlockError
{
    None = 0,

    /// <summary>The device could not do it; also anything without a word of its own.</summary>
    Io,

    /// <summary>The range, alignment or flags are wrong.</summary>
    InvalidArgument,

    /// <summary>A write beyond the end, or the storage is full.</summary>
    NoSpace,

    /// <summary>The device is read-only or the caller may not.</summary>
    NotPermitted,

    /// <summary>The device cannot do this at all, or not fast.</summary>
    NotSupported,

    OutOfMemory,

    /// <summary>The request is larger than the device takes.</summary>
    TooLarge,

    /// <summary>The server is going down; the same request elsewhere or later may work.</summary>
    ShuttingDown,
}
