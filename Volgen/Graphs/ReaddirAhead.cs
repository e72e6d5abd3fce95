using BlockProxy.Volgen.Definition;
using BlockProxy.Volgen.Options;

namespace BlockProxy.Volgen.Graphs;

/// <summary>With parallel-readdir each child of distribute has a readdir-ahead, and they share the cache that the volume grants.</summary>
internal static class ReaddirAhead
{
    private const string CacheLimit = "performance.rda-cache-limit";
    private const string RequestSize = "performance.rda-request-size";
    private const ulong LeastSize = 4096;

    /// <summary>The options with each child's part of the cache, and requests no larger than that.</summary>
    public static VolumeOptions Divided(VolumeDefinition volume, VolumeOptions options)
    {
        if (volume.SubvolumeCount <= 1 || !options.IsOn("performance.parallel-readdir") || !options.IsOn("performance.readdir-ahead"))
            return options;
        if (SizeIn(options, CacheLimit) is not { } cache || SizeIn(options, RequestSize) is not { } request)
            return options;

        var part = cache / (ulong)volume.SubvolumeCount;
        if (part < request)
        {
            part = Math.Max(part, LeastSize);
            options = options.With(RequestSize, $"{part}B");
        }
        return options.With(CacheLimit, $"{part}B");
    }

    private static ulong? SizeIn(VolumeOptions options, string name) =>
        OptionTable.RowsOf(name).First().ValueIn(options) is { } value ? GlusterSize.Parse(value) : null;
}
