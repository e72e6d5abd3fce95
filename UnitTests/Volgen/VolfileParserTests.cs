using BlockProxy.Volgen;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Volgen;

[TestFixture]
public sealed class VolfileParserTests
{
    private const string TwoBricks = """
        volume brick-0
            type protocol/client
            option remote-host 10.77.0.1
        end-volume

        volume brick-1
            type protocol/client
            option remote-host 10.77.0.2
        end-volume

        volume dht
            type cluster/distribute
            option lookup-optimize on
            option min-free-disk 10%
            subvolumes brick-0 brick-1
        end-volume

        """;

    [Test]
    public void A_volfile_reads_as_its_volumes_in_order_the_last_on_top()
    {
        var volfile = Accepted(TwoBricks);

        Assert.That(volfile.Volumes, Is.EqualTo(new VolumeDeclaration[]
        {
            new("brick-0", "protocol/client", [new("remote-host", "10.77.0.1")], []),
            new("brick-1", "protocol/client", [new("remote-host", "10.77.0.2")], []),
            new("dht", "cluster/distribute", [new("lookup-optimize", "on"), new("min-free-disk", "10%")], ["brick-0", "brick-1"]),
        }));
        Assert.That(volfile.Top.Name, Is.EqualTo("dht"));
    }

    [Test]
    public void Volumes_and_options_know_where_they_stand()
    {
        var volfile = Accepted(TwoBricks);

        Assert.That(volfile.Volumes.Select(volume => volume.Position),
            Is.EqualTo(new VolfilePosition[] { new(1, 1), new(6, 1), new(11, 1) }));
        Assert.That(volfile.Top.Options.Select(option => option.Position), Is.EqualTo(new VolfilePosition[] { new(13, 12), new(14, 12) }));
    }

    [Test]
    public void A_column_is_one_character_whatever_its_width_in_bytes()
    {
        var volfile = Accepted("volume \U0001F600ż type a/b\toption k v end-volume");

        Assert.That(volfile.Top.Name, Is.EqualTo("\U0001F600ż"));
        Assert.That(volfile.Top.Options[0].Position, Is.EqualTo(new VolfilePosition(1, 27)));
    }

    [Test]
    public void Bytes_and_text_read_alike()
    {
        const string text = "volume ż type a/b option \U0001F600 \u2028x end-volume";

        Assert.That(VolfileParser.Parse(System.Text.Encoding.UTF8.GetBytes(text)).Volfile, Is.EqualTo(Accepted(text)));
    }

    [TestCase("volume p type a/b option k v end-volume")]
    [TestCase("volume\np\ntype\na/b\noption\nk\nv\nend-volume")]
    [TestCase("volume p\r\ntype a/b\r\noption k v\r\nend-volume\r\n")]
    [TestCase("\n\n\t volume\tp\ttype\ta/b\toption\tk\tv\tend-volume \t")]
    [TestCase("#head\nvolume p #name\r still comment\n#\ntype a/b option k v # \"why\\`\nend-volume # tail")]
    public void Layout_means_nothing(string text)
    {
        Assert.That(Accepted(text).Volumes, Is.EqualTo(new VolumeDeclaration[] { new("p", "a/b", [new("k", "v")], []) }));
    }

    [TestCase("plain", "plain")]
    [TestCase("a#b", "a#b")]
    [TestCase("'single'", "'single'")]
    [TestCase("volumes", "volumes")]
    [TestCase("Volume", "Volume")]
    [TestCase("a\fb\u0001\u0085", "a\fb\u0001\u0085")]
    [TestCase("\"volume\"", "volume")]
    [TestCase("\"a b\tc\rd\"", "a b\tc\rd")]
    [TestCase("\"# no comment\"", "# no comment")]
    [TestCase(@"""say \""hi\"" \\ \n""", @"say ""hi"" \ n")]
    [TestCase(@"""a\`b""", "a`b")]
    [TestCase(@"""a\\\`b""", @"a\`b")]
    [TestCase("\"a\\\U0001F600\"", "a\U0001F600")]
    public void A_value_means(string written, string meant)
    {
        var result = VolfileParser.Parse($"volume p type a/b option k {written} end-volume");

        Assert.That(result.Volfile?.Top.FindOption("k")?.Value, Is.EqualTo(meant), result.Error?.ToString());
        Assert.That(result.Warnings, Is.Empty);
    }

