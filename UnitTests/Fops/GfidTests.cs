using BlockProxy.Proxy.Fops;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Fops;

public sealed class GfidTests
{
    [Test]
    public void A_gfid_is_sixteen_bytes_in_the_order_of_its_text()
    {
        var gfid = Gfid.Parse("be318638-e8a0-4c6d-977d-7a937aa84806");

        Assert.That(Convert.ToHexStringLower(gfid.ToByteArray()), Is.EqualTo("be318638e8a04c6d977d7a937aa84806"));
        Assert.That(gfid.ToString(), Is.EqualTo("be318638-e8a0-4c6d-977d-7a937aa84806"));
        Assert.That(Gfid.Read(gfid.ToByteArray()), Is.EqualTo(gfid));
    }

    [Test]
    public void The_root_is_fifteen_zero_bytes_and_a_one() =>
        Assert.That(Gfid.Root.ToString(), Is.EqualTo("00000000-0000-0000-0000-000000000001"));

    [Test]
    public void A_new_gfid_is_a_version_4_uuid([Range(1, 20)] int seed) =>
        Assert.That(Gfid.NewRandom(new Random(seed)).ToString(), Does.Match("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"));

    [TestCase("")]
    [TestCase("be318638e8a04c6d977d7a937aa84806")]
    [TestCase("be318638-e8a0-4c6d-977d-7a937aa8480g")]
    public void Anything_else_is_not_a_gfid(string text) => Assert.That(Gfid.TryParse(text, out _), Is.False);
}
