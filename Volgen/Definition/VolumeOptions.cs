using System.Collections;

namespace BlockProxy.Volgen.Definition;

/// <summary>Option values by name, each name once, in an order that is kept. Immutable.</summary>
public sealed class VolumeOptions : IReadOnlyList<KeyValuePair<string, string>>
{
    private readonly KeyValuePair<string, string>[] _all;
    private readonly Dictionary<string, string> _byName;

    /// <exception cref="ArgumentException">A name is there twice.</exception>
    public VolumeOptions(IEnumerable<KeyValuePair<string, string>> options)
    {
        _all = [.. options];
        _byName = new(_all, StringComparer.Ordinal);
    }

    public static VolumeOptions None { get; } = new([]);

    public int Count => _all.Length;

    public KeyValuePair<string, string> this[int index] => _all[index];

    /// <summary>The value as it was typed, or null where the option is not set.</summary>
    public string? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>A boolean option; where it is not set or no boolean, <paramref name="otherwise"/>.</summary>
    public bool IsOn(string name, bool otherwise = false) => Find(name) is { } value ? GlusterBoolean.Parse(value) ?? otherwise : otherwise;

    /// <summary>These options with one set: in place if it is there, else as the newest.</summary>
    public VolumeOptions With(string name, string value) => _byName.ContainsKey(name)
        ? new(_all.Select(option => option.Key == name ? KeyValuePair.Create(name, value) : option))
        : new([KeyValuePair.Create(name, value), .. _all]);

    public VolumeOptions Without(string name) => new(_all.Where(option => option.Key != name));

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _all.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
