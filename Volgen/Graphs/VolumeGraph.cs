namespace BlockProxy.Volgen.Graphs;

/// <summary>
/// A graph as it was made from a definition. Its volumes are in the order of the text. It need not be a well-formed <see cref="Volfile"/>: options
/// that make glusterd write a name twice do so here too.
/// </summary>
/// <param name="Name">Which of the volume's graphs, such as <c>trusted-client</c> or <c>brick-2</c>.</param>
public sealed record VolumeGraph(string Name, IReadOnlyList<VolumeDeclaration> Volumes)
{
    /// <summary>The text exactly as glusterd writes it.</summary>
    public string Text => VolfileWriter.Write(Volumes);

    /// <summary>The graph as a volfile, or null with the reason why it is none.</summary>
    public Volfile? ToVolfile(out string? fault)
    {
        try
        {
            fault = null;
            return new(Volumes);
        }
        catch (ArgumentException error)
        {
            fault = error.Message;
            return null;
        }
    }
}
