using BlockProxy.Volgen.Definition;
using BlockProxy.Volgen.Options;

namespace BlockProxy.Volgen.Graphs;

/// <summary>Translators that an option puts at a named place of a graph.</summary>
internal static class DebugTranslators
{
    private const string UserPrefix = "user.xlator.";

    /// <summary>
    /// As often as one of the debug options names this place, every debug translator that is not off, wherever its own option wants it. Two options
    /// that name one place give glusterd's file every name twice, and so give ours.
    /// </summary>
    public static void AddDebug(this GraphDraft graph, VolumeOptions options, string place)
    {
        var rows = OptionTable.Rows.Where(row => row.Rule == OptionRule.Debug).ToList();
        foreach (var _ in rows.Where(row => options.Find(row.Name) == place))
        {
            foreach (var row in rows.Where(row => GlusterBoolean.Parse(row.ValueIn(options) ?? "off") != false))
                graph.Add(row.Translator);
        }
    }

    /// <summary>Translators of the user's own that belong here, the newest lowest.</summary>
    public static void AddUsers(this GraphDraft graph, VolumeOptions options, string place)
    {
        foreach (var (key, value) in options)
        {
            if (value != place || !key.StartsWith(UserPrefix, StringComparison.Ordinal) || key.IndexOf('.', UserPrefix.Length) >= 0)
                continue;
            var translator = graph.Add($"user/{key[UserPrefix.Length..]}");
            foreach (var option in options.Where(option => option.Key.StartsWith($"{key}.", StringComparison.Ordinal)))
                translator.Set(option.Key[(option.Key.LastIndexOf('.') + 1)..], option.Value);
        }
    }
}
