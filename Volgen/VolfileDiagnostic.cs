namespace BlockProxy.Volgen;

/// <summary>
/// What the reader of a volfile has to say about one place in it: why the text is refused, or a warning. The message is
/// one printable line; words of the text appear in it shortened and with their control characters escaped.
/// </summary>
public sealed record VolfileDiagnostic(VolfilePosition Position, string Message)
{
    public override string ToString() => $"{Position}: {Message}";
}
