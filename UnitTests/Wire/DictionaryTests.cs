using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Xdr;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Wire;

/// <summary>gluster-rpc section 5.</summary>
public sealed class DictionaryTests
{
    private const string NullDict = "00000000" + "ffffffff" + "00000000";
    private const string OpVersions =
        "00000002" + "0000000e" + "00000002" + "6d696e2d6f702d76657273696f6e00" + "3100"
        + "0000000e" + "00000007" + "6d61782d6f702d76657273696f6e00" + "31303030303000";

    [Test]
    public void A_number_encodes_as_the_reference_lays_it_out() =>
        Assert.That(
            Encode(new Xdata { { "k", XdataValue.Int(5) } }),
            Is.EqualTo("00000014" + "00000001" + "00000001" + "00000002" + "6b000000" + "00000002" + "0000000000000005"));

    [Test]
    public void A_gfid_has_no_length()
    {
        var gfid = Gfid.Parse("00112233-4455-6677-8899-aabbccddeeff");

        Assert.That(
            Encode(new Xdata { { "gfid-req", XdataValue.Gfid(gfid) } }),
            Is.EqualTo("00000024" + "00000001" + "00000001" + "00000009" + "676669642d72657100000000" + "00000007" + "00112233445566778899aabbccddeeff"));
    }

    [Test]
    public void Absent_and_empty_are_different_and_both_accepted()
    {
        const string Empty = "00000000" + "00000000" + "00000000";

        Assert.That(Encode(null), Is.EqualTo(NullDict));
        Assert.That(Encode([]), Is.EqualTo(Empty));
        Assert.That(Decode(NullDict, out _), Is.Null);
        Assert.That(Decode(Empty, out var failure), Is.Empty);
        Assert.That(failure, Is.Null);
    }

    [Test]
    public void Every_type_survives_the_way()
    {
        var xdata = new Xdata
        {
            { "int", XdataValue.Int(-7) },
            { "uint", XdataValue.UInt(ulong.MaxValue) },
            { "double", XdataValue.Double(0.5) },
            { "text", XdataValue.String("grüße") },
            { "bytes", XdataValue.Bytes([1, 2, 3, 0]) },
            { "old", XdataValue.OldString([9]) },
            { "gfid", XdataValue.Gfid(Gfid.Root) },
            { "iatt", XdataValue.Iatt(new Iatt { Gfid = Gfid.Root, Size = 5, Mtime = new(6, 7), Mode = 8 }) },
            { "mdata", XdataValue.Mdata(new MdataTimes(new(1, 2), new(3, 4), new(5, 6))) },
            { "nothing", XdataValue.Bytes([]) },
        };
        var decoded = Decode(Encode(xdata), out var failure);

        Assert.That(failure, Is.Null);
        Assert.That(decoded!.Select(p => (p.Key, p.Value)), Is.EqualTo(xdata.Select(p => (p.Key, p.Value))));
    }

    [Test]
    public void Text_keeps_bytes_that_are_not_utf8_and_goes_on_without_a_NUL_it_came_without()
    {
        const string NotUtf8 = "00000014" + "00000001" + "00000001" + "00000002" + "6b000000" + "00000005" + "00000003" + "ff410000";
        const string Unterminated = "00000014" + "00000001" + "00000001" + "00000002" + "6b000000" + "00000005" + "00000002" + "41420000";

        Assert.That(Encode(Decode(NotUtf8, out _)), Is.EqualTo(NotUtf8));
        Assert.That(Decode(Unterminated, out _)!["k"].AsText(), Is.EqualTo("AB"));
        Assert.That(Encode(Decode(Unterminated, out _)), Is.EqualTo(Unterminated));
    }

    [TestCase("00000014" + "00000001" + "00000001" + "00000002" + "6b000000" + "00000000" + "0000000000000000", "a dictionary value of type 0")]
    [TestCase("00000014" + "00000001" + "00000001" + "00000002" + "6b000000" + "0000000a" + "0000000000000000", "a dictionary value of type 10")]
    [TestCase("00000010" + "00000001" + "00000001" + "00000002" + "6b000000" + "00000002" + "0000000000000005", "a dictionary announces 16 bytes and has 20")]
    [TestCase("00000018" + "00000001" + "00000001" + "00000002" + "6b000000" + "00000002" + "0000000000000005", "a dictionary announces 24 bytes, 20 are left")]
    [TestCase("00000014" + "00000002" + "00000001" + "00000002" + "6b000000" + "00000002" + "0000000000000005", "a dictionary of 1 pairs says that it has 2")]
    [TestCase("00000000" + "fffffffe" + "00000000", "a dictionary of 0 pairs says that it has -2")]
    [TestCase("00000014" + "00000002" + "00000002" + "00000002" + "6b000000" + "00000002" + "0000000000000005", "a dictionary of 2 pairs in 20 bytes")]
    [TestCase("00000000" + "00004001" + "00004001", "a dictionary of 16385 pairs, the limit is 16384")]
    [TestCase("00000014" + "00000001" + "00000001" + "00000002" + "6b6b0000" + "00000002" + "0000000000000005", "a dictionary key does not end with its only NUL")]
    [TestCase("00000014" + "00000001" + "00000001" + "00000002" + "00000000" + "00000002" + "0000000000000005", "a dictionary key does not end with its only NUL")]
    [TestCase("00000010" + "00000001" + "00000001" + "00000000" + "00000002" + "0000000000000005", "a dictionary key does not end with its only NUL")]
    [TestCase("00000028" + "00000002" + "00000002" + "00000002" + "6b000000" + "00000002" + "0000000000000005" + "00000002" + "6b000000" + "00000002" + "0000000000000005", "a dictionary has a key twice")]
    [TestCase("00000014" + "00000001" + "00000001" + "00000002" + "6b000000" + "00000006" + "ffffffff" + "00000000", "dictionary value announces 4294967295 bytes, the limit is 8388608")]
    [TestCase("00000014" + "00000001" + "00000001" + "00000002" + "6b000000" + "00000006" + "00000005" + "00000000", "dictionary value announces 5 bytes, 4 are left")]
    public void A_dictionary_that_is_wrong_says_how(string hex, string failure)
    {
        Assert.That(Decode(hex, out var found), Is.Null);
        Assert.That(found, Does.StartWith(failure));
    }

