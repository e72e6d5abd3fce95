using BlockProxy.Proxy.Translators.Cluster.Distribute;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Distribute;

public sealed class DirectoryLayoutTests
{
    [Test]
    public void A_range_reads_and_prints_as_the_xattr_of_a_live_brick()
    {
        var bytes = Convert.FromHexString("00000001000000007fffffffffffffff");

        Assert.That(LayoutRange.Read(bytes), Is.EqualTo(new LayoutRange(1, 0, 0x7fffffff, 0xffffffff)));
        Assert.That(new LayoutRange(1, 0, 0x7fffffff, 0xffffffff).ToBytes(), Is.EqualTo(bytes));
    }

    [TestCase("", Description = "too short")]
    [TestCase("00000000000000000000000000000000ff", Description = "too long")]
    [TestCase("00000000000000020000000000000001", Description = "no known type")]
    [TestCase("00000000000000000000000200000001", Description = "ends before it starts")]
    public void What_is_no_range_is_none(string bytes) => Assert.That(LayoutRange.Read(Convert.FromHexString(bytes)), Is.Null);

    [Test]
    public void Two_equal_bricks_share_as_stock_clients_share()
    {
        var layout = DirectoryLayout.New([38_000, 38_000], [0, 1], first: 1, spread: 0, commitHash: 0);

        Assert.That(layout.Ranges[1], Is.EqualTo(new LayoutRange(0, 0, 0, 0x7ffffffe)));
        Assert.That(layout.Ranges[0], Is.EqualTo(new LayoutRange(0, 0, 0x7fffffff, 0xffffffff)));
    }

    [Test]
    public void Whatever_the_weights_the_ranges_tile_all_hashes([Values(1, 2, 3, 7, 64)] int count, [Values(0, 1, 5)] int first)
    {
        var random = new Random(count + first);
        var weights = Enumerable.Range(0, count).Select(_ => (ulong)random.NextInt64(1, 1L << 40)).ToArray();

        var layout = DirectoryLayout.New(weights, [.. Enumerable.Range(0, count)], first, spread: 0, commitHash: 3);

        Assert.That(layout.IsComplete, Is.True);
        Assert.That(layout.CommitHash, Is.EqualTo(3));
        Assert.That(layout.Find(0), Is.EqualTo(first % count));
        Assert.That(layout.Find(uint.MaxValue), Is.EqualTo((first + count - 1) % count));
    }

    [Test]
    public void A_brick_without_weight_takes_no_part()
    {
        var layout = DirectoryLayout.New([5, 0, 5], [0, 1, 2], first: 1, spread: 0, commitHash: 0);

        Assert.That(layout.Ranges[1], Is.EqualTo(new LayoutRange(0, 0, 0, 0)));
        Assert.That(layout.IsComplete, Is.True);
        Assert.That(layout.Find(0), Is.EqualTo(2));
    }

    [Test]
    public void A_spread_uses_the_first_few_of_the_ring()
    {
        var layout = DirectoryLayout.New([1, 1, 1, 1], [0, 1, 2, 3], first: 3, spread: 2, commitHash: 0);

        Assert.That(layout.Ranges.Select((r, i) => (r!.Value.IsEmpty, i)).Where(r => !r.IsEmpty).Select(r => r.i), Is.EqualTo(new[] { 0, 3 }));
        Assert.That(layout.IsComplete, Is.True);
    }

    [Test]
    public void Holes_and_overlaps_are_seen()
    {
        LayoutRange Range(uint start, uint stop) => new(0, 0, start, stop);
        var hole = new DirectoryLayout([Range(0, 0x7fffffff), Range(0x80000001, uint.MaxValue)]);
        var overlap = new DirectoryLayout([Range(0, 0x80000000), Range(0x80000000, uint.MaxValue)]);
        var open = new DirectoryLayout([Range(0, 0x7fffffff), null]);

        Assert.That((hole.IsComplete, overlap.IsComplete, open.IsComplete), Is.EqualTo((false, false, false)));
        Assert.That(hole.Find(0x80000000), Is.EqualTo(-1));
        Assert.That(open.CommitHash, Is.EqualTo(DirectoryLayout.InvalidCommitHash));
        Assert.That(new DirectoryLayout([null, Range(0, 0)]).IsAbsent, Is.True);
    }
}
