using BlockProxy.Volgen;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Volgen;

/// <summary>Each error says where, what is wrong, and what would be right.</summary>
[TestFixture]
public sealed class VolfileParserErrorTests
{
    private const string P = "volume p type storage/posix option directory /b end-volume\n";
    private const string QuoteTheValue = "; a value with blanks, quotes or backslashes must be written in quotes";
    private const string QuoteTheKeyword = "; a keyword that is meant as a word must be written in quotes";
    private const string QuoteTheHash = "; a '#' starts a comment unless it is in quotes or inside a word";
    private const string Backtick =
        "a backtick, with which GlusterFS would run a command; no command is run here, a backtick meant as text is written \"\\`\"";

    // Between volumes
    [TestCase("", "line 1, column 1: expected 'volume', found the end of the file")]
    [TestCase(" \n\t", "line 2, column 2: expected 'volume', found the end of the file")]
    [TestCase("# nothing\n", "line 2, column 1: expected 'volume', found the end of the file")]
    [TestCase("garbage\n" + P, "line 1, column 1: expected 'volume', found 'garbage'")]
    [TestCase("\"volume\" p", "line 1, column 1: expected 'volume', found 'volume'")]
    [TestCase("option k v", "line 1, column 1: expected 'volume', found the keyword 'option'")]
    [TestCase(P + "garbage\n", "line 2, column 1: expected 'volume' or the end of the file, found 'garbage'")]
    [TestCase(P + "end-volume\n", "line 2, column 1: expected 'volume' or the end of the file, found the keyword 'end-volume'")]
    // The name
    [TestCase("volume", "line 1, column 7: expected a name after 'volume', found the end of the file")]
    [TestCase("volume type a", "line 1, column 8: expected a name after 'volume', found the keyword 'type'" + QuoteTheKeyword)]
    [TestCase("volume #p\n type a", "line 2, column 2: expected a name after 'volume', found the keyword 'type'" + QuoteTheHash)]
    [TestCase("volume \"\" type a", "line 1, column 8: the name of a volume is empty")]
    [TestCase(P + "\n\n volume p type a option k v end-volume",
        "line 4, column 9: volume 'p' is declared already, at line 1, column 1; names are unique")]
    // The type
    [TestCase("volume p", "line 1, column 9: expected 'type' as the first thing in volume 'p', found the end of the file")]
    [TestCase("volume p Type a", "line 1, column 10: expected 'type' as the first thing in volume 'p', found 'Type'")]
    [TestCase("volume p\n    option k v\n    type a\nend-volume",
        "line 2, column 5: expected 'type' as the first thing in volume 'p', found the keyword 'option'")]
    [TestCase("volume p type subvolumes q",
        "line 1, column 15: expected the type of volume 'p' after 'type', found the keyword 'subvolumes'" + QuoteTheKeyword)]
    [TestCase("volume p type \"\" option k v", "line 1, column 15: the type of volume 'p' is empty")]
    [TestCase("volume p type a type b", "line 1, column 17: volume 'p' already has the type 'a'")]
    [TestCase("volume p type a option k v type b", "line 1, column 28: volume 'p' already has the type 'a'")]
    // Options
    [TestCase("volume p type a option end-volume",
        "line 1, column 24: expected a key and a value after 'option' in volume 'p', found the keyword 'end-volume'" + QuoteTheKeyword)]
    [TestCase("volume p type a\n option k\n subvolumes q",
        "line 3, column 2: expected a value for option 'k' of volume 'p', found the keyword 'subvolumes'" + QuoteTheKeyword)]
    [TestCase("volume p type a\n option k #v\nend-volume",
        "line 3, column 1: expected a value for option 'k' of volume 'p', found the keyword 'end-volume'" + QuoteTheHash)]
    [TestCase("volume p type a option k type",
        "line 1, column 26: expected a value for option 'k' of volume 'p', found the keyword 'type'" + QuoteTheKeyword)]
    [TestCase("volume p type a option k", "line 1, column 25: expected a value for option 'k' of volume 'p', found the end of the file")]
    [TestCase("volume p type a option k v w end-volume",
        "line 1, column 28: expected 'option', 'subvolumes' or 'end-volume' in volume 'p', found 'w'" + QuoteTheValue)]
    [TestCase("volume p type a option k \"v\"w end-volume",
        "line 1, column 29: expected 'option', 'subvolumes' or 'end-volume' in volume 'p', found 'w'" + QuoteTheValue)]
    [TestCase("volume p type a option k v\\w end-volume",
        "line 1, column 28: expected 'option', 'subvolumes' or 'end-volume' in volume 'p', found 'w'" + QuoteTheValue)]
    // Subvolumes
    [TestCase(P + "volume t type a subvolumes end-volume",
        "line 2, column 28: expected the name of a subvolume of volume 't', found the keyword 'end-volume'" + QuoteTheKeyword)]
    [TestCase(P + "volume t type a subvolumes q end-volume",
        "line 2, column 28: volume 't' names subvolume 'q', which is not declared before it")]
    [TestCase(P + "volume t type a subvolumes p t end-volume", "line 2, column 30: volume 't' names itself as its subvolume")]
    [TestCase(P + "volume t type a subvolumes \"\" p end-volume", "line 2, column 28: the name of a subvolume of volume 't' is empty")]
    [TestCase(P + "volume t type a subvolumes p option k v subvolumes p end-volume",
        "line 2, column 41: volume 't' already names its subvolumes at line 2, column 17; they all go behind one 'subvolumes'")]
    [TestCase("volume t type a subvolumes p end-volume " + P,
        "line 1, column 28: volume 't' names subvolume 'p', which is not declared before it")]
    // The end of a volume
    [TestCase("volume p type a end-volume", "line 1, column 17: volume 'p' has neither an option nor subvolumes; it needs one of them")]
    [TestCase("volume p type a option k v",
        "line 1, column 27: expected 'end-volume' for volume 'p', which begins at line 1, column 1, found the end of the file")]
    [TestCase(P + "volume q type a option k v volume r",
        "line 2, column 28: expected 'end-volume' for volume 'q', which begins at line 2, column 1, found the keyword 'volume'")]
    // Quotes
    [TestCase("volume p type a option k \"v end-volume\n", "line 1, column 26: the quotes opened here are never closed")]
    [TestCase("volume p type a option k v \"", "line 1, column 28: the quotes opened here are never closed")]
    [TestCase("volume \"p\\", "line 1, column 8: the quotes opened here are never closed")]
    [TestCase(P + "\"", "line 2, column 1: the quotes opened here are never closed")]
    // Backticks
    [TestCase("`", "line 1, column 1: " + Backtick)]
    [TestCase("volume p type a option k `date` end-volume", "line 1, column 26: " + Backtick)]
    [TestCase("volume p type a option k \"`date`\" end-volume", "line 1, column 27: " + Backtick)]
    [TestCase(P + "# \\` and `date`\n", "line 2, column 10: " + Backtick)]
    [TestCase("volume p type a option k \"\\\\`\" end-volume", "line 1, column 29: " + Backtick)]
    [TestCase("garbage\nand `more", "line 2, column 5: " + Backtick)]
    // What is no text
    [TestCase("\uFEFF" + P, "line 1, column 1: a byte order mark; a volfile is UTF-8 without one")]
    [TestCase("volume p type a option k v\0w end-volume", "line 1, column 27: a NUL character; a volfile is text")]
    [TestCase("volume p type a option k \"v \0\" end-volume", "line 1, column 29: a NUL character; a volfile is text")]
    [TestCase("volume p type a option k v end-volume\n\0", "line 2, column 1: a NUL character; a volfile is text")]
    [TestCase(P + "volume q type a subvolumes p \0", "line 2, column 30: a NUL character; a volfile is text")]
    public void An_error_names_the_place_the_fault_and_the_way_out(string text, string error)
    {
        var result = VolfileParser.Parse(text);

        Assert.That(result.Error?.ToString(), Is.EqualTo(error));
        Assert.That(result.IsAccepted, Is.False);
        Assert.That(result.Volfile, Is.Null);
    }

