using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace BlockProxy.Proxy.Fops;

/// <summary>
/// Text whose bytes need not be UTF-8: file names, keys, link targets. Decoding never loses anything: a byte that is not part of valid UTF-8 becomes
/// the lone surrogate U+DC00 + byte, and encoding turns exactly those back, so every byte string survives the way through <see cref="string"/>.
/// </summary>
public static class ByteText
{
    private const char EscapeBase = '\udc00';

    public static string Decode(ReadOnlySpan<byte> bytes) => Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : DecodeEscaped(bytes);

    /// <summary>The bytes of <paramref name="text"/>.</summary>
    public static byte[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = new byte[MaximumByteCount(text)];
        var length = Encode(text, bytes);
        return length == bytes.Length ? bytes : bytes[..length];
    }

    /// <summary>Room that is always enough for <see cref="Encode(ReadOnlySpan{char}, Span{byte})"/>.</summary>
    public static int MaximumByteCount(ReadOnlySpan<char> text) => checked(text.Length * 3);

    /// <summary>Writes the bytes to <paramref name="destination"/>, which must have <see cref="MaximumByteCount"/> bytes, and returns how many they are.</summary>
    public static int Encode(ReadOnlySpan<char> text, Span<byte> destination)
    {
        var length = 0;
        while (true)
        {
            var status = Utf8.FromUtf16(text, destination[length..], out var read, out var written, replaceInvalidSequences: false, isFinalBlock: true);
            length += written;
            if (status == OperationStatus.Done)
                return length;
            if (status == OperationStatus.DestinationTooSmall)
                throw new ArgumentException("the destination is too small for the text", nameof(destination));
            var escaped = text[read];
            if (escaped is >= (char)(EscapeBase + 0x80) and <= (char)(EscapeBase + 0xff))
                destination[length++] = (byte)(escaped - EscapeBase);
            else
                length += Rune.ReplacementChar.EncodeToUtf8(destination[length..]); // a surrogate that no decoder made
            text = text[(read + 1)..];
        }
    }

    private static string DecodeEscaped(ReadOnlySpan<byte> bytes)
    {
        // No byte becomes more than one char.
        var rented = ArrayPool<char>.Shared.Rent(bytes.Length);
        var length = 0;
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == OperationStatus.Done)
            {
                length += rune.EncodeToUtf16(rented.AsSpan(length));
            }
            else
            {
                foreach (var raw in bytes[..consumed])
                    rented[length++] = (char)(EscapeBase + raw);
            }

            bytes = bytes[consumed..];
        }

        var text = new string(rented, 0, length);
        ArrayPool<char>.Shared.Return(rented);
        return text;
    }
}
