using System.Net;

namespace BlockProxy.Gateway.Configuration;

/// <summary>All that <c>blockproxy serve</c> is told, from the command line and from its configuration file.</summary>
public sealed record ServeConfiguration
{
    /// <summary>The glusterd that has the volfiles; null when there is none.</summary>
    public DnsEndPoint? VolfileServer { get; init; }

    /// <summary>A volfile on disk; null when glusterd has it.</summary>
    public string? VolfilePath { get; init; }

    /// <summary>The volumes named; exports may name more.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    public IReadOnlyList<ExportConfiguration> Exports { get; init; } = [];

    public IReadOnlyList<EndPoint> NbdListeners { get; init; } = [];

    /// <summary>How long I/O waits for a brick that went away before it fails with EIO; zero fails at once.</summary>
    public TimeSpan BrickWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the start waits for glusterd and for the bricks.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stop waits for requests in flight.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public LogConfiguration Log { get; init; } = new();

    /// <summary>Checks what each part alone cannot say.</summary>
    /// <exception cref="GatewayException">Names what is missing or contradicts.</exception>
    public void Check()
    {
        if (Exports.Count == 0)
            throw new GatewayException("there is nothing to serve; give --export NAME=VOL:/PATH (or NAME=memory:1G to try a client out)");
        if (VolfileServer is not null && VolfilePath is not null)
            throw new GatewayException("--volfile-server and --volfile both say where the volfile is; give one of them");
        var twice = Exports.GroupBy(e => e.Name).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
            throw new GatewayException($"export '{twice.Key}' is given {twice.Count()} times; names are unique");
        foreach (var export in Exports.Where(e => e.Target == ExportTarget.VolumeFile))
        {
            if (VolfileServer is null && VolfilePath is null)
                throw new GatewayException($"export '{export.Name}' is on a volume; give --volfile-server HOST or --volfile FILE");
            if (VolfileServer is not null && export.Volume.Length == 0 && Volumes.Count != 1)
                throw new GatewayException($"export '{export.Name}' does not say its volume; expected {export.Name}=VOL:{export.Path}");
        }
    }

    /// <summary>The volume an export is on: the one it names, or the only one there is.</summary>
    public string VolumeOf(ExportConfiguration export)
    {
        ArgumentNullException.ThrowIfNull(export);
        return export.Volume.Length > 0 ? export.Volume : Volumes.Count == 1 ? Volumes[0] : "";
    }
}

public enum LogFormat
{
    Text,
    Json,
}

/// <summary>What is logged, and how.</summary>
public sealed record LogConfiguration
{
    public Serilog.Events.LogEventLevel Level { get; init; } = Serilog.Events.LogEventLevel.Information;

    public LogFormat Format { get; init; } = LogFormat.Text;
}