    [TestCase(0xD83D)]
    [TestCase(0xDE00)]
    public void Half_a_surrogate_pair_is_refused(int half) // an attribute cannot hold one, so it comes as a number
    {
        var result = VolfileParser.Parse($"volume p type a option k x{(char)half} end-volume");

        Assert.That(result.Error?.ToString(), Is.EqualTo("line 1, column 27: half of a surrogate pair; a volfile is text"));
    }

    [TestCase("766F6C756D6520FF", "line 1, column 8: byte 0xff is not UTF-8; a volfile is UTF-8 text")]
    [TestCase("0A0AC5BC20C5", "line 3, column 3: byte 0xc5 is not UTF-8; a volfile is UTF-8 text")]
    [TestCase("EFBBBF", "line 1, column 1: a byte order mark; a volfile is UTF-8 without one")]
    public void Bytes_that_are_no_plain_UTF8_are_refused(string hex, string error)
    {
        Assert.That(VolfileParser.Parse(Convert.FromHexString(hex)).Error?.ToString(), Is.EqualTo(error));
    }

    [Test]
    public void A_NUL_in_a_comment_harms_nobody()
    {
        Assert.That(VolfileParser.Parse(P + "# \0").IsAccepted);
    }

    [Test]
    public void A_message_shows_strange_words_as_one_short_printable_line()
    {
        var result = VolfileParser.Parse("\"a\u001b[31m\r\u202e\u2028\U0001F600" + new string('x', 5000) + '"');

        Assert.That(result.Error?.Message,
            Is.EqualTo("expected 'volume', found 'a\\u{1b}[31m\\u{d}\\u{202e}\\u{2028}\U0001F600" + new string('x', 89) + "…'"));
    }
}
