namespace BlockProxy.Volgen;

/// <summary>
/// A translator graph as a volfile declares it. Whoever holds one holds a well-formed graph: at least one volume, names
/// and each volume's option keys unique, every subvolume declared before the volume that names it, so without cycles.
/// Volumes that the top does not reach may be there; they are idle.
/// </summary>
public sealed record Volfile
{
    private readonly Dictionary<string, VolumeDeclaration> _byName;

    /// <param name="volumes">Children before their parents, the top last.</param>
    /// <exception cref="ArgumentException">The volumes are no well-formed graph; the message says why.</exception>
    public Volfile(IReadOnlyList<VolumeDeclaration> volumes)
    {
        if (volumes.Count == 0)
            throw new ArgumentException("a volfile declares at least one volume", nameof(volumes));

        Volumes = [.. volumes];
        _byName = new(volumes.Count, StringComparer.Ordinal);
        foreach (var volume in Volumes)
        {
            if (FaultOf(volume) is { } fault)
                throw new ArgumentException($"volume '{volume.Name}' {fault}", nameof(volumes));
            _byName.Add(volume.Name, volume);
        }
    }

    /// <summary>Every declared volume, in the order of the text: children before their parents.</summary>
    public IReadOnlyList<VolumeDeclaration> Volumes { get; }

    /// <summary>The volume that the graph's user talks to: the last one.</summary>
    public VolumeDeclaration Top => Volumes[^1];

    /// <summary>The volume of this name, or null.</summary>
    public VolumeDeclaration? FindVolume(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The declarations of a volume's children, in order; a child named twice is there twice.</summary>
    /// <exception cref="KeyNotFoundException">The volume is not of this volfile and names a child that is not there.</exception>
    public IEnumerable<VolumeDeclaration> SubvolumesOf(VolumeDeclaration volume) => volume.Subvolumes.Select(name => _byName[name]);

    public bool Equals(Volfile? other) => other is not null && Volumes.SequenceEqual(other.Volumes);

    public override int GetHashCode() => HashCode.Combine(Volumes.Count, Top);

    private string? FaultOf(VolumeDeclaration volume)
    {
        if (volume.Name.Length == 0)
            return "has no name";
        if (volume.Type.Length == 0)
            return "has no type";
        if (_byName.ContainsKey(volume.Name))
            return "is declared twice";

        var keys = new HashSet<string>(volume.Options.Count, StringComparer.Ordinal);
        foreach (var option in volume.Options)
        {
            if (!keys.Add(option.Key))
                return $"sets option '{option.Key}' twice";
        }
        foreach (var name in volume.Subvolumes)
        {
            if (!_byName.ContainsKey(name))
                return $"names subvolume '{name}', which is not declared before it";
        }
        return null;
    }
}
