using System.Buffers;
using System.Text.Unicode;

namespace BlockProxy.Volgen;

/// <summary>
/// Reads volfiles by the rules of GlusterFS 10. It refuses more than GlusterFS does, never less, in these cases: text between
/// backticks (GlusterFS runs it as a command), a NUL character in a word (GlusterFS cuts the word there), text that is not
/// UTF-8, quotes left open after the last volume, a subvolume whose name is empty, unknown or the volume's own (GlusterFS goes on
/// without it, and so with a piece of the data missing). Whether a type or an option exists is not the parser's business.
/// </summary>
public static class VolfileParser
{
    private const string CommandRefused = "a backtick, with which GlusterFS would run a command; "
        + "no command is run here, a backtick meant as text is written \"\\`\"";

    /// <summary>Parses a volfile's text. Never throws for what the text holds.</summary>
    public static VolfileParseResult Parse(string text) => ParseText(text);

    /// <summary>Parses a volfile's bytes. Never throws for what they hold.</summary>
    public static VolfileParseResult Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > VolfileLimits.MaxLength)
            return RefuseLength(utf8.Length, "bytes");

        var characters = ArrayPool<char>.Shared.Rent(utf8.Length); // a byte of UTF-8 gives at most one
        try
        {
            var status = Utf8.ToUtf16(utf8, characters, out var read, out var written, replaceInvalidSequences: false);
            var text = characters.AsSpan(0, written);
            return status == OperationStatus.Done
                ? ParseText(text)
                : Refuse(VolfilePosition.Start.After(text), $"byte 0x{utf8[read]:x2} is not UTF-8; a volfile is UTF-8 text");
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters);
        }
    }

    private static VolfileParseResult ParseText(ReadOnlySpan<char> text)
    {
        if (text.Length > VolfileLimits.MaxLength)
            return RefuseLength(text.Length, "characters");
        if (text.StartsWith("\uFEFF"))
            return Refuse(VolfilePosition.Start, "a byte order mark; a volfile is UTF-8 without one");
        if (IndexOfCommand(text) is var index and >= 0)
            return Refuse(VolfilePosition.Start.After(text[..index]), CommandRefused);
        return new VolfileGrammar(text).ReadVolfile();
    }

    /// <summary>
    /// The first backtick that would begin a command, or -1. Comments and quotes do not protect a backtick; a backslash does,
    /// unless it is itself protected by one.
    /// </summary>
    private static int IndexOfCommand(ReadOnlySpan<char> text)
    {
        var from = 0;
        while (text[from..].IndexOf(VolfileLexis.Backtick) is var distance and >= 0)
        {
            var index = from + distance;
            var before = text[from..index];
            var backslashes = before.Length - before.TrimEnd(VolfileLexis.Escape).Length;
            if (backslashes % 2 == 0)
                return index;
            from = index + 1;
        }
        return -1;
    }

    private static VolfileParseResult RefuseLength(int length, string unit) =>
        Refuse(VolfilePosition.Start, $"a volfile of {length} {unit}; at most {VolfileLimits.MaxLength} are read");

    private static VolfileParseResult Refuse(VolfilePosition position, string message) =>
        new(new VolfileDiagnostic(position, message), []);
}
