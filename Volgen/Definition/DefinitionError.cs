namespace BlockProxy.Volgen.Definition;

/// <summary>Why a definition is refused.</summary>
/// <param name="Place">Where: a line and column, a path such as <c>bricks[2].path</c>, or the line of a key.</param>
/// <param name="Message">One printable line.</param>
public sealed record DefinitionError(string Place, string Message)
{
    public override string ToString() => $"{Place}: {Message}";
}
