using BlockProxy.Volgen;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Volgen;

[TestFixture]
public sealed class VolfileTreeTests
{
    [Test]
    public void A_real_graph_is_drawn_from_the_top_down()
    {
        var volfile = VolfileParser.Parse(GoldenVolfiles.Files["012-plain-distrep2/client.vol"]).Volfile!;

        Assert.That(VolfileTree.Render(volfile), Is.EqualTo("""
            plain-distrep2 (debug/io-stats)
            └─ plain-distrep2-md-cache (performance/md-cache)
               └─ plain-distrep2-quick-read (performance/quick-read)
                  └─ plain-distrep2-open-behind (performance/open-behind)
                     └─ plain-distrep2-write-behind (performance/write-behind)
                        └─ plain-distrep2-utime (features/utime)
                           └─ plain-distrep2-dht (cluster/distribute)
                              ├─ plain-distrep2-replicate-0 (cluster/replicate)
                              │  ├─ plain-distrep2-client-0 (protocol/client)
                              │  └─ plain-distrep2-client-1 (protocol/client)
                              └─ plain-distrep2-replicate-1 (cluster/replicate)
                                 ├─ plain-distrep2-client-2 (protocol/client)
                                 └─ plain-distrep2-client-3 (protocol/client)

            """));
    }

    [Test]
    public void A_shared_volume_is_drawn_once_and_then_referred_to()
    {
        var volfile = new Volfile(
        [
            Node("disk"), Node("cache", "disk"), Node("left", "cache"), Node("right", "cache"), Node("top", "left", "right", "left"),
        ]);

        Assert.That(VolfileTree.Render(volfile), Is.EqualTo("""
            top (t)
            ├─ left (t)
            │  └─ cache (t)
            │     └─ disk (t)
            ├─ right (t)
            │  └─ cache (t, shown above)
            └─ left (t, shown above)

            """));
    }

    [Test]
    public void Idle_volumes_follow_under_a_line_that_says_so()
    {
        var volfile = new Volfile([Node("used"), Node("spare"), Node("idle", "spare", "used"), Node("lone"), Node("top", "used")]);

        Assert.That(VolfileTree.Render(volfile), Is.EqualTo("""
            top (t)
            └─ used (t)
            idle, not reached from the top:
            lone (t)
            idle (t)
            ├─ spare (t)
            └─ used (t, shown above)

            """));
    }

    [Test]
    public void Names_cannot_play_tricks_on_a_terminal()
    {
        var volfile = new Volfile([new("a\u001b[2J\n", "t\r", [], [])]);

        Assert.That(VolfileTree.Render(volfile), Is.EqualTo("a\\u{1b}[2J\\u{a} (t\\u{d})\n"));
    }

    [Test]
    public void A_graph_of_exponentially_many_ways_is_drawn_in_as_many_lines_as_it_has_links()
    {
        var volumes = new List<VolumeDeclaration> { Node("v0") };
        for (var number = 1; number < VolfileLimits.MaxDepth; number++)
            volumes.Add(Node($"v{number}", $"v{number - 1}", $"v{number - 1}"));

        var lines = VolfileTree.Render(new Volfile(volumes)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.That(lines, Has.Length.EqualTo(2 * VolfileLimits.MaxDepth - 1));
    }

    private static VolumeDeclaration Node(string name, params string[] subvolumes) => new(name, "t", [], subvolumes);
}
