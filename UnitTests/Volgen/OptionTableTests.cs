using BlockProxy.Volgen.Options;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Volgen;

[TestFixture]
public sealed class OptionTableTests
{
    [Test]
    public void The_table_has_every_option_of_glusterd_with_a_description()
    {
        Assert.That(OptionTable.Rows, Has.Count.EqualTo(395));
        Assert.That(OptionTable.Names.Count(), Is.EqualTo(389));
        Assert.That(OptionCatalogue.All.Select(option => option.Description), Has.All.Not.Empty);
    }

    [Test]
    public void Every_default_is_a_value_that_its_option_takes()
    {
        // What is for glusterd itself is never in a graph, where it would be looked at.
        foreach (var row in OptionTable.Rows.Where(row => row.Default is not null && row.IsChecked && row.Translator != "mgmt/glusterd"))
            Assert.That(OptionValues.FaultOf(row, row.Default!), Is.Null, row.Name);
    }

    [Test]
    public void The_page_of_options_is_what_the_table_says()
    {
        // Written anew by: blockproxy volgen options --markdown > docs/volume-options.md
        Assert.That(File.ReadAllText(SourceTree.PathOf("docs/volume-options.md")), Is.EqualTo(OptionDocument.Render()));
    }

    // What libglusterfs 10.3 made of each word.
    [TestCase("performance.io-thread-count", "16 0x10 010 +1 64", "65 0 -1 1.5 12B 1e3 x 0x")]
    [TestCase("features.shard-block-size", "4MB 64mb 4194304 5000000B 1.5GB", "4MiB 4M 4K 1KB -1 MB 12 x")]
    [TestCase("network.ping-timeout", "0 42 10s 10sec 1m 2min 0x10 1013", "1014 1h30m -5 s 10mins 2wks x")]
    [TestCase("cluster.min-free-disk", "10% 10 5GB 0%", "101% -1% x")]
    [TestCase("cluster.min-free-inodes", "10% 7.5 100%", "101 -1 1GB x")]
    [TestCase("client.strict-locks", "1 0 On off YES no tRuE false enable disable", "2 y t x")]
    [TestCase("cluster.quorum-type", "none auto fixed", "Auto x")]
    [TestCase("storage.owner-uid", "-1 0 65534", "-2 x")]
    [TestCase("changelog.changelog-dir", "/a/b", "a/b /a/../b")]
    public void Values_are_taken_and_refused_as_glusterd_does(string name, string taken, string refused)
    {
        var row = OptionTable.RowsOf(name).First();

        Assert.That(taken.Split(' ').Where(value => OptionValues.FaultOf(row, value) is not null), Is.Empty);
        Assert.That(refused.Split(' ').Where(value => OptionValues.FaultOf(row, value) is null), Is.Empty);
    }

    [TestCase("features.shard", "features.shard, features.shard-block-size, features.shard-deletion-rate, features.shard-lru-limit")]
    [TestCase("auth.*", "auth.allow, auth.reject, auth.ssl-allow")]
    [TestCase("*.ssl", "client.ssl, server.ssl")]
    public void Options_are_found_by_a_part_of_their_name_or_a_pattern(string pattern, string names) =>
        Assert.That(string.Join(", ", OptionCatalogue.Matching(pattern).Select(option => option.Name)), Is.EqualTo(names));

    [Test]
    public void A_name_without_its_first_part_is_near_too() =>
        Assert.That(OptionCatalogue.Suggestion("quick-read"), Does.StartWith("; nearest are performance.quick-read"));
}