    [Test]
    public void Many_keys_are_checked_for_repetition_as_well()
    {
        var xdata = new Xdata();
        for (var i = 0; i < 100; i++)
            xdata.Add($"key{i:000}", XdataValue.Int(i));
        var hex = Encode(xdata);

        Assert.That(Decode(hex, out _), Has.Count.EqualTo(100));
        Assert.That(Decode(hex.Replace(Hex("key099"), Hex("key000"), StringComparison.Ordinal), out var failure), Is.Null);
        Assert.That(failure, Does.StartWith("a dictionary has a key twice"));
    }

    [Test]
    public void A_value_without_a_type_cannot_be_sent() =>
        Assert.That(() => Encode(new Xdata { { "k", default } }), Throws.ArgumentException);

    [Test]
    public void A_blob_reads_and_writes_as_the_reference_lays_it_out()
    {
        var blob = new DictBlob { { "min-op-version", "1" }, { "max-op-version", 100000 } };
        var read = DecodeBlob(OpVersions, out var failure);

        Assert.That(failure, Is.Null);
        Assert.That(EncodeBlob(blob), Is.EqualTo("0000003b" + OpVersions + "00"));
        Assert.That(read!.GetText("min-op-version"), Is.EqualTo("1"));
        Assert.That(read.GetNumber("max-op-version"), Is.EqualTo(100000));
        Assert.That(EncodeBlob(read), Is.EqualTo(EncodeBlob(blob)));
    }

    [Test]
    public void An_absent_blob_is_an_opaque_of_length_zero()
    {
        var reader = new XdrReader(new byte[4]);

        Assert.That(reader.ReadBlob(), Is.Null);
        Assert.That(reader.Failed, Is.False);
        Assert.That(EncodeBlob(null), Is.EqualTo("00000000"));
        Assert.That(EncodeBlob([]), Is.EqualTo("00000004" + "00000000"));
    }

    [TestCase("0000", "a dictionary without its count")]
    [TestCase("ffffffff", "a dictionary of -1 pairs")]
    [TestCase("7fffffff", "a dictionary of 2147483647 pairs, the limit is 16384")]
    [TestCase("00000001" + "0000", "a dictionary of 1 pairs in 2 bytes")]
    [TestCase("00000002" + "00000001" + "00000007" + "6b00" + "01020304050607" + "000000", "a truncated dictionary")]
    [TestCase("00000001" + "ffffffff" + "00000000" + "0000", "a dictionary key announces -1 bytes")]
    [TestCase("00000001" + "00000000" + "00000000" + "0000", "a dictionary key announces 0 bytes")]
    [TestCase("00000001" + "00000001" + "ffffffff" + "6b00", "a dictionary value announces -1 bytes")]
    [TestCase("00000001" + "00000001" + "00000003" + "6b00" + "0102", "a dictionary pair announces 1 + 3 bytes, 4 are left")]
    [TestCase("00000001" + "00000001" + "00000000" + "6b01", "a dictionary key does not end with its only NUL")]
    [TestCase("00000002" + "00000001" + "00000000" + "6b00" + "00000001" + "00000000" + "6b00", "a dictionary has a key twice")]
    [TestCase("00000000" + "00", "1 bytes after a dictionary")]
    public void A_blob_that_is_wrong_says_how(string hex, string failure)
    {
        Assert.That(DecodeBlob(hex, out var found), Is.Null);
        Assert.That(found, Does.StartWith(failure));
    }

    [Test]
    public void A_blob_text_ends_at_its_first_NUL_and_a_number_is_decimal()
    {
        var blob = new DictBlob { { "text", [65, 66, 0, 67] }, { "raw", new byte[] { 65 } }, { "number", "12x" } };

        Assert.That(blob.GetText("text"), Is.EqualTo("AB"));
        Assert.That(blob.GetText("raw"), Is.EqualTo("A"));
        Assert.That(blob.GetNumber("number"), Is.Null);
        Assert.That(blob.GetText("absent"), Is.Null);
    }

    private static string Encode(Xdata? xdata)
    {
        var writer = new XdrWriter();
        try
        {
            writer.WriteXdata(xdata);
            return Convert.ToHexStringLower(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    private static Xdata? Decode(string hex, out string? failure)
    {
        var reader = new XdrReader(Convert.FromHexString(hex));
        var xdata = reader.ReadXdata();
        reader.ExpectEnd();
        failure = reader.Failure;
        return reader.Failed ? null : xdata;
    }

    private static string EncodeBlob(DictBlob? blob)
    {
        var writer = new XdrWriter(stackalloc byte[64]);
        try
        {
            writer.WriteBlob(blob);
            return Convert.ToHexStringLower(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    private static DictBlob? DecodeBlob(string hex, out string? failure)
    {
        var writer = new XdrWriter(stackalloc byte[256]);
        writer.WriteOpaque(Convert.FromHexString(hex));
        var reader = new XdrReader(writer.Written);
        var blob = reader.ReadBlob();
        failure = reader.Failure;
        return blob;
    }

    private static string Hex(string text) => Convert.ToHexStringLower(ByteText.Encode(text));
}
