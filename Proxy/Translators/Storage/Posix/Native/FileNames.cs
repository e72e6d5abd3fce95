using System.Text;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Native;

/// <summary>
/// File names are bytes on disk and text in fops. Bytes that are not UTF-8 become lone surrogates U+DC80 to U+DCFF, so that every name
/// survives the way there and back.
/// </summary>
internal static class FileNames
{
    /// <summary>NAME_MAX.</summary>
    public const int MaximumBytes = 255;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static int ByteCount(string name)
    {
        var count = 0;
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (char.IsHighSurrogate(c) && i + 1 < name.Length && char.IsLowSurrogate(name[i + 1]))
            {
                count += 4;
                i++;
            }
            else
            {
                count += c < 0x80 || IsEscaped(c) ? 1 : c < 0x800 ? 2 : 3;
            }
        }

        return count;
    }

    /// <summary>Writes the name's bytes; returns how many.</summary>
    public static int Encode(string name, Span<byte> destination)
    {
        if (System.Text.Ascii.IsValid(name))
        {
            System.Text.Ascii.FromUtf16(name, destination, out var written);
            return written;
        }

        var at = 0;
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (IsEscaped(c))
            {
                destination[at++] = (byte)(c - 0xdc00);
                continue;
            }

            if (!Rune.TryGetRuneAt(name, i, out var rune))
                rune = Rune.ReplacementChar;
            at += rune.EncodeToUtf8(destination[at..]);
            i += rune.Utf16SequenceLength - 1;
        }

        return at;
    }

    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes))
            return Strict.GetString(bytes);
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == System.Buffers.OperationStatus.Done)
            {
                text.Append(rune.ToString());
                bytes = bytes[consumed..];
            }
            else
            {
                text.Append((char)(0xdc00 + bytes[0]));
                bytes = bytes[1..];
            }
        }

        return text.ToString();
    }

    private static bool IsEscaped(char c) => c is >= '\udc80' and <= '\udcff';
}
