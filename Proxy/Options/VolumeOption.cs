namespace BlockProxy.Proxy.Options;

/// <summary>
/// One option of a translator, declared once: parsing, checking, help, documentation and reconfigure all read it.
/// </summary>
/// <typeparam name="TOptions">The immutable record that holds the translator's options.</typeparam>
/// <param name="Key">The key in the volfile.</param>
/// <param name="Description">One sentence for people.</param>
/// <param name="Allowed">What a value may be, in words, for help and for errors.</param>
/// <param name="Default">The value of a fresh record, as text.</param>
/// <param name="Set">The record with the value in it, or the reason why the text is not one.</param>
public sealed record VolumeOption<TOptions>(
    string Key, string Description, string Allowed, string Default, Func<TOptions, string, OptionSetting<TOptions>> Set)
    where TOptions : class
{
    /// <summary>Other keys that mean the same.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];
}

/// <summary>The outcome of setting one option: a changed record, or an error.</summary>
public readonly record struct OptionSetting<TOptions>(TOptions? Options, string? Error)
    where TOptions : class;

/// <summary>What help and documentation show of an option, without the type of its record.</summary>
public sealed record OptionDescription(string Key, string Description, string Allowed, string Default, IReadOnlyList<string> Aliases);

/// <summary>A record of options that declares its own table.</summary>
public interface IVolumeOptions<TSelf>
    where TSelf : class, IVolumeOptions<TSelf>, new()
{
    static abstract OptionTable<TSelf> Table { get; }
}
