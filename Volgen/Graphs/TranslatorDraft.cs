namespace BlockProxy.Volgen.Graphs;

/// <summary>A translator of a graph while the graph is made.</summary>
internal sealed class TranslatorDraft(string name, string type, params IEnumerable<string> subvolumes)
{
    private readonly List<VolfileOption> _options = [];

    public string Name { get; } = name;

    public string Type { get; } = type;

    public IReadOnlyList<string> Subvolumes { get; } = [.. subvolumes];

    /// <summary>Sets an option. One that is set already keeps its place.</summary>
    public TranslatorDraft Set(string key, string? value)
    {
        if (value is null)
            return this;
        var option = new VolfileOption(key, value);
        var index = _options.FindIndex(set => set.Key == key);
        if (index < 0)
            _options.Add(option);
        else
            _options[index] = option;
        return this;
    }

    /// <summary>glusterd prints options from the newest to the oldest.</summary>
    public VolumeDeclaration Build() => new(Name, Type, [.. Enumerable.Reverse(_options)], Subvolumes);
}
