using System.Text;
using BlockProxy.Volgen;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Volgen;

[TestFixture]
public sealed class VolfileLimitsTests
{
    private const string P = "volume p type a option k v end-volume\n";

    [TestCase(VolfileLimits.MaxLength, null)]
    [TestCase(VolfileLimits.MaxLength + 1, "line 1, column 1: a volfile of 16777217 characters; at most 16777216 are read")]
    public void A_text_has_a_greatest_length(int length, string? error)
    {
        Assert.That(VolfileParser.Parse(P.PadRight(length)).Error?.ToString(), Is.EqualTo(error));
    }

    [TestCase(VolfileLimits.MaxLength, null)]
    [TestCase(VolfileLimits.MaxLength + 1, "line 1, column 1: a volfile of 16777217 bytes; at most 16777216 are read")]
    public void Bytes_have_a_greatest_length(int length, string? error)
    {
        var bytes = new byte[length];
        Array.Fill(bytes, (byte)' ');
        Encoding.UTF8.GetBytes(P, bytes);

        Assert.That(VolfileParser.Parse(bytes).Error?.ToString(), Is.EqualTo(error));
    }

    [TestCase(VolfileLimits.MaxWordLength, null)]
    [TestCase(VolfileLimits.MaxWordLength + 1, "line 1, column 26: a word of 262145 characters; at most 262144 are read")]
    public void A_word_has_a_greatest_length_plain_or_quoted(int length, string? error)
    {
        var word = new string('x', length);

        Assert.That(VolfileParser.Parse($"volume p type a option k {word} end-volume").Error?.ToString(), Is.EqualTo(error));
        Assert.That(VolfileParser.Parse($"volume p type a option k \"{word}\" end-volume").Error?.ToString(), Is.EqualTo(error));
    }

    [TestCase(VolfileLimits.MaxVolumes, null)]
    [TestCase(VolfileLimits.MaxVolumes + 1, "line 65537, column 1: more than 65536 volumes")]
    public void Volumes_have_a_greatest_number(int count, string? error)
    {
        var text = string.Concat(Enumerable.Range(1, count).Select(number => $"volume v{number} type a option k v end-volume\n"));

        Assert.That(VolfileParser.Parse(text).Error?.ToString(), Is.EqualTo(error));
    }

    [TestCase(VolfileLimits.MaxLinks, null)]
    [TestCase(VolfileLimits.MaxLinks + 1, "line 65539, column 1: more than 131072 subvolumes named")]
    public void Named_subvolumes_have_a_greatest_number_over_all_volumes(int count, string? error)
    {
        const int ofFirst = VolfileLimits.MaxLinks / 2;
        var text = P
            + "volume q type a subvolumes " + string.Concat(Enumerable.Repeat("p ", ofFirst)) + "end-volume "
            + "volume t type a subvolumes\n" + string.Concat(Enumerable.Repeat("p\n", count - ofFirst)) + "end-volume";

        Assert.That(VolfileParser.Parse(text).Error?.ToString(), Is.EqualTo(error));
    }

    [TestCase(VolfileLimits.MaxDepth, null)]
    [TestCase(VolfileLimits.MaxDepth + 1, "line 129, column 1: volume 'v129' lies more than 128 volumes high")]
    public void A_graph_has_a_greatest_depth(int depth, string? error)
    {
        var text = new StringBuilder("volume v1 type a option k v end-volume\n");
        for (var number = 2; number <= depth; number++)
            text.Append($"volume v{number} type a subvolumes v{number - 1} end-volume\n");

        Assert.That(VolfileParser.Parse(text.ToString()).Error?.ToString(), Is.EqualTo(error));
    }

    [Test]
    public void Warnings_have_a_greatest_number()
    {
        var result = VolfileParser.Parse(P + new string('\\', VolfileLimits.MaxWarnings + 1));

        Assert.That(result.IsAccepted);
        Assert.That(result.Warnings, Has.Count.EqualTo(VolfileLimits.MaxWarnings));
    }
}
