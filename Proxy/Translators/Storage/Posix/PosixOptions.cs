using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Options;
using BlockProxy.Proxy.Translators.Storage.Posix.Executor;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>The options of storage/posix: those of stock bricks that change what is stored or answered, and our own limits.</summary>
public sealed record PosixOptions : IVolumeOptions<PosixOptions>
{
    public static OptionTable<PosixOptions> Table { get; } = new OptionTable<PosixOptions>()
        .Text("directory", "The brick: the directory that is served", o => o.Directory, (o, v) => o with { Directory = v })
        .Custom("volume-id", "The volume the brick belongs to; another one in the directory is refused", "a UUID", "", (o, v) =>
            Gfid.TryParse(v, out var id) ? new(o with { VolumeId = id }, null) : new(null, "is not a UUID"))
        .Choice("xattr-namespace", "Where trusted.* attributes are kept: trusted as stock bricks do, or user for a brick without privileges",
            new Dictionary<string, XattrNamespace> { ["trusted"] = XattrNamespace.Trusted, ["user"] = XattrNamespace.User },
            o => o.XattrNamespace, (o, v) => o with { XattrNamespace = v })
        .Bool("initialize", "Make an empty or absent directory a brick of the volume", o => o.Initialize, (o, v) => o with { Initialize = v })
        .Custom("reserve", "Space kept free: percent below 100, bytes from there on", "a percentage, or a size such as 10GB", "1", SetReserve)
        .Int("shared-brick-count", "Bricks on the same file system; its totals are divided by it", o => o.SharedBrickCount, (o, v) => o with { SharedBrickCount = (int)v })
        .Bool("ctime", "Keep the clients' time stamps in trusted.glusterfs.mdata", o => o.Ctime, (o, v) => o with { Ctime = v })
        .Bool("gfid2path", "Keep each name of a file in an attribute", o => o.Gfid2Path, (o, v) => o with { Gfid2Path = v })
        .Bool("fips-mode-rchecksum", "Checksums of blocks are SHA-256, not MD5", o => o.FipsChecksum, (o, v) => o with { FipsChecksum = v })
        .Bool("o-direct", "Open every file with O_DIRECT", o => o.ForceDirect, (o, v) => o with { ForceDirect = v })
        .Bool("export-statfs-size", "Report the file system's totals", o => o.ExportStatFs, (o, v) => o with { ExportStatFs = v })
        .Int("max-hardlinks", "The most names of a file; 0 is no limit", o => o.MaximumLinks, (o, v) => o with { MaximumLinks = (int)v })
        .Int("io-workers", "The most system calls that block at the same time", o => o.IoWorkers, (o, v) => o with { IoWorkers = (int)v }, minimum: 1, maximum: 1024)
        .Int("fd-cache-limit", "The most files and directories kept open without a client holding them open", o => o.FdCacheLimit, (o, v) => o with { FdCacheLimit = (int)v })
        .Int("inode-cache-limit", "The most inodes remembered that nobody uses", o => o.InodeCacheLimit, (o, v) => o with { InodeCacheLimit = (int)v });

    public string? Directory { get; init; }

    public Gfid VolumeId { get; init; }

    public XattrNamespace XattrNamespace { get; init; } = XattrNamespace.Trusted;

    public bool Initialize { get; init; }

    /// <summary>Percent when below 100, else bytes.</summary>
    public double Reserve { get; init; } = 1;

    public int SharedBrickCount { get; init; } = 1;

    public bool Ctime { get; init; } = true;

    public bool Gfid2Path { get; init; } = true;

    /// <summary>Stock bricks have it off and every volfile since 4.0 turns it on.</summary>
    public bool FipsChecksum { get; init; } = true;

    public bool ForceDirect { get; init; }

    public bool ExportStatFs { get; init; } = true;

    public int MaximumLinks { get; init; } = 100;

    public int IoWorkers { get; init; } = WorkerIoExecutor.DefaultWorkerLimit;

    public int FdCacheLimit { get; init; } = 256;

    public int InodeCacheLimit { get; init; } = 16384;

    private static OptionSetting<PosixOptions> SetReserve(PosixOptions options, string text)
    {
        var number = text.EndsWith('%') ? text[..^1] : text;
        if (double.TryParse(number, System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out var value))
            return text.EndsWith('%') && value >= 100 ? new(null, "is not below 100 %") : new(options with { Reserve = value }, null);
        return OptionValue.TrySize(text, out var bytes) ? new(options with { Reserve = bytes }, null) : new(null, "is neither a percentage nor a size");
    }
}
