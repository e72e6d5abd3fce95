using System.Collections;
using System.Globalization;
using BlockProxy.Volgen;

namespace BlockProxy.Proxy.Options;

/// <summary>What became of a translator's options: a record, or an error; and what was set but is not known.</summary>
public sealed record OptionBinding<TOptions>(TOptions? Options, VolfileOption? Culprit, string? Error, IReadOnlyList<VolfileOption> Unknown)
    where TOptions : class;

/// <summary>
/// The options of one translator. The <c>Bool</c>, <c>Int</c>, ... methods declare one each, with a getter (for the default shown in help) and a
/// setter; no reflection is involved.
/// </summary>
public sealed class OptionTable<TOptions> : IEnumerable<VolumeOption<TOptions>>
    where TOptions : class, IVolumeOptions<TOptions>, new()
{
    private readonly List<VolumeOption<TOptions>> _options = [];
    private readonly Dictionary<string, VolumeOption<TOptions>> _byKey = new(StringComparer.Ordinal);
    private readonly TOptions _defaults = new();

    public IReadOnlyList<OptionDescription> Describe() =>
        [.. _options.Select(o => new OptionDescription(o.Key, o.Description, o.Allowed, o.Default, o.Aliases))];

    public OptionTable<TOptions> Bool(string key, string description, Func<TOptions, bool> get, Func<TOptions, bool, TOptions> set, params string[] aliases) =>
        Declare(key, description, "on or off (also 1/0, yes/no, true/false, enable/disable)", get(_defaults) ? "on" : "off", aliases,
            (options, text) => OptionValue.TryBool(text, out var value)
                ? new(set(options, value), null)
                : new(null, "is not a boolean"));

    public OptionTable<TOptions> Int(
        string key, string description, Func<TOptions, long> get, Func<TOptions, long, TOptions> set, long minimum = 0, long maximum = int.MaxValue, params string[] aliases) =>
        Declare(key, description, $"an integer from {minimum} to {maximum}", get(_defaults).ToString(CultureInfo.InvariantCulture), aliases,
            (options, text) => OptionValue.TryInt(text, out var value) && value >= minimum && value <= maximum
                ? new(set(options, value), null)
                : new(null, "is out of range"));

    /// <summary>A size in bytes, with an optional unit.</summary>
    public OptionTable<TOptions> Size(
        string key, string description, Func<TOptions, long> get, Func<TOptions, long, TOptions> set, long minimum = 0, long maximum = long.MaxValue, params string[] aliases) =>
        Declare(key, description, $"a size from {OptionValue.FormatSize(minimum)} to {OptionValue.FormatSize(maximum)}, such as 64KB, 4MB or 1GB",
            OptionValue.FormatSize(get(_defaults)), aliases,
            (options, text) => OptionValue.TrySize(text, out var value) && value >= minimum && value <= maximum
                ? new(set(options, value), null)
                : new(null, "is not such a size"));

    /// <summary>A duration, in seconds unless it has a unit.</summary>
    public OptionTable<TOptions> Seconds(
        string key, string description, Func<TOptions, TimeSpan> get, Func<TOptions, TimeSpan, TOptions> set, double minimum = 0, double maximum = 1e9, params string[] aliases) =>
        Declare(key, description, $"a time from {minimum} to {maximum} seconds, such as 42, 500ms, 5min or 1hr",
            get(_defaults).TotalSeconds.ToString(CultureInfo.InvariantCulture), aliases,
            (options, text) => OptionValue.TryTime(text, out var value) && value.TotalSeconds >= minimum && value.TotalSeconds <= maximum
                ? new(set(options, value), null)
                : new(null, "is not such a time"));

    public OptionTable<TOptions> Text(string key, string description, Func<TOptions, string?> get, Func<TOptions, string, TOptions> set, params string[] aliases) =>
        Declare(key, description, "text", get(_defaults) ?? "", aliases, (options, text) => new(set(options, text), null));

    public OptionTable<TOptions> Choice<TChoice>(
        string key, string description, IReadOnlyDictionary<string, TChoice> choices, Func<TOptions, TChoice> get, Func<TOptions, TChoice, TOptions> set, params string[] aliases)
        where TChoice : struct
    {
        var @default = choices.First(c => EqualityComparer<TChoice>.Default.Equals(c.Value, get(_defaults))).Key;
        return Declare(key, description, "one of " + string.Join(", ", choices.Keys), @default, aliases,
            (options, text) => choices.TryGetValue(text, out var value) ? new(set(options, value), null) : new(null, "is not one of them"));
    }

    /// <summary>A value with a grammar of its own: <paramref name="set"/> answers the record, or why the text is wrong.</summary>
    public OptionTable<TOptions> Custom(
        string key, string description, string allowed, string @default, Func<TOptions, string, OptionSetting<TOptions>> set, params string[] aliases) =>
        Declare(key, description, allowed, @default, aliases, set);

    /// <summary>Reads a volume's options into a fresh record. Unknown keys are no error: stock volfiles carry options of newer versions.</summary>
    public OptionBinding<TOptions> Bind(IEnumerable<VolfileOption> declared)
    {
        ArgumentNullException.ThrowIfNull(declared);
        var options = new TOptions();
        List<VolfileOption> unknown = [];
        foreach (var option in declared)
        {
            if (!_byKey.TryGetValue(option.Key, out var known))
            {
                unknown.Add(option);
                continue;
            }

            var (changed, error) = known.Set(options, option.Value);
            if (changed is null)
                return new(null, option, $"option '{option.Key}': '{option.Value}' {error}; expected {known.Allowed}", unknown);
            options = changed;
        }

        return new(options, null, null, unknown);
    }

    public IEnumerator<VolumeOption<TOptions>> GetEnumerator() => _options.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private OptionTable<TOptions> Declare(
        string key, string description, string allowed, string @default, string[] aliases, Func<TOptions, string, OptionSetting<TOptions>> set)
    {
        var option = new VolumeOption<TOptions>(key, description, allowed, @default, set) { Aliases = aliases };
        _options.Add(option);
        _byKey.Add(key, option);
        foreach (var alias in aliases)
            _byKey.Add(alias, option);
        return this;
    }
}

/// <summary>For translators without options of their own.</summary>
public sealed record NoOptions : IVolumeOptions<NoOptions>
{
    public static OptionTable<NoOptions> Table { get; } = new();
}
