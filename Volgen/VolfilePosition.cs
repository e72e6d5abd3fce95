namespace BlockProxy.Volgen;

/// <summary>
/// A place in a volfile's text. Both numbers count from 1; a column is one character, a tab and a character outside the
/// basic plane included. The default value, 0:0, stands for "in no text": a declaration that was made, not read.
/// </summary>
public readonly record struct VolfilePosition(int Line, int Column)
{
    /// <summary>The place of a text's first character.</summary>
    public static VolfilePosition Start => new(1, 1);

    /// <summary>Where a reader stands who was here and passed over a piece of text. Only a line feed ends a line.</summary>
    internal VolfilePosition After(ReadOnlySpan<char> passed)
    {
        var (line, column) = this;
        foreach (var character in passed)
        {
            if (character == '\n')
                (line, column) = (line + 1, 1);
            else if (!char.IsLowSurrogate(character)) // counted with its other half
                column++;
        }
        return new(line, column);
    }

    public override string ToString() => $"line {Line}, column {Column}";
}
