namespace BlockProxy.Volgen;

/// <summary>A volume while its block is being read.</summary>
internal sealed class VolumeBuilder(string name, VolfilePosition position)
{
    private readonly List<VolfileOption> _options = [];
    private readonly Dictionary<string, int> _optionIndexes = new(StringComparer.Ordinal);

    public string Name { get; } = name;

    public string Type { get; set; } = "";

    public List<string> Subvolumes { get; } = [];

    /// <summary>The volume as errors name it.</summary>
    public string Description => $"volume {VolfileLexis.Show(Name)}";

    public VolfilePosition Position { get; } = position;

    /// <summary>One of the volume's options as errors name it.</summary>
    public string DescriptionOf(string key) => $"option {VolfileLexis.Show(key)} of {Description}";

    /// <summary>Sets an option. A key that is there already keeps its place; the option that was in it is returned.</summary>
    public VolfileOption? Set(VolfileOption option)
    {
        if (_optionIndexes.TryAdd(option.Key, _options.Count))
        {
            _options.Add(option);
            return null;
        }
        var index = _optionIndexes[option.Key];
        var before = _options[index];
        _options[index] = option;
        return before;
    }

    public VolumeDeclaration Build() => new(Name, Type, _options.ToArray(), Subvolumes.ToArray(), Position);
}
