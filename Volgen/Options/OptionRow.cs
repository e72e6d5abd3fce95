using BlockProxy.Volgen.Definition;

namespace BlockProxy.Volgen.Options;

/// <summary>
/// One thing that setting a volume option does. An option that means something to several translators has several rows.
/// </summary>
public sealed record OptionRow
{
    /// <summary>What the user sets, such as <c>performance.cache-size</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The type of the translators it is for.</summary>
    public required string Translator { get; init; }

    /// <summary>What it is called in a volfile; null where only the graph's shape changes.</summary>
    public string? Key { get; init; }

    /// <summary>What is written when the option is not set; null for nothing.</summary>
    public string? Default { get; init; }

    public OptionRule Rule { get; init; }

    /// <summary>The cluster's operating version from which on it may be set.</summary>
    public int OpVersion { get; init; }

    public OptionValueType Type { get; init; }

    /// <summary>Whether glusterd looks at the value; what it does not look at, we accept too.</summary>
    public bool IsChecked { get; init; }

    /// <summary>Smallest value in the base unit; null for no bound.</summary>
    public double? Least { get; init; }

    /// <summary>Largest value in the base unit; null for no bound.</summary>
    public double? Most { get; init; }

    /// <summary>The words that are allowed; empty if it is not a matter of words.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>What is in force when the option is not set, written or not; null if nothing is.</summary>
    public string? EffectiveDefault { get; init; }

    /// <summary>What it does, in a sentence without a full stop; empty on all rows of an option but the first.</summary>
    public required string Description { get; init; }

    /// <summary>The value to write for these options, or null for none.</summary>
    public string? ValueIn(VolumeOptions options) => options.Find(Name) ?? Default;
}
