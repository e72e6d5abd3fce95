namespace BlockProxy.Volgen.Options;

/// <summary>
/// One thing that setting a volume option does. An option that means something to several translators has several rows.
/// </summary>
/// <param name="Name">What the user sets, such as <c>performance.cache-size</c>.</param>
/// <param name="Translator">The type of the translators it is for.</param>
/// <param name="Key">What it is called in a volfile; null where the rule decides.</param>
/// <param name="Default">What is written when the option is not set; null for nothing.</param>
/// <param name="Rule"><see cref="OptionRule.Plain"/>, or how it works instead.</param>
/// <param name="OpVersion">The cluster's operating version from which on it may be set.</param>
public sealed record OptionRow(string Name, string Translator, string? Key, string? Default, OptionRule Rule, int OpVersion)
{
    /// <summary>The value to write for these options, or null for none.</summary>
    public string? ValueIn(Definition.VolumeOptions options) => options.Find(Name) ?? Default;
}
