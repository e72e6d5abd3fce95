using BlockProxy.Block;
using BlockProxy.Nbd.Wire;

namespace BlockProxy.Nbd;

/// <summary>What one connection negotiated. Written by the handshake, read by the transmission.</summary>
internal sealed class NbdSession
{
    public ClientFlags ClientFlags { get; set; }

    public bool FixedNewstyle => (ClientFlags & ClientFlags.FixedNewstyle) != 0;

    public bool NoZeroes => (ClientFlags & ClientFlags.NoZeroes) != 0;

    public bool StructuredReplies { get; set; }

    /// <summary>The export, by its canonical name, for which base:allocation was selected; null when it was not.</summary>
    public string? AllocationExport { get; set; }

    /// <summary>The export to serve; set by the option that ends the handshake.</summary>
    public NbdExport? Export { get; set; }

    /// <summary>Whether NBD_CMD_BLOCK_STATUS may be used: the context was selected for the export that was opened.</summary>
    public bool Allocation => AllocationExport is not null && AllocationExport == Export?.Name;

    /// <summary>What the client may use of the export. proto.md, "Transmission flags".</summary>
    public TransmissionFlags FlagsFor(NbdExport export)
    {
        var info = export.Device.Info;
        var flags = TransmissionFlags.HasFlags | TransmissionFlags.SendCache;
        if (info.CanFlush)
            flags |= TransmissionFlags.SendFlush | TransmissionFlags.SendFua;
        if (info.Rotational)
            flags |= TransmissionFlags.Rotational;
        if (info.MultiConnection)
            flags |= TransmissionFlags.CanMultiConn;
        if (StructuredReplies)
            flags |= TransmissionFlags.SendDf;
        if (export.ReadOnly)
            return flags | TransmissionFlags.ReadOnly;
        if (info.CanTrim)
            flags |= TransmissionFlags.SendTrim;
        if (info.CanWriteZeroes)
            flags |= TransmissionFlags.SendWriteZeroes | (info.CanZeroFast ? TransmissionFlags.SendFastZero : 0);
        return flags;
    }

    /// <summary>The size constraints that are announced. proto.md, "Size constraints".</summary>
    public static BlockSizeInfo BlockSizesOf(BlockDeviceInfo info, NbdLimits limits)
    {
        var minimum = (uint)Math.Min(info.MinimumBlock, 64 << 10);
        var preferred = Math.Max((uint)info.PreferredBlock, Math.Max(minimum, 512));
        var maximum = Math.Max((uint)Math.Min(info.MaximumBlock, limits.MaxRequestBytes), preferred);
        return new(minimum, preferred, maximum);
    }
}
