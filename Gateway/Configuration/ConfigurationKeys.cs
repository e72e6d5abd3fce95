using System.Text.Json;
using BlockProxy.Proxy.Options;
using Serilog.Events;

namespace BlockProxy.Gateway.Configuration;

/// <summary>A key of the configuration file: its name, what it means, and how it is read. Help, documentation and the reader share it.</summary>
public sealed record ConfigurationKey<T>(string Name, string Kind, string Description, Func<T, JsonElement, T> Set);

/// <summary>Every key of the configuration file of <c>blockproxy serve --config</c>.</summary>
public static class ConfigurationKeys
{
    public static IReadOnlyList<ConfigurationKey<ExportDraft>> Export { get; } =
    [
        new("name", "text", "The name clients ask for.", (d, e) => d with { Name = Text(e) }),
        new("volume", "text", "The volume the file is on. Default: the only volume.", (d, e) => d with { Volume = Text(e) }),
        new("path", "text", "The file in the volume: an absolute path.", (d, e) => d with { Path = Text(e) }),
        new("file", "text", "A file or block device of this machine, in place of path.", (d, e) => d with { File = Text(e) }),
        new("memory", "size", "A size: the export is memory of the gateway, gone when it stops.", (d, e) => d with { Memory = Size(e) }),
        new("size", "size", "The size of the file that create makes.", (d, e) => d with { Size = Size(e) }),
        new("create", "true or false", "Makes the file, sparse, if it is absent. An existing file keeps its size. Default: false.",
            (d, e) => d with { Create = Bool(e) }),
        new("readOnly", "true or false", "Refuses writes. Default: false.", (d, e) => d with { ReadOnly = Bool(e) }),
        new("description", "text", "A sentence shown to clients that list the exports.", (d, e) => d with { Description = Text(e) }),
    ];

    public static IReadOnlyList<ConfigurationKey<LogConfiguration>> Log { get; } =
    [
        new("level", "text", "verbose, debug, information, warning or error. Default: information.", (l, e) => l with { Level = Level(Text(e)) }),
        new("format", "text", "text or json. Default: text.", (l, e) => l with { Format = Format(Text(e)) }),
    ];

    public static IReadOnlyList<ConfigurationKey<ServeConfiguration>> Root { get; } =
    [
        new("volfileServer", "text", "The glusterd that has the volumes: HOST or HOST:PORT (24007).",
            (c, e) => c with { VolfileServer = EndPoints.ParseServer(Text(e), EndPoints.GlusterdPort) }),
        new("volfile", "text", "A volfile on disk, in place of volfileServer.", (c, e) => c with { VolfilePath = Text(e) }),
        new("volumes", "list of text", "Volumes to open besides those that exports name; a single one is the default of exports.",
            (c, e) => c with { Volumes = [.. c.Volumes, .. List(e).Select(Text)] }),
        new("exports", "list of objects", "What is served; the keys of each are below.",
            (c, e) => c with { Exports = [.. c.Exports, .. List(e).Select(ReadExport)] }),
        new("nbd", "list of text", "Addresses of the NBD server: ADDR:PORT or unix:/PATH. Default: 127.0.0.1:10809.",
            (c, e) => c with { NbdListeners = [.. c.NbdListeners, .. List(e).Select(a => EndPoints.ParseListen(Text(a), EndPoints.NbdPort))] }),
        new("brickWait", "time", "How long I/O waits for a brick that went away before it fails; 0 fails at once. Default: 60s.",
            (c, e) => c with { BrickWait = Time(e) }),
        new("connectTimeout", "time", "How long the start waits for glusterd and the bricks. Default: 30s.",
            (c, e) => c with { ConnectTimeout = Time(e) }),
        new("drainTimeout", "time", "How long a stop waits for requests in flight. Default: 30s.", (c, e) => c with { DrainTimeout = Time(e) }),
        new("log", "object", "What is logged; its keys are below.", (c, e) => c with { Log = ConfigurationFile.ReadObject(e, new LogConfiguration(), Log, "log") }),
    ];

    public static LogEventLevel Level(string text) => text switch
    {
        "verbose" => LogEventLevel.Verbose,
        "debug" => LogEventLevel.Debug,
        "information" or "info" => LogEventLevel.Information,
        "warning" => LogEventLevel.Warning,
        "error" => LogEventLevel.Error,
        _ => throw new GatewayException($"log level '{text}': expected verbose, debug, information, warning or error"),
    };

    public static LogFormat Format(string text) => text switch
    {
        "text" => LogFormat.Text,
        "json" => LogFormat.Json,
        _ => throw new GatewayException($"log format '{text}': expected text or json"),
    };

    private static ExportConfiguration ReadExport(JsonElement element)
    {
        var draft = ConfigurationFile.ReadObject(element, new ExportDraft(), Export, "exports");
        return draft.Finish();
    }

    private static string Text(JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Expected("text", element);

    private static bool Bool(JsonElement element) =>
        element.ValueKind is JsonValueKind.True or JsonValueKind.False ? element.GetBoolean() : throw Expected("true or false", element);

    private static JsonElement.ArrayEnumerator List(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : throw Expected("a list", element);

    private static long Size(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var number) && number > 0)
            return number;
        return element.ValueKind == JsonValueKind.String && OptionValue.TrySize(element.GetString()!, out var bytes) && bytes > 0
            ? bytes
            : throw Expected("a size such as \"10GiB\"", element);
    }

    private static TimeSpan Time(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var seconds) && seconds is >= 0 and < 1e9)
            return TimeSpan.FromSeconds(seconds);
        return element.ValueKind == JsonValueKind.String && OptionValue.TryTime(element.GetString()!, out var time)
            ? time
            : throw Expected("a time such as \"30s\"", element);
    }

    private static GatewayException Expected(string what, JsonElement found) => new($"expected {what}, found {found.GetRawText()}");
}

/// <summary>An export while its keys are being read.</summary>
public sealed record ExportDraft
{
    public string? Name { get; init; }

    public string? Volume { get; init; }

    public string? Path { get; init; }

    public string? File { get; init; }

    public long? Memory { get; init; }

    public long? Size { get; init; }

    public bool Create { get; init; }

    public bool ReadOnly { get; init; }

    public string? Description { get; init; }

    public ExportConfiguration Finish()
    {
        if (string.IsNullOrEmpty(Name))
            throw new GatewayException("an export has no \"name\"");
        var targets = (Path is null ? 0 : 1) + (File is null ? 0 : 1) + (Memory is null ? 0 : 1);
        if (targets != 1)
            throw new GatewayException($"export '{Name}' has {targets} targets; expected one of \"path\", \"file\" and \"memory\"");
        if (Memory is not null && Size is not null)
            throw new GatewayException($"export '{Name}': \"memory\" is the size already; leave \"size\" out");
        var export = new ExportConfiguration
        {
            Name = Name,
            Target = Path is not null ? ExportTarget.VolumeFile : File is not null ? ExportTarget.LocalFile : ExportTarget.Memory,
            Volume = Volume ?? "",
            Path = Path ?? File ?? "",
            Size = Memory ?? Size,
            Create = Create,
            ReadOnly = ReadOnly,
            Description = Description ?? "",
        };
        export.Check();
        return export;
    }
}
