using System.Globalization;
using System.Net;
using BlockProxy.Volgen.Definition;

namespace BlockProxy.Volgen.Options;

/// <summary>Whether a value is one that an option takes, as glusterd decides it.</summary>
public static class OptionValues
{
    private static readonly Dictionary<string, int> TimeUnits = new(StringComparer.OrdinalIgnoreCase)
    {
        [""] = 1,
        ["s"] = 1,
        ["sec"] = 1,
        ["m"] = 60,
        ["min"] = 60,
        ["h"] = 3600,
        ["hr"] = 3600,
        ["d"] = 86400,
        ["days"] = 86400,
        ["w"] = 604800,
        ["wk"] = 604800,
    };

    /// <summary>What is wrong with the value, such as <c>expected a size from 4194304, found '1KB'</c>; null if nothing is.</summary>
    public static string? FaultOf(OptionRow row, string value) =>
        IsAllowed(row, value) ? null : $"expected {(row.Words.Count > 0 ? "one of " : "")}{OptionCatalogue.AllowedBy(row)}, found {VolfileLexis.Show(value)}";

    private static bool IsAllowed(OptionRow row, string value) => row.Type switch
    {
        OptionValueType.Boolean => GlusterBoolean.Parse(value) is not null,
        OptionValueType.Integer => Integer(value) is { } number && IsWithin(row, number),
        OptionValueType.Size => GlusterSize.Parse(value) is { } size && IsWithin(row, size),
        OptionValueType.Percent => Percent(value) is >= 0 and <= 100,
        OptionValueType.PercentOrSize => value.EndsWith('%')
            ? Percent(value) is >= 0 and <= 100
            : Percent(value) is >= 0 and <= 100 || GlusterSize.Parse(value) is { } size && IsWithin(row, size),
        OptionValueType.Time => Seconds(value) is { } time && IsWithin(row, time),
        OptionValueType.Path => value.StartsWith('/') && !value.Contains("../", StringComparison.Ordinal),
        OptionValueType.Addresses => value.Length > 0 && value.Split(',').All(IsAddress),
        OptionValueType.Text => row.Words.Count == 0 || row.Words.Contains(value),
        OptionValueType.Priorities => value.Split(',').All(pair => pair.LastIndexOf(':') is var colon and > 0 && Integer(pair[(colon + 1)..]) >= 0),
        _ => value.Length > 0,
    };

    /// <summary>A whole number in C's notation.</summary>
    internal static long? Integer(string text)
    {
        var digits = text.AsSpan().TrimStart();
        var negative = digits.StartsWith("-");
        if (negative || digits.StartsWith("+"))
            digits = digits[1..];
        if (digits.IsEmpty || !char.IsAsciiHexDigit(digits[0]))
            return null;

        var radix = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? 16 : digits.Length > 1 && digits[0] == '0' ? 8 : 10;
        if (radix == 16)
            digits = digits[2..];
        if (digits.IsEmpty)
            return null;
        long number = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiHexDigit(digit) || Convert.ToInt32(digit.ToString(), 16) is var next && next >= radix)
                return null;
            next = Convert.ToInt32(digit.ToString(), 16);
            if (number > (long.MaxValue - next) / radix)
                return null;
            number = number * radix + next;
        }
        return negative ? -number : number;
    }

    private static double? Percent(string text)
    {
        var number = text.EndsWith('%') ? text[..^1] : text;
        return double.TryParse(number, NumberStyles.Float & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    private static long? Seconds(string text)
    {
        var end = text.Length;
        while (end > 0 && char.IsAsciiLetter(text[end - 1]) && !text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            end--;
        return Integer(text[..end]) is { } number and >= 0 && TimeUnits.TryGetValue(text[end..], out var unit) && number <= int.MaxValue
            ? number * unit
            : null;
    }

    private static bool IsAddress(string text) =>
        text == "*" || IPAddress.TryParse(text, out _) || (text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '*' or ':' or ' '));

    private static bool IsWithin(OptionRow row, double value) => !(value < row.Least) && !(value > row.Most);
}
