using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Cluster.Distribute;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Distribute;

public sealed class DistributeHashTests
{
    /// <summary>From a program that predicted the bricks of 400 names on live 10.3 volumes.</summary>
    [TestCase("", 0x884774a2u)]
    [TestCase("61", 0x3a17e4e6u)]
    [TestCase("6162", 0xc3af40d9u)]
    [TestCase("616263", 0xba8bd29au)]
    [TestCase("61626364", 0xd89627f6u)]
    [TestCase("6469736b30", 0x96a19852u)]
    [TestCase("303132333435363738396162636465", 0x9fc1c536u)]
    [TestCase("30313233343536373839616263646566", 0x6ecb5adau)]
    [TestCase("3031323334353637383961626364656630", 0x795ef9c7u)]
    [TestCase("66c3bcc3a4", 0xaa17ccecu, Description = "high bytes are signed")]
    [TestCase("fffe80", 0x7027ca13u, Description = "and need not be text")]
    [TestCase("2e666f6f2e7478742e41624364", 0xc34b17dbu)]
    [TestCase("2f64697237", 0x182dd27cu)]
    public void Bytes_hash_as_on_live_volumes(string bytes, uint hash) =>
        Assert.That(DistributeHash.OfBytes(Convert.FromHexString(bytes)), Is.EqualTo(hash));

    [Test]
    public void A_name_of_200_bytes_hashes_as_on_live_volumes() =>
        Assert.That(new DistributeHash().OfName(new string('n', 200)), Is.EqualTo(0x259fc9afu));

    [TestCase(".foo.txt.AbCd", "foo.txt")]
    [TestCase(".a.b", "a")]
    [TestCase(".a.b.c", "a.b")]
    [TestCase("foo.txt", "foo.txt")]
    [TestCase("..hidden", "..hidden")]
    [TestCase(".x", ".x")]
    [TestCase(".a.", ".a.")]
    [TestCase(".", ".")]
    [TestCase("", "")]
    public void Rsyncs_temporary_names_hash_as_the_final_ones(string name, string hashedAs)
    {
        var plain = new DistributeHash("none");

        Assert.That(new DistributeHash().OfName(name), Is.EqualTo(plain.OfName(hashedAs)));
        Assert.That(new DistributeHash(@"^\.(.+)\.[^.]+$" + "()").OfName(name), Is.EqualTo(plain.OfName(hashedAs)), "and so does the pattern itself");
    }

    [Test]
    public void A_pattern_of_the_volume_is_tried_before_the_usual_one()
    {
        var hash = new DistributeHash(extraPattern: "^(.*)~$");
        var plain = new DistributeHash("none");

        Assert.That(hash.OfName("file~"), Is.EqualTo(plain.OfName("file")));
        Assert.That(hash.OfName(".file.x1"), Is.EqualTo(plain.OfName("file")));
        Assert.That(hash.OfName("~file"), Is.EqualTo(plain.OfName("~file")));
    }

    [Test]
    public void A_name_that_is_not_text_hashes_by_its_bytes() =>
        Assert.That(new DistributeHash().OfName(ByteText.Decode([0xff, 0xfe, 0x80])), Is.EqualTo(0x7027ca13u));

    [TestCase("(unclosed")]
    [TestCase(@"(a)\1")]
    public void A_pattern_that_cannot_be_used_is_refused_with_the_volfile(string pattern)
    {
        var bound = DistributeOptions.Table.Bind([new("rsync-hash-regex", pattern)]);

        Assert.That(bound.Options, Is.Null);
        Assert.That(bound.Error, Does.Contain("rsync-hash-regex").And.Contain("not a regular expression that can be used"));
    }
}
