using System.Text;

namespace BlockProxy.Nbd.Wire;

/// <summary>A string of the protocol: UTF-8, no NUL, at most 4096 bytes. proto.md, "Conventions".</summary>
public static class NbdString
{
    public const int MaximumBytes = 4096; // "MUST be no longer than 4096 bytes"

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a string; false when it is too long, holds a NUL or is not UTF-8.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out string text)
    {
        text = "";
        if (source.Length > MaximumBytes || source.Contains((byte)0))
            return false;
        if (!System.Text.Unicode.Utf8.IsValid(source))
            return false;
        text = Strict.GetString(source);
        return true;
    }

    /// <summary>The bytes of a string of ours.</summary>
    /// <exception cref="ArgumentException">The protocol cannot carry it: too long, a NUL in it, or a lone surrogate.</exception>
    public static byte[] GetBytes(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = Strict.GetBytes(text);
        if (bytes.Length > MaximumBytes || bytes.AsSpan().Contains((byte)0))
            throw new ArgumentException($"not a string that NBD can carry (at most {MaximumBytes} bytes of UTF-8 without NUL)", nameof(text));
        return bytes;
    }

    /// <summary>The longest beginning of the text that the protocol can carry, for what is only shown to people.</summary>
    public static byte[] GetDisplayBytes(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = Encoding.UTF8.GetBytes(text.Replace('\0', ' '));
        if (bytes.Length <= MaximumBytes)
            return bytes;
        var end = MaximumBytes;
        while ((bytes[end] & 0xC0) == 0x80) // not inside a code point
            end--;
        return bytes[..end];
    }
}
