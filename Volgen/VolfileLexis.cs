using System.Buffers;
using System.Globalization;
using System.Text;

namespace BlockProxy.Volgen;

/// <summary>The characters and keywords that mean something in a volfile: what reader and writer must agree on.</summary>
internal static class VolfileLexis
{
    public const char Comment = '#';
    public const char Quote = '"';
    public const char Escape = '\\';

    /// <summary>Two of these, unescaped and anywhere in the text, make GlusterFS run what is between them in a shell.</summary>
    public const char Backtick = '`';

    private const int MaxShownLength = 100;

    private static readonly SearchValues<char> Blanks = SearchValues.Create(" \t\r\n");

    /// <summary>What ends a plain word. Every other character is part of it, control characters and <c>#</c> included.</summary>
    private static readonly SearchValues<char> WordEnds = SearchValues.Create(" \t\r\n\"\\");

    private static readonly SearchValues<char> NeedingQuotes = SearchValues.Create(" \t\r\n\"\\`");

    /// <summary>How much white space a text begins with.</summary>
    public static int LeadingBlanks(ReadOnlySpan<char> text) =>
        text.IndexOfAnyExcept(Blanks) is var end and >= 0 ? end : text.Length;

    /// <summary>The plain word or keyword at the start of a text; empty if there is none.</summary>
    public static ReadOnlySpan<char> LeadingWord(ReadOnlySpan<char> text) =>
        text.IndexOfAny(WordEnds) is var end and >= 0 ? text[..end] : text;

    /// <summary>What an unquoted word is: one of the keywords, which are lower case but for one letter, or just a word.</summary>
    public static VolfileTokenKind KindOf(ReadOnlySpan<char> word) => word switch
    {
        "volume" => VolfileTokenKind.Volume,
        "type" => VolfileTokenKind.Type,
        "option" => VolfileTokenKind.Option,
        "subvolumes" or "subvolumeS" => VolfileTokenKind.Subvolumes,
        "end-volume" => VolfileTokenKind.EndVolume,
        _ => VolfileTokenKind.Word,
    };

    public static bool NeedsQuotes(ReadOnlySpan<char> word) =>
        word.IsEmpty || word[0] == Comment || word.ContainsAny(NeedingQuotes) || KindOf(word) != VolfileTokenKind.Word;

    /// <summary>The index of the first character that no word can hold: NUL, or half of a surrogate pair. -1 if there is none.</summary>
    public static int IndexOfForbidden(ReadOnlySpan<char> word)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if (word[i] == '\0')
                return i;
            if (!char.IsSurrogate(word[i]))
                continue;
            if (i + 1 == word.Length || !char.IsSurrogatePair(word[i], word[i + 1]))
                return i;
            i++;
        }
        return -1;
    }

    public static string NameOfForbidden(char character) => character == '\0' ? "a NUL character" : "half of a surrogate pair";

    /// <summary>A word in single quotes for a message: printable, and shortened if it is very long.</summary>
    public static string Show(string word) =>
        word.Length <= MaxShownLength ? $"'{Printable(word)}'" : $"'{Printable(word[..MaxShownLength])}…'";

    /// <summary>A word on one line without anything that a terminal or a log could take for more than text.</summary>
    public static string Printable(string word)
    {
        var printable = new StringBuilder(word.Length);
        foreach (var rune in word.EnumerateRunes())
        {
            if (IsPrintable(rune))
                printable.Append(rune);
            else
                printable.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
        }
        return printable.ToString();
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
