using System.Globalization;

namespace BlockProxy.Proxy.Options;

/// <summary>How GlusterFS reads the text of option values.</summary>
public static class OptionValue
{
    private static readonly (string Suffix, long Factor)[] SizeUnits =
    [
        ("KIB", 1L << 10), ("MIB", 1L << 20), ("GIB", 1L << 30), ("TIB", 1L << 40), ("PIB", 1L << 50),
        ("KB", 1L << 10), ("MB", 1L << 20), ("GB", 1L << 30), ("TB", 1L << 40), ("PB", 1L << 50),
        ("K", 1L << 10), ("M", 1L << 20), ("G", 1L << 30), ("T", 1L << 40), ("P", 1L << 50), ("B", 1),
    ];

    private static readonly (string Suffix, double Seconds)[] TimeUnits =
    [
        ("days", 86400), ("day", 86400), ("hours", 3600), ("hour", 3600), ("hrs", 3600), ("hr", 3600), ("min", 60), ("wk", 604800),
        ("sec", 1), ("ms", 0.001), ("d", 86400), ("h", 3600), ("m", 60), ("w", 604800), ("s", 1),
    ];

    public static bool TryBool(string text, out bool value)
    {
        ArgumentNullException.ThrowIfNull(text);
        switch (text.ToUpperInvariant())
        {
            case "1" or "ON" or "YES" or "TRUE" or "ENABLE":
                value = true;
                return true;
            case "0" or "OFF" or "NO" or "FALSE" or "DISABLE":
                value = false;
                return true;
            default:
                value = false;
                return false;
        }
    }

    public static bool TryInt(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    /// <summary>Bytes from <c>4096</c>, <c>64KB</c>, <c>1.5G</c>, <c>10GiB</c>: every unit is a power of 1024, in any case.</summary>
    public static bool TrySize(string text, out long bytes)
    {
        ArgumentNullException.ThrowIfNull(text);
        bytes = 0;
        var number = text.Trim();
        var factor = 1L;
        foreach (var (suffix, unit) in SizeUnits)
        {
            if (!number.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
                continue;
            number = number[..^suffix.Length].TrimEnd();
            factor = unit;
            break;
        }

        if (long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var whole))
        {
            if (whole > long.MaxValue / factor)
                return false;
            bytes = whole * factor;
            return true;
        }

        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var fraction) || fraction > long.MaxValue / factor)
            return false;
        bytes = (long)(fraction * factor);
        return true;
    }

    /// <summary>A time from <c>42</c> (seconds), <c>500ms</c>, <c>5min</c>, <c>1hr</c>, <c>2days</c>, <c>1wk</c>.</summary>
    public static bool TryTime(string text, out TimeSpan value)
    {
        ArgumentNullException.ThrowIfNull(text);
        value = default;
        var number = text.Trim();
        var factor = 1.0;
        foreach (var (suffix, unit) in TimeUnits)
        {
            if (!number.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
                continue;
            number = number[..^suffix.Length].TrimEnd();
            factor = unit;
            break;
        }

        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) || amount * factor > 1e9)
            return false;
        value = TimeSpan.FromSeconds(amount * factor);
        return true;
    }

    /// <summary>The shortest exact form, such as <c>64KiB</c> or <c>1GiB</c>.</summary>
    public static string FormatSize(long bytes)
    {
        string[] units = ["", "KiB", "MiB", "GiB", "TiB", "PiB"];
        var unit = 0;
        while (bytes >= 1024 && bytes % 1024 == 0 && unit < units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return bytes.ToString(CultureInfo.InvariantCulture) + units[unit];
    }
}
