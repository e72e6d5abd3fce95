using System.Globalization;

namespace BlockProxy.Volgen.Options;

/// <summary>Reads the data files that are part of this library: lines of tab-separated columns, comments behind <c>#</c>.</summary>
internal static class TabSeparated
{
    /// <exception cref="InvalidOperationException">The data that was built in is wrong.</exception>
    public static IEnumerable<string[]> Read(string name, int columns)
    {
        using var stream = typeof(TabSeparated).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not part of this build");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            var cells = line.Split('\t');
            if (cells.Length != columns)
                throw new InvalidOperationException($"{name}: {cells.Length} columns in place of {columns}: {line}");
            yield return cells;
        }
    }

    /// <summary>The number, or null for an empty cell.</summary>
    public static double? OptionalNumber(string cell) => cell.Length == 0 ? null : double.Parse(cell, CultureInfo.InvariantCulture);

    public static int Integer(string cell) => int.Parse(cell, CultureInfo.InvariantCulture);
}
