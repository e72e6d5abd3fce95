using System.Net;
using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Volgen;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace BlockProxy.Proxy.Graph;

/// <summary>
/// Everything a translator may know of the world outside its graph: time, chance, network, log and memory are handed in, so that a whole
/// cluster can run under simulation.
/// </summary>
public sealed record TranslatorEnvironment
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ITransport Transport { get; init; } = SocketTransport.Default;

    public BufferPool Buffers { get; init; } = BufferPool.Shared;

    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Chance for gfids, back-off jitter and the like. Calls are serialised by its owner's lock where threads share it.</summary>
    public required Random Random { get; init; }

    public required ProcessIdentity Process { get; init; }

    /// <summary>The inodes of the volume: a translator that learns something about a gfid keeps it there. The volume hands in its own.</summary>
    public InodeTable Inodes { get; init; } = new();

    /// <summary>The volume whose graph this is, for messages.</summary>
    public string VolumeName { get; init; } = "";

    /// <summary>Where the volfile came from: a protocol/client without remote-host connects there. Null for a volfile from disk.</summary>
    public DnsEndPoint? VolfileServer { get; init; }

    /// <summary>Options set over the volfile's, as <c>--xlator-option</c> does for stock daemons.</summary>
    public IReadOnlyList<OptionOverride> Overrides { get; init; } = [];
}

/// <summary>Sets an option on every translator of a type, whatever the volfile says.</summary>
public sealed record OptionOverride(string TranslatorType, string Key, string Value)
{
    /// <summary>The volume with the overrides of its type in place of what it says itself.</summary>
    public static VolumeDeclaration Apply(IReadOnlyList<OptionOverride> overrides, VolumeDeclaration volume)
    {
        ArgumentNullException.ThrowIfNull(overrides);
        ArgumentNullException.ThrowIfNull(volume);
        foreach (var set in overrides)
        {
            if (set.TranslatorType == volume.Type)
                volume = volume with { Options = [.. volume.Options.Where(o => o.Key != set.Key), new VolfileOption(set.Key, set.Value, volume.Position)] };
        }

        return volume;
    }
}

/// <summary>How this process names itself to bricks and glusterd.</summary>
/// <param name="Uuid">One per process start.</param>
public sealed record ProcessIdentity(Guid Uuid, string HostName, int ProcessId, string ProcessName = "blockproxy");

/// <summary>What a translator is told when it is made.</summary>
/// <param name="Environment">The world outside.</param>
/// <param name="Declaration">Its own block of the volfile.</param>
/// <param name="Volfile">The whole volfile: for positions in it, such as the leaf number of a protocol/client.</param>
/// <param name="GraphId">Counts the graphs of this volume in this process, from 0.</param>
public sealed record TranslatorContext(TranslatorEnvironment Environment, VolumeDeclaration Declaration, Volfile Volfile, int GraphId)
{
    public string Name => Declaration.Name;

    public ILogger Logger => Environment.Loggers.CreateLogger(Declaration.Type + " " + Declaration.Name);
}
