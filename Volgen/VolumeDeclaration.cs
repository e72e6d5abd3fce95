namespace BlockProxy.Volgen;

/// <summary>
/// One <c>volume … end-volume</c> block: one translator of the graph. Two declarations are equal if they say the same in the
/// same order, wherever they stand.
/// </summary>
/// <param name="Name">Unique within its volfile; may hold <c>/</c>.</param>
/// <param name="Type">The translator's type, such as <c>cluster/distribute</c>; not checked against any list.</param>
/// <param name="Options">In the order of the text, each key once.</param>
/// <param name="Subvolumes">The names of the children in the order of the text; the same child may be named twice.</param>
/// <param name="Position">Where the keyword <c>volume</c> stands.</param>
public sealed record VolumeDeclaration(
    string Name,
    string Type,
    IReadOnlyList<VolfileOption> Options,
    IReadOnlyList<string> Subvolumes,
    VolfilePosition Position = default)
{
    /// <summary>The option with this key, or null where the volume does not set it.</summary>
    public VolfileOption? FindOption(string key)
    {
        foreach (var option in Options)
        {
            if (option.Key == key)
                return option;
        }
        return null;
    }

    public bool Equals(VolumeDeclaration? other) =>
        other is not null
        && Name == other.Name
        && Type == other.Type
        && Options.SequenceEqual(other.Options)
        && Subvolumes.SequenceEqual(other.Subvolumes);

    public override int GetHashCode() => HashCode.Combine(Name, Type, Options.Count, Subvolumes.Count);
}
