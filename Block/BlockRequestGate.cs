namespace BlockProxy.Block;

/// <summary>The kind of a request, as far as its check goes.</summary>
public enum BlockRequestKind
{
    Read,
    Write,
    WriteZeroes,
    Trim,
    Cache,
    Describe,
}

/// <summary>The gate in front of every device: what passes it may be assumed behind it.</summary>
public static class BlockRequestGate
{
    /// <summary>Checks range, alignment, size and permission of a request; <see cref="BlockError.None"/> lets it through.</summary>
    /// <param name="info">The device.</param>
    /// <param name="kind">What is asked.</param>
    /// <param name="offset">Bytes from the start; as it came from the wire, so it may exceed any file.</param>
    /// <param name="length">Bytes; as it came from the wire.</param>
    public static BlockError Check(BlockDeviceInfo info, BlockRequestKind kind, ulong offset, ulong length)
    {
        ArgumentNullException.ThrowIfNull(info);
        var changes = kind is BlockRequestKind.Write or BlockRequestKind.WriteZeroes or BlockRequestKind.Trim;
        if (changes && info.ReadOnly)
            return BlockError.NotPermitted;
        if (length == 0)
            return BlockError.InvalidArgument;
        if (offset > (ulong)info.Size || length > (ulong)info.Size - offset)
            return kind is BlockRequestKind.Write or BlockRequestKind.WriteZeroes ? BlockError.NoSpace : BlockError.InvalidArgument;
        var alignment = (ulong)info.MinimumBlock - 1;
        if (((offset | length) & alignment) != 0)
            return BlockError.InvalidArgument;
        if (kind is BlockRequestKind.Read or BlockRequestKind.Write && length > (ulong)info.MaximumBlock)
            return BlockError.TooLarge;
        return kind switch
        {
            BlockRequestKind.Trim when !info.CanTrim => BlockError.NotSupported,
            BlockRequestKind.WriteZeroes when !info.CanWriteZeroes => BlockError.NotSupported,
            _ => BlockError.None,
        };
    }
}
