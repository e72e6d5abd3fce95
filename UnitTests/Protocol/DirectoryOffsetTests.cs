using BlockProxy.Proxy.Translators.Protocol.Client;
using BlockProxy.Volgen;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Protocol;

public sealed class DirectoryOffsetTests
{
    /// <summary>The values that a stock client of a live volume showed for these cookies of ext4 bricks.</summary>
    [TestCase(1, 0, 0x1234567890abcdefUL, 0x1234567890abcdefUL)]
    [TestCase(2, 0, 0UL, 0UL)]
    [TestCase(2, 1, ulong.MaxValue, ulong.MaxValue)]
    [TestCase(2, 1, 5UL, 11UL)]
    [TestCase(4, 3, 7UL, 31UL)]
    [TestCase(2, 1, 0x2000000000000000UL, 0x5000000000000001UL)]
    [TestCase(4, 2, 0x7fffffffffffffffUL, 0x7ffffffffffffffeUL)]
    public void A_cookie_carries_its_leaf(int leaves, int leaf, ulong offset, ulong encoded)
    {
        var place = new DirectoryOffset(leaf, leaves);

        Assert.That(place.Encode(offset), Is.EqualTo(encoded));
        if (offset is not (0 or ulong.MaxValue))
            Assert.That(DirectoryOffset.LeafOf(encoded, leaves), Is.EqualTo(leaf));
    }

    [Test]
    public void Decoding_gives_the_offset_back_but_for_the_lowest_bits_of_large_ones([Values(2, 3, 4, 6, 100)] int leaves)
    {
        var random = new Random(leaves);
        for (var i = 0; i < 1000; i++)
        {
            var offset = Math.Max(1, (ulong)random.NextInt64(1, long.MaxValue) >> random.Next(0, 60));
            var place = new DirectoryOffset(random.Next(leaves), leaves);
            var encoded = place.Encode(offset);
            var lost = (1UL << (System.Numerics.BitOperations.Log2((uint)leaves - 1) + 2)) - 1;

            Assert.That(DirectoryOffset.LeafOf(encoded, leaves), Is.EqualTo(place.Leaf));
            Assert.That(place.Decode(encoded), Is.EqualTo(offset).Or.EqualTo(offset & ~lost), $"{offset:x}");
            if ((encoded & (1UL << 62)) == 0)
                Assert.That(place.Decode(encoded), Is.EqualTo(offset));
        }
    }

    [Test]
    public void Leaves_are_numbered_as_a_walk_from_the_top_meets_them()
    {
        static string Client(string name) => $"volume {name}\n type protocol/client\n option remote-subvolume b\nend-volume\n";
        var parsed = VolfileParser.Parse(
            Client("c0") + Client("c1") + Client("idle") + Client("c2") +
            "volume left\n type cluster/replicate\n subvolumes c1 c0\nend-volume\n" +
            "volume top\n type cluster/distribute\n subvolumes left c2\nend-volume\n");
        Assert.That(parsed.Error, Is.Null);
        var volfile = parsed.Volfile!;

        Assert.That(DirectoryOffset.Of(volfile, "c1"), Is.EqualTo(new DirectoryOffset(0, 3)));
        Assert.That(DirectoryOffset.Of(volfile, "c0"), Is.EqualTo(new DirectoryOffset(1, 3)));
        Assert.That(DirectoryOffset.Of(volfile, "c2"), Is.EqualTo(new DirectoryOffset(2, 3)));
    }
}
