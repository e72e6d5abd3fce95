using System.Text;
using BlockProxy.Volgen;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Volgen;

[TestFixture]
public sealed class VolfilePropertyTests
{
    private static readonly string[] Samples =
    [
        "010-plain-arb2/client.vol",
        "040-gfproxyd-perf/gfproxyd.vol",
        "parse/comment-lines.vol",
        "parse/quote-escape.vol",
        "parse/quoted-key.vol",
        "parse/subvolumes-over-lines.vol",
        "parse/utf8-value.vol",
    ];

    [Test]
    public void What_is_written_raw_reads_back_if_it_needs_no_quotes()
    {
        Prop.ForAll(VolfileArbitrary.Plain, volfile => volfile.Equals(VolfileParser.Parse(VolfileWriter.Write(volfile)).Volfile))
            .QuickCheckThrowOnFailure();
    }

    [Test]
    public void What_is_written_in_quotes_reads_back_without_a_warning()
    {
        Prop.ForAll(VolfileArbitrary.Sayable, volfile =>
        {
            if (!VolfileWriter.TryWriteQuoted(volfile, out var text, out _))
                return false;
            var result = VolfileParser.Parse(Encoding.UTF8.GetBytes(text));
            return volfile.Equals(result.Volfile) && result.Warnings.Count == 0;
        }).QuickCheckThrowOnFailure();
    }

    [Test]
    public void Whatever_is_to_be_written_reads_back_or_is_refused_with_a_reason()
    {
        Prop.ForAll(VolfileArbitrary.Any, volfile => VolfileWriter.TryWriteQuoted(volfile, out var text, out var reason)
            ? volfile.Equals(VolfileParser.Parse(text).Volfile)
            : !string.IsNullOrEmpty(reason)).QuickCheckThrowOnFailure();
    }

    [Test]
    public void Any_text_and_any_bytes_get_a_verdict()
    {
        Prop.ForAll<string>(text => HasVerdict(VolfileParser.Parse(text))).QuickCheckThrowOnFailure();
        Prop.ForAll<byte[]>(bytes => HasVerdict(VolfileParser.Parse(bytes))).QuickCheckThrowOnFailure();
    }

    [TestCaseSource(nameof(Samples))]
    public void A_file_cut_short_is_accepted_only_at_the_end_of_a_volume(string path)
    {
        var bytes = GoldenVolfiles.Files[path];
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            var result = VolfileParser.Parse(cut);

            Assert.That(HasVerdict(result));
            Assert.That(result.IsAccepted, Is.EqualTo(EndsWithVolume(cut)), $"cut at byte {length}: {result.Error}");
        }

        static bool EndsWithVolume(byte[] cut)
        {
            var lines = Encoding.UTF8.GetString(cut).Split('\n').Select(line => line.Trim());
            return lines.LastOrDefault(line => line.Length > 0 && line[0] != '#') == "end-volume";
        }
    }

    [TestCaseSource(nameof(Samples))]
    public void A_corrupted_file_gets_a_verdict_and_what_is_accepted_can_be_written_again(string path)
    {
        var random = new Random(1);
        for (var round = 0; round < 1000; round++)
        {
            var bytes = Corrupt(GoldenVolfiles.Files[path], random);

            var result = VolfileParser.Parse(bytes);

            Assert.That(HasVerdict(result), $"round {round}");
            if (result.Volfile is { } volfile && VolfileWriter.TryWriteQuoted(volfile, out var text, out _))
                Assert.That(VolfileParser.Parse(text).Volfile, Is.EqualTo(volfile), $"round {round}");
        }
    }

    /// <summary>A few bytes replaced, inserted or removed, half of them by what means something to the parser.</summary>
    private static byte[] Corrupt(byte[] bytes, Random random)
    {
        var corrupt = bytes.ToList();
        for (var count = random.Next(1, 5); count > 0; count--)
        {
            var index = random.Next(corrupt.Count);
            var value = random.Next(2) == 0 ? (byte)random.Next(256) : " \t\r\n\"\\#\0`"u8[random.Next(9)];
            switch (random.Next(3))
            {
                case 0:
                    corrupt[index] = value;
                    break;
                case 1:
                    corrupt.Insert(index, value);
                    break;
                default:
                    corrupt.RemoveAt(index);
                    break;
            }
        }
        return [.. corrupt];
    }

    /// <summary>Either a volfile or an error that stands in the text and has a one-line message; never both.</summary>
    private static bool HasVerdict(VolfileParseResult result) => result.IsAccepted
        ? result.Volfile.Volumes.Count > 0 && result.Error is null
        : result.Volfile is null
            && result.Error is { Position: { Line: > 0, Column: > 0 }, Message.Length: > 0 }
            && !result.Error.Message.Contains('\n');
}
