using System.Text;

namespace BlockProxy.Volgen;

/// <summary>Writes a volfile's graph in the DOT language of Graphviz: a node for each volume, an edge to each of its children.</summary>
public static class VolfileDot
{
    public static string Render(Volfile volfile)
    {
        var dot = new StringBuilder();
        dot.Append("digraph volfile {\n    node [shape=box];\n");
        foreach (var volume in volfile.Volumes.Reverse())
        {
            dot.Append("    ").Append(Quote(volume.Name)).Append(" [label=").Append(Quote($"{volume.Name}\n{volume.Type}"))
                .Append(volume == volfile.Top ? ", style=bold" : "").Append("];\n");
            foreach (var child in volume.Subvolumes)
                dot.Append("    ").Append(Quote(volume.Name)).Append(" -> ").Append(Quote(child)).Append(";\n");
        }
        return dot.Append("}\n").ToString();
    }

    /// <summary>
    /// In a quoted ID a backslash is kept, and labels read it as an escape, so it is doubled; a line feed becomes the label's own escape.
    /// </summary>
    private static string Quote(string text)
    {
        var lines = text.Split('\n').Select(line => VolfileLexis.Printable(line).Replace(@"\", @"\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal));
        return $"\"{string.Join(@"\n", lines)}\"";
    }
}
