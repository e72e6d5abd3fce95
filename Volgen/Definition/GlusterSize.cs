using System.Globalization;

namespace BlockProxy.Volgen.Definition;

/// <summary>Sizes as GlusterFS spells them: a number, fractions allowed, and a binary unit: <c>64MB</c>, <c>1.5GB</c>, <c>512</c>.</summary>
public static class GlusterSize
{
    private static readonly (string Unit, int Shift)[] Units =
        [("KB", 10), ("MB", 20), ("GB", 30), ("TB", 40), ("PB", 50), ("B", 0), ("", 0)];

    /// <summary>Bytes, rounded down; or null if it is no size or none of 64 bits.</summary>
    public static ulong? Parse(string text)
    {
        var (unit, shift) = Units.First(unit => text.EndsWith(unit.Unit, StringComparison.OrdinalIgnoreCase));
        var number = text.AsSpan(0, text.Length - unit.Length);
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var value))
            return null;

        // The bound keeps the product within what a decimal holds.
        if (value > ulong.MaxValue)
            return null;
        value = decimal.Floor(value * (1UL << shift));
        return value <= ulong.MaxValue ? (ulong)value : null;
    }
}
