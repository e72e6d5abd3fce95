using BlockProxy.Volgen.Definition;
using BlockProxy.Volgen.Options;

namespace BlockProxy.Volgen.Graphs;

/// <summary>
/// A graph while it is made, from the leaves up. The order of calls matters: translators are printed in the order in which they were added, and the
/// options of each in the opposite of the order in which their keys were first set.
/// </summary>
internal sealed class GraphDraft(string volume)
{
    private readonly List<TranslatorDraft> _translators = [];

    public string Volume { get; } = volume;

    /// <summary>The translator added last; only in a graph that has one.</summary>
    public TranslatorDraft Top => _translators[^1];

    public IReadOnlyList<TranslatorDraft> Translators => _translators;

    /// <summary>Puts a translator on top of the graph, named by the volume and the last part of its type.</summary>
    public TranslatorDraft Add(string type) => Add(type, NameOf(type));

    /// <summary>Puts a translator of this name on top of the graph.</summary>
    public TranslatorDraft Add(string type, string name) =>
        _translators.Count == 0 ? AddOver(type, name, []) : AddOver(type, name, [Top.Name]);

    /// <summary>Adds a translator over these children.</summary>
    public TranslatorDraft AddOver(string type, string name, IEnumerable<string> children)
    {
        var translator = new TranslatorDraft(name, type, children);
        _translators.Add(translator);
        return translator;
    }

    public string NameOf(string type) => $"{Volume}-{type[(type.IndexOf('/') + 1)..]}";

    /// <summary>One walk through the option table: what is set, or else the default, onto every translator it is for.</summary>
    /// <param name="options">What is set.</param>
    /// <param name="only">The translators that take part; all of them if null.</param>
    /// <param name="also">A rule whose rows this graph writes with the plain ones.</param>
    public void ApplyTable(VolumeOptions options, Func<TranslatorDraft, bool>? only = null, OptionRule also = OptionRule.Plain)
    {
        foreach (var row in OptionTable.Rows)
        {
            var applies = row.Rule is OptionRule.Plain or OptionRule.ThinArbiterClient || row.Rule == also;
            if (applies && row.Key is not null && row.ValueIn(options) is { } value)
                Apply(row, value, only);
        }
    }

    /// <summary>The rows of one rule that has its own time, in the order of the table.</summary>
    public void ApplyRule(OptionRule rule, VolumeOptions options)
    {
        foreach (var row in OptionTable.Rows)
        {
            if (row.Rule == rule && row.ValueIn(options) is { } value)
                Apply(row, value, only: null);
        }
    }

    public IReadOnlyList<VolumeDeclaration> Build() => [.. _translators.Select(translator => translator.Build())];

    private void Apply(OptionRow row, string value, Func<TranslatorDraft, bool>? only)
    {
        foreach (var translator in _translators)
        {
            if (translator.Type != row.Translator || only?.Invoke(translator) == false)
                continue;
            if (row.Rule != OptionRule.ThinArbiterClient || translator.Name.Contains("-ta-", StringComparison.Ordinal))
                translator.Set(row.Key!, value);
        }
    }
}
