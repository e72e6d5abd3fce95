using BlockProxy.Proxy.Fops;
using BlockProxy.Volgen;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Graph;

/// <summary>A graph, or what is wrong with the volfile and where.</summary>
public sealed record GraphBuildResult(VolumeGraph? Graph, VolfileDiagnostic? Error);

/// <summary>Builds a graph of translators from a volfile: children first, as the text declares them.</summary>
public sealed class GraphBuilder(TranslatorRegistry registry, TranslatorEnvironment environment)
{
    private readonly ILogger _logger = environment.Loggers.CreateLogger("graph");

    /// <param name="volfile">The text's model. Volumes that the top does not reach are not built.</param>
    /// <param name="graphId">Counts the graphs of this volume in this process.</param>
    /// <param name="takeSlot">Gives each translator its number.</param>
    public GraphBuildResult Build(Volfile volfile, int graphId, Func<int> takeSlot)
    {
        ArgumentNullException.ThrowIfNull(volfile);
        ArgumentNullException.ThrowIfNull(takeSlot);
        var reached = Reachable(volfile);
        var made = new Dictionary<string, Translator>(StringComparer.Ordinal);
        var order = new List<Translator>();
        var passed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var declared in volfile.Volumes)
        {
            if (!reached.Contains(declared.Name))
                continue;
            var volume = OptionOverride.Apply(environment.Overrides, declared);
            if (registry.Find(volume.Type) is not { } registration)
                return Refuse(volume.Position, $"volume '{volume.Name}': translator '{volume.Type}' is not one that blockproxy has{Nearest(volume.Type)}");
            var result = registration.Make(new TranslatorContext(environment, volume, volfile, graphId));
            if (result.Translator is not { } translator)
                return Refuse(result.Culprit?.Position ?? volume.Position, $"volume '{volume.Name}' ({volume.Type}): {result.Error}");
            if (registration.PassThroughReason is { } reason && passed.Add(volume.Type))
                GraphLog.PassedThrough(_logger, environment.VolumeName, volume.Type, volume.Name, reason);
            foreach (var unknown in result.UnknownOptions)
                GraphLog.UnknownOption(_logger, environment.VolumeName, volume.Type, volume.Name, unknown.Key);
            if (registration.PassThroughReason is not null && volume.Subvolumes.Count != 1)
                return Refuse(volume.Position, $"volume '{volume.Name}' ({volume.Type}) has {volume.Subvolumes.Count} subvolumes; it takes one");

            translator.Name = volume.Name;
            translator.Type = volume.Type;
            translator.Slot = takeSlot();
            translator.Adopt([.. volume.Subvolumes.Select(name => made[name])]);
            if (translator.CheckChildren() is { } wrong)
                return Refuse(volume.Position, $"volume '{volume.Name}' ({volume.Type}) {wrong}");
            made.Add(volume.Name, translator);
            order.Add(translator);
        }

        return new(new VolumeGraph(volfile, graphId, order, environment.Overrides), null);
    }

    private static GraphBuildResult Refuse(VolfilePosition position, string message) => new(null, new VolfileDiagnostic(position, message));

    private static HashSet<string> Reachable(Volfile volfile)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal) { volfile.Top.Name };
        // Children are declared before their parents, so one walk from the end sees every parent before its children.
        for (var i = volfile.Volumes.Count - 1; i >= 0; i--)
        {
            if (reached.Contains(volfile.Volumes[i].Name))
                reached.UnionWith(volfile.Volumes[i].Subvolumes);
        }

        return reached;
    }

    private string Nearest(string type)
    {
        var family = type.Split('/')[0] + "/";
        var relatives = registry.Types.Where(t => t.Type.StartsWith(family, StringComparison.Ordinal)).Select(t => t.Type).ToList();
        return relatives.Count == 0 ? "" : $" (of this family it has {string.Join(", ", relatives)})";
    }
}
