namespace BlockProxy.Volgen;

/// <summary>
/// One <c>option KEY VALUE</c> of a volume. The value is text as the volfile means it: without quotes and escapes, not yet
/// read as a number or a boolean. Two options are equal if they say the same, wherever they stand.
/// </summary>
public sealed record VolfileOption(string Key, string Value, VolfilePosition Position = default)
{
    public bool Equals(VolfileOption? other) => other is not null && Key == other.Key && Value == other.Value;

    public override int GetHashCode() => HashCode.Combine(Key, Value);
}
