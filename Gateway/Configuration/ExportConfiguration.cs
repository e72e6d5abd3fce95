using BlockProxy.Proxy.Options;

namespace BlockProxy.Gateway.Configuration;

/// <summary>What an export is made of.</summary>
public enum ExportTarget
{
    /// <summary>A file on a volume.</summary>
    VolumeFile,

    /// <summary>Memory of this process: for trying clients out and for measuring the front alone.</summary>
    Memory,

    /// <summary>A file or block device of this machine.</summary>
    LocalFile,
}

/// <summary>One export, as configured.</summary>
public sealed record ExportConfiguration
{
    public required string Name { get; init; }

    public required ExportTarget Target { get; init; }

    /// <summary>The volume of a <see cref="ExportTarget.VolumeFile"/>; empty for the one volume of <c>--volfile</c>.</summary>
    public string Volume { get; init; } = "";

    /// <summary>Absolute, in the volume or on this machine; empty for memory.</summary>
    public string Path { get; init; } = "";

    /// <summary>Bytes: the size to create, or of the memory. Null where the existing file says it.</summary>
    public long? Size { get; init; }

    public bool Create { get; init; }

    /// <summary>Whether a file that exists with another size than <see cref="Size"/> is served as it is, instead of refused.</summary>
    public bool KeepExistingSize { get; init; }

    public bool ReadOnly { get; init; }

    /// <summary>Shown to clients that ask.</summary>
    public string Description { get; init; } = "";

    /// <summary>
    /// Reads the command line's form: <c>NAME=VOL:/PATH[,size=10G][,create][,ro]</c>, <c>NAME=/PATH...</c>, <c>NAME=memory:1G</c> or
    /// <c>NAME=file:/PATH...</c>.
    /// </summary>
    /// <exception cref="GatewayException">The text is not of that form; the message says what is wrong and what would be right.</exception>
    public static ExportConfiguration Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1)
            throw Wrong(text, "it has no name; expected NAME=VOL:/PATH, NAME=/PATH, NAME=memory:SIZE or NAME=file:/PATH");
        var parts = text[(equals + 1)..].Split(',');
        var export = ParseTarget(text, text[..equals], parts[0]);
        foreach (var part in parts.AsSpan(1))
        {
            export = part switch
            {
                "create" => export with { Create = true },
                "ro" => export with { ReadOnly = true },
                _ when part.StartsWith("size=", StringComparison.Ordinal) => export with { Size = ParseSize(text, part[5..]) },
                _ => throw Wrong(text, $"'{part}' is not an export option; expected size=SIZE, create or ro"),
            };
        }

        export.Check();
        return export;
    }

    /// <summary>Checks what each field alone cannot say.</summary>
    public void Check()
    {
        if (System.Text.Encoding.UTF8.GetByteCount(Name) > 4096)
            throw new GatewayException("export name: longer than the 4096 bytes that NBD allows");
        if (Target == ExportTarget.Memory)
        {
            if (Size is null)
                throw new GatewayException($"export '{Name}': a memory export needs a size, such as memory:1G");
            if (Create)
                throw new GatewayException($"export '{Name}': 'create' has no meaning for memory, which is always new");
            return;
        }

        if (!Path.StartsWith('/') || Path.TrimEnd('/').Length == 0)
            throw new GatewayException($"export '{Name}': '{Path}' is not an absolute path to a file");
        if (Create && Size is null)
            throw new GatewayException($"export '{Name}': 'create' needs a size, such as size=10G");
        if (!Create && Size is not null)
            throw new GatewayException($"export '{Name}': 'size' is for 'create'; an existing file has its own size");
        if (Create && ReadOnly)
            throw new GatewayException($"export '{Name}': 'create' and 'ro' contradict each other");
    }

    private static ExportConfiguration ParseTarget(string text, string name, string target)
    {
        if (target.StartsWith("memory:", StringComparison.Ordinal))
            return new ExportConfiguration { Name = name, Target = ExportTarget.Memory, Size = ParseSize(text, target[7..]) };
        if (target.StartsWith("file:", StringComparison.Ordinal))
            return new ExportConfiguration { Name = name, Target = ExportTarget.LocalFile, Path = target[5..] };
        if (target.StartsWith('/'))
            return new ExportConfiguration { Name = name, Target = ExportTarget.VolumeFile, Path = target };
        var colon = target.IndexOf(":/", StringComparison.Ordinal);
        if (colon < 1)
            throw Wrong(text, $"'{target}' is not a target; expected VOL:/PATH, /PATH, memory:SIZE or file:/PATH");
        return new ExportConfiguration { Name = name, Target = ExportTarget.VolumeFile, Volume = target[..colon], Path = target[(colon + 1)..] };
    }

    private static long ParseSize(string text, string size) =>
        OptionValue.TrySize(size, out var bytes) && bytes > 0 ? bytes : throw Wrong(text, $"'{size}' is not a size; expected such as 512M, 10G or 10GiB");

    private static GatewayException Wrong(string text, string why) => new($"export '{text}': {why}");
}