    [Test]
    public void Words_and_keywords_may_touch_their_neighbours_through_quotes()
    {
        var volfile = Accepted("volume\"p\"type\"a/b\"option\"k\"\"v w\"end-volume volume q type a/b subvolumes\"p\"end-volume");

        Assert.That(volfile.Volumes, Is.EqualTo(new VolumeDeclaration[]
        {
            new("p", "a/b", [new("k", "v w")], []),
            new("q", "a/b", [], ["p"]),
        }));
    }

    [Test]
    public void Subvolumes_may_stand_before_between_and_after_options_and_be_named_twice()
    {
        var volfile = Accepted("volume p type a option k v end-volume "
            + "volume q type a option a 1 subvolumes p p option b 2 end-volume "
            + "volume r type a subvolumeS q option c 3 end-volume");

        Assert.That(volfile.Volumes.Skip(1), Is.EqualTo(new VolumeDeclaration[]
        {
            new("q", "a", [new("a", "1"), new("b", "2")], ["p", "p"]),
            new("r", "a", [new("c", "3")], ["q"]),
        }));
    }

    [Test]
    public void A_volume_that_nobody_refers_to_is_kept()
    {
        var volfile = Accepted("volume idle type a option k v end-volume volume top type b option k v end-volume");

        Assert.That(volfile.FindVolume("idle"), Is.Not.Null);
        Assert.That(volfile.Top.Name, Is.EqualTo("top"));
    }

    // A text is accepted with a warning where it means something else than it seems to say.
    [TestCase("option k one option z 0 option k two", "k=two z=0",
        "line 1, column 48: option 'k' of volume 'p' replaces the value set at line 1, column 24")]
    [TestCase("option k \"\" option z 0", "z=0", "line 1, column 24: option 'k' of volume 'p' has an empty value and is dropped")]
    [TestCase("option k one option k \"\"", "k=one", "line 1, column 37: option 'k' of volume 'p' has an empty value and is dropped")]
    [TestCase("option k \"\"", "", "line 1, column 24: option 'k' of volume 'p' has an empty value and is dropped")]
    [TestCase("option \"\" v", "", "line 1, column 24: an option of volume 'p' with an empty key is dropped")]
    [TestCase("option k v\\\n", "k=v", "line 1, column 27: a backslash outside quotes is dropped and ends the word")]
    [TestCase("option k \\v", "k=v", "line 1, column 26: a backslash outside quotes is dropped and ends the word")]
    [TestCase("option k \"v\nw\"", "k=vw", "line 1, column 28: a line break inside quotes is dropped")]
    [TestCase("option k \"v\\\nw\"", "k=vw", "line 1, column 29: a line break inside quotes is dropped")]
    public void A_warning_tells(string body, string options, string warning)
    {
        var result = VolfileParser.Parse($"volume p type a {body} end-volume");

        Assert.That(result.Warnings.Select(told => told.ToString()), Is.EqualTo(new[] { warning }));
        Assert.That(string.Join(' ', result.Volfile!.Top.Options.Select(option => $"{option.Key}={option.Value}")), Is.EqualTo(options));
    }

    [Test]
    public void A_refused_text_keeps_the_warnings_that_led_there()
    {
        var result = VolfileParser.Parse(@"volume p type a option regex (.*)\.tmp end-volume");

        Assert.That(result.IsAccepted, Is.False);
        Assert.That(result.Warnings.Select(told => told.ToString()),
            Is.EqualTo(new[] { "line 1, column 34: a backslash outside quotes is dropped and ends the word" }));
    }

    private static Volfile Accepted(string text)
    {
        var result = VolfileParser.Parse(text);

        Assert.That(result.Error, Is.Null);
        Assert.That(result.Warnings, Is.Empty);
        Assert.That(result.IsAccepted);
        return result.Volfile!;
    }
}
