using System.Text;

namespace BlockProxy.Volgen;

/// <summary>
/// Draws a volfile's graph for people, one volume a line as <c>name (type)</c>, the top first and children below their parent:
/// <code>
/// vol (debug/io-stats)
/// └─ vol-dht (cluster/distribute)
///    ├─ vol-client-0 (protocol/client)
///    └─ vol-client-1 (protocol/client)
/// </code>
/// </summary>
public static class VolfileTree
{
    /// <summary>
    /// The drawing, each line ended by a line feed. A volume that several parents share is drawn with its children once, and
    /// then only named, marked "shown above". Volumes that the top does not reach follow below a line that says so.
    /// </summary>
    public static string Render(Volfile volfile)
    {
        var drawing = new StringBuilder();
        var shown = new HashSet<string>(StringComparer.Ordinal);
        Draw(volfile, volfile.Top, shown, drawing);

        // Parents come after their children, so from the end each volume not shown yet has no parent that could show it.
        var idle = volfile.Volumes.Reverse().Where(volume => !shown.Contains(volume.Name));
        foreach (var (index, volume) in idle.Index())
        {
            if (index == 0)
                drawing.Append("idle, not reached from the top:\n");
            Draw(volfile, volume, shown, drawing);
        }
        return drawing.ToString();
    }

    private static void Draw(Volfile volfile, VolumeDeclaration root, HashSet<string> shown, StringBuilder drawing)
    {
        var waiting = new Stack<(VolumeDeclaration Volume, string Branch, string Indent)>([(root, "", "")]);
        while (waiting.TryPop(out var next))
        {
            var (volume, branch, indent) = next;
            var isNew = shown.Add(volume.Name);
            drawing.Append(branch).Append(VolfileLexis.Printable(volume.Name))
                .Append(" (").Append(VolfileLexis.Printable(volume.Type)).Append(isNew ? "" : ", shown above").Append(")\n");
            if (!isNew)
                continue;

            var isLast = true;
            foreach (var child in volfile.SubvolumesOf(volume).Reverse())
            {
                waiting.Push((child, indent + (isLast ? "└─ " : "├─ "), indent + (isLast ? "   " : "│  ")));
                isLast = false;
            }
        }
    }
}
