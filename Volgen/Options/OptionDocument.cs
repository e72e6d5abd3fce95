using System.Text;

namespace BlockProxy.Volgen.Options;

/// <summary>The page docs/volume-options.md: every option of the table, grouped by the part of its name before the dot.</summary>
public static class OptionDocument
{
    /// <summary>Markdown, each line ended by a line feed.</summary>
    public static string Render()
    {
        var text = new StringBuilder();
        text.Append("# Volume options\n\n");
        text.Append("Every option that can be set on a GlusterFS 10 volume. Written by `blockproxy volgen options --markdown` from Volgen/Options/option-table.tsv;\n");
        text.Append("a test compares the two. *Default* is what is in force when the option is not set. *Since* is the cluster's operating version from which on\n");
        text.Append("it may be set.\n");
        foreach (var group in OptionCatalogue.All.GroupBy(option => option.Name[..option.Name.IndexOf('.')]))
        {
            text.Append($"\n## {group.Key}\n\n| Option | Value | Default | Since | Translators | What it does |\n|---|---|---|---|---|---|\n");
            foreach (var option in group)
            {
                text.Append($"| `{option.Name}` | {Cell(option.Allowed)} | {Cell(option.ShownDefault)} | {option.OpVersion} ")
                    .Append($"| {string.Join(", ", option.Translators)} | {Cell(option.Description)} |\n");
            }
        }
        return text.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal);
}
