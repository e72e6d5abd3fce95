using BlockProxy.Volgen;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Volgen;

[TestFixture]
public sealed class VolfileWriterTests
{
    [Test]
    public void A_volfile_prints_as_glusterd_lays_it_out()
    {
        var volfile = new Volfile(
        [
            new("vol-client-0", "protocol/client", [new("remote-host", "10.77.0.1"), new("ping-timeout", "42")], []),
            new("vol-client-1", "protocol/client", [new("remote-host", "10.77.0.2")], []),
            new("vol-dht", "cluster/distribute", [], ["vol-client-0", "vol-client-1"]),
            new("vol", "debug/io-stats", [new("log-level", "INFO")], ["vol-dht"]),
        ]);

        const string text = """
            volume vol-client-0
                type protocol/client
                option remote-host 10.77.0.1
                option ping-timeout 42
            end-volume

            volume vol-client-1
                type protocol/client
                option remote-host 10.77.0.2
            end-volume

            volume vol-dht
                type cluster/distribute
                subvolumes vol-client-0 vol-client-1
            end-volume

            volume vol
                type debug/io-stats
                option log-level INFO
                subvolumes vol-dht
            end-volume

            """;
        Assert.That(VolfileWriter.Write(volfile), Is.EqualTo(text));
        Assert.That(VolfileWriter.TryWriteQuoted(volfile, out var quoted, out var reason));
        Assert.That(quoted, Is.EqualTo(text));
        Assert.That(reason, Is.Null);
    }

    [TestCase("plain", "plain")]
    [TestCase("inner#hash", "inner#hash")]
    [TestCase("'single'", "'single'")]
    [TestCase("volumes", "volumes")]
    [TestCase("\u00a0\u0001ż", "\u00a0\u0001ż")]
    [TestCase("#leading", "\"#leading\"")]
    [TestCase("two words", "\"two words\"")]
    [TestCase("tab\there", "\"tab\there\"")]
    [TestCase("cr\rhere", "\"cr\rhere\"")]
    [TestCase("say \"hi\"", @"""say \""hi\""""")]
    [TestCase(@"(.*)\.tmp", @"""(.*)\\.tmp""")]
    [TestCase("`date`", @"""\`date\`""")]
    [TestCase(@"\`", @"""\\\`""")]
    [TestCase("volume", "\"volume\"")]
    [TestCase("type", "\"type\"")]
    [TestCase("option", "\"option\"")]
    [TestCase("subvolumes", "\"subvolumes\"")]
    [TestCase("subvolumeS", "\"subvolumeS\"")]
    [TestCase("end-volume", "\"end-volume\"")]
    public void Words_are_quoted_when_asked_for_and_needed_and_read_back_the_same(string word, string quoted)
    {
        var volfile = new Volfile([new(word, word, [new(word, word)], []), new("top", "a", [], [word])]);

        Assert.That(VolfileWriter.TryWriteQuoted(volfile, out var text, out _));

        Assert.That(text, Is.EqualTo($"volume {quoted}\n    type {quoted}\n    option {quoted} {quoted}\nend-volume\n\n"
            + $"volume top\n    type a\n    subvolumes {quoted}\nend-volume\n"));
        Assert.That(VolfileParser.Parse(text!).Volfile, Is.EqualTo(volfile));
    }

    [Test]
    public void Words_are_raw_unless_quotes_are_asked_for()
    {
        var volfile = new Volfile([new("p", "a", [new("k", "say \"hi\" \\ #`")], [])]);

        Assert.That(VolfileWriter.Write(volfile), Is.EqualTo("volume p\n    type a\n    option k say \"hi\" \\ #`\nend-volume\n"));
    }

    private static IEnumerable<TestCaseData> Unsayable =>
    [
        new(new VolumeDeclaration("p", "a", [], []), "volume 'p' has neither an option nor subvolumes; a volfile needs one of them"),
        new(Setting("k", ""), "the value of option 'k' of volume 'p' is empty"),
        new(Setting("", "v"), "the key of option '' of volume 'p' is empty"),
        new(Setting("k", "v\nw"), "the value of option 'k' of volume 'p' holds a line feed, which a volfile cannot say"),
        new(Setting("k", "v\0"), "the value of option 'k' of volume 'p' holds a NUL character, which a volfile cannot say"),
        new(Setting("k", "\uDE00"), "the value of option 'k' of volume 'p' holds half of a surrogate pair, which a volfile cannot say"),
        new(Setting("k\n", "v"), "the key of option 'k\\u{a}' of volume 'p' holds a line feed, which a volfile cannot say"),
        new(Setting("k", new string('x', VolfileLimits.MaxWordLength + 1)),
            "the value of option 'k' of volume 'p' is longer than 262144 characters"),
        new(Setting("k", "v") with { Name = "p\n" }, "the name of volume 'p\\u{a}' holds a line feed, which a volfile cannot say"),
        new(Setting("k", "v") with { Type = "a\0" }, "the type of volume 'p' holds a NUL character, which a volfile cannot say"),
    ];

    [TestCaseSource(nameof(Unsayable))]
    public void What_the_format_cannot_say_is_not_written_and_the_reason_names_it(VolumeDeclaration volume, string expected)
    {
        var written = VolfileWriter.TryWriteQuoted(new([volume]), out var text, out var reason);

        Assert.That(written, Is.False);
        Assert.That(text, Is.Null);
        Assert.That(reason, Is.EqualTo(expected));
    }

    private static VolumeDeclaration Setting(string key, string value) => new("p", "a", [new(key, value)], []);
}
