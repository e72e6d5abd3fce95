namespace BlockProxy.Volgen.Options;

/// <summary>The options as a reader wants them: one entry each, searched by name or words, and the nearest names to a wrong one.</summary>
public static class OptionCatalogue
{
    private const int MaxSuggestions = 3;

    /// <summary>One option.</summary>
    /// <param name="Allowed">Type, range or words.</param>
    /// <param name="ShownDefault">What is in force when it is not set, or a dash.</param>
    /// <param name="Translators">The types of translators that take it.</param>
    public sealed record Entry(string Name, string Allowed, string ShownDefault, string Description, IReadOnlyList<string> Translators, int OpVersion);

    /// <summary>Every option by name.</summary>
    public static IEnumerable<Entry> All => OptionTable.Names.Order(StringComparer.Ordinal).Select(EntryOf);

    /// <summary>
    /// The options whose name or description holds the text, in any case. With a <c>*</c> it is a pattern for the whole name.
    /// </summary>
    public static IEnumerable<Entry> Matching(string pattern) => All.Where(entry => pattern.Contains('*')
        ? MatchesPattern(entry.Name, pattern)
        : entry.Name.Contains(pattern, StringComparison.OrdinalIgnoreCase) || entry.Description.Contains(pattern, StringComparison.OrdinalIgnoreCase));

    /// <summary>The end of a message about a name that is not known: <c>; nearest are …</c>, or nothing where none is near.</summary>
    public static string Suggestion(string name)
    {
        var nearest = OptionTable.Names.Select(known => (known, Distance: DistanceTo(known, name)))
            .Where(candidate => candidate.Distance <= Math.Max(2, name.Length / 3))
            .OrderBy(candidate => candidate.Distance).ThenBy(candidate => candidate.known, StringComparer.Ordinal)
            .Take(MaxSuggestions).Select(candidate => candidate.known);
        return string.Join(", ", nearest) is { Length: > 0 } names ? $"; nearest are {names}" : "";
    }

    /// <summary>Type, range and words of a row as a reader sees them.</summary>
    internal static string AllowedBy(OptionRow row)
    {
        if (row.Words.Count > 0)
            return string.Join('|', row.Words);
        var type = row.Type switch
        {
            OptionValueType.PercentOrSize => "percent or size",
            OptionValueType.ClientAddresses => "addresses",
            _ => row.Type.ToString().ToLowerInvariant(),
        };
        return (row.Least, row.Most) switch
        {
            (null, null) => type,
            ({ } least, null) => $"{type} from {least:0}",
            (null, { } most) => $"{type} up to {most:0}",
            ({ } least, { } most) => $"{type} {least:0} to {most:0}",
        };
    }

    private static Entry EntryOf(string name)
    {
        var rows = OptionTable.RowsOf(name).ToList();
        var value = rows.OrderByDescending(row => row.IsChecked).First();
        var allowed = string.Join("; ", rows.Where(row => row.IsChecked).Select(AllowedBy).DefaultIfEmpty(AllowedBy(value)).Distinct());
        return new(name, allowed, value.EffectiveDefault ?? "-", rows[0].Description,
            [.. rows.Select(row => row.Translator).Distinct()], rows.Min(row => row.OpVersion));
    }

    private static bool MatchesPattern(string name, string pattern)
    {
        var parts = pattern.Split('*');
        if (!name.StartsWith(parts[0], StringComparison.OrdinalIgnoreCase) || !name.EndsWith(parts[^1], StringComparison.OrdinalIgnoreCase))
            return false;
        var position = parts[0].Length;
        var end = name.Length - parts[^1].Length;
        foreach (var part in parts[1..^1])
        {
            var found = position <= end ? name.IndexOf(part, position, end - position, StringComparison.OrdinalIgnoreCase) : -1;
            if (found < 0)
                return false;
            position = found + part.Length;
        }
        return position <= end;
    }

    /// <summary>How far a name is from what was typed, which may lack the part before the dot.</summary>
    private static int DistanceTo(string known, string typed)
    {
        var whole = Edits(known, typed);
        return typed.Contains('.') ? whole : Math.Min(whole, Edits(known[(known.IndexOf('.') + 1)..], typed));
    }

    /// <summary>Levenshtein's distance: insertions, deletions and replacements of one character.</summary>
    private static int Edits(string a, string b)
    {
        const int LongestTyped = 200;
        if (b.Length > LongestTyped)
            return b.Length;
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[^1];
    }
}
