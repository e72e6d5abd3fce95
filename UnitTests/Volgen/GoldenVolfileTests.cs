using System.Text;
using BlockProxy.Volgen;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Volgen;

[TestFixture]
public sealed class GoldenVolfileTests
{
    /// <summary>glusterd writes values raw: with the backslashes and quotes in these, its own parser refuses them as ours does.</summary>
    private static readonly Dictionary<string, string> Unreadable = new()
    {
        ["141-dht-regex/client.vol"] = "line 38, column 34: " + Refused("'.tmp'", "dht-regex-dht"),
        ["141-dht-regex/gfproxyd.vol"] = "line 42, column 34: " + Refused("'.tmp'", "dht-regex-dht"),
        ["141-dht-regex/rebalance.vol"] = "line 40, column 34: " + Refused("'.tmp'", "dht-regex-dht"),
        ["141-dht-regex/trusted-client.vol"] = "line 42, column 34: " + Refused("'.tmp'", "dht-regex-dht"),
        ["184-auth-ssl-quote/brick-1.vol"] = "line 137, column 62: " + Refused("'hi'", "auth-ssl-quote-server"),
    };

    private static IEnumerable<string> VolumeFolders => GoldenVolfiles.VolumeFolders;

    [Test]
    public void The_archive_holds_the_whole_corpus()
    {
        Assert.That(GoldenVolfiles.VolumeFolders.Count(), Is.EqualTo(186));
        Assert.That(GoldenVolfiles.Volfiles.Count(), Is.EqualTo(1497));
    }

    [TestCaseSource(nameof(VolumeFolders))]
    public void What_glusterd_wrote_parses_and_prints_back_byte_for_byte(string folder)
    {
        foreach (var path in GoldenVolfiles.VolfilesIn(folder).Where(path => !Unreadable.ContainsKey(path)))
        {
            var written = GoldenVolfiles.Files[path];

            var result = VolfileParser.Parse(written);

            Assert.That(result.Error, Is.Null, path);
            Assert.That(result.Warnings, Is.Empty, path);
            Assert.That(Encoding.UTF8.GetBytes(VolfileWriter.Write(result.Volfile!)), Is.EqualTo(written), path);
        }
    }

    [TestCaseSource(nameof(Unreadable))]
    public void What_glusterd_wrote_raw_and_cannot_read_itself_is_refused(KeyValuePair<string, string> expected)
    {
        var result = VolfileParser.Parse(GoldenVolfiles.Files[expected.Key]);

        Assert.That(result.Error?.ToString(), Is.EqualTo(expected.Value));
    }

    [Test]
    public void Nothing_glusterd_wrote_readably_needs_quotes()
    {
        foreach (var path in GoldenVolfiles.Volfiles.Where(path => !Unreadable.ContainsKey(path)))
        {
            var volfile = VolfileParser.Parse(GoldenVolfiles.Files[path]).Volfile!;

            Assert.That(VolfileWriter.TryWriteQuoted(volfile, out var text, out _), path);
            Assert.That(text, Is.EqualTo(VolfileWriter.Write(volfile)), path);
        }
    }

    [Test]
    public void A_volume_is_found_with_its_options_and_subvolumes()
    {
        var volfile = VolfileParser.Parse(GoldenVolfiles.Files["003-plain-dist3/client.vol"]).Volfile!;

        var distribute = volfile.FindVolume("plain-dist3-dht")!;
        Assert.That(volfile.Top.Type, Is.EqualTo("debug/io-stats"));
        Assert.That(distribute.Type, Is.EqualTo("cluster/distribute"));
        Assert.That(distribute.FindOption("lock-migration")?.Value, Is.EqualTo("off"));
        Assert.That(volfile.SubvolumesOf(distribute).Select(client => client.FindOption("remote-subvolume")?.Value),
            Is.EqualTo(new[] { "/bricks/plain-dist3/d1/b1", "/bricks/plain-dist3/d1/b2", "/bricks/plain-dist3/d2/b3" }));
    }

    private static string Refused(string found, string volume) =>
        $"expected 'option', 'subvolumes' or 'end-volume' in volume '{volume}', found {found}"
        + "; a value with blanks, quotes or backslashes must be written in quotes";
}
