using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Xdr;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Wire;

public sealed class XdrTests
{
    [Test]
    public void Numbers_are_big_endian_and_opaques_padded_with_zeros()
    {
        var writer = new XdrWriter(stackalloc byte[64]);
        writer.WriteUInt32(1);
        writer.WriteInt32(-2);
        writer.WriteUInt64(3);
        writer.WriteInt64(-4);
        writer.WriteDouble(0.5);
        writer.WriteOpaque([0xaa, 0xbb, 0xcc, 0xdd, 0xee]);
        writer.WriteText("ab");

        Assert.That(Convert.ToHexStringLower(writer.Written), Is.EqualTo(
            "00000001" + "fffffffe" + "0000000000000003" + "fffffffffffffffc" + "3fe0000000000000" + "00000005" + "aabbccddee000000" + "00000002" + "61620000"));
    }

    [Test]
    public void What_was_written_is_read_back()
    {
        var writer = new XdrWriter(stackalloc byte[64]);
        writer.WriteInt32(int.MinValue);
        writer.WriteInt64(long.MinValue);
        writer.WriteDouble(double.Epsilon);
        writer.WriteGfid(Gfid.Root);
        writer.WriteText("grüße");
        writer.WriteOpaque([]);
        var reader = new XdrReader(writer.Written);

        Assert.That(reader.ReadInt32(), Is.EqualTo(int.MinValue));
        Assert.That(reader.ReadInt64(), Is.EqualTo(long.MinValue));
        Assert.That(reader.ReadDouble(), Is.EqualTo(double.Epsilon));
        Assert.That(reader.ReadGfid(), Is.EqualTo(Gfid.Root));
        Assert.That(reader.ReadText("text", 100), Is.EqualTo("grüße"));
        Assert.That(reader.ReadBytes("bytes", 100), Is.Empty);
        reader.ExpectEnd();
        Assert.That(reader.Failed, Is.False);
    }

    [Test]
    public void A_writer_grows_beyond_its_scratch_and_keeps_what_was_written()
    {
        var writer = new XdrWriter(stackalloc byte[8]);
        try
        {
            for (var i = 0u; i < 10_000; i++)
                writer.WriteUInt32(i);
            writer.PatchUInt32(4, 77);
            var reader = new XdrReader(writer.Written);
            Assert.That(writer.Length, Is.EqualTo(40_000));
            for (var i = 0u; i < 10_000; i++)
            {
                if (reader.ReadUInt32() != (i == 1 ? 77 : i))
                    Assert.Fail($"word {i}");
            }
        }
        finally
        {
            writer.Dispose();
        }
    }

    [Test]
    public void The_first_failure_is_kept_and_later_reads_give_nothing()
    {
        var reader = new XdrReader(Convert.FromHexString("00000005" + "61626364"));
        var text = reader.ReadText("greeting", 100);

        Assert.That(text, Is.Empty);
        Assert.That(reader.Failure, Is.EqualTo("greeting announces 5 bytes, 4 are left, at byte 4 of 8"));
        Assert.That(reader.ReadUInt32(), Is.Zero);
        Assert.That(reader.ReadMore(), Is.False);
        Assert.That(reader.ReadGfid(), Is.EqualTo(Gfid.Null));
        Assert.That(reader.Take(1).IsEmpty, Is.True);
        reader.Fail("something else");
        Assert.That(reader.Failure, Does.StartWith("greeting"));
    }

    [TestCase("ffffffff")]
    [TestCase("80000000")]
    [TestCase("00000065")]
    public void A_length_beyond_the_limit_is_refused_whatever_is_left(string length)
    {
        var reader = new XdrReader(Convert.FromHexString(length + new string('0', 400)));
        reader.ReadBytes("field", 100);

        Assert.That(reader.Failure, Does.StartWith($"field announces {Convert.ToUInt32(length, 16)} bytes, the limit is 100"));
    }

    [Test]
    public void A_list_goes_on_with_one_and_ends_with_zero_and_nothing_else()
    {
        var reader = new XdrReader(Convert.FromHexString("00000001" + "00000000" + "00000002"));

        Assert.That(reader.ReadMore(), Is.True);
        Assert.That(reader.ReadMore(), Is.False);
        Assert.That(reader.Failed, Is.False);
        Assert.That(reader.ReadMore(), Is.False);
        Assert.That(reader.Failed, Is.True);
    }

    [Test]
    public void Bytes_too_many_are_counted()
    {
        var reader = new XdrReader(new byte[7]);
        reader.ReadUInt32();
        reader.ExpectEnd();

        Assert.That(reader.Failure, Is.EqualTo("3 bytes too many, at byte 4 of 7"));
    }

    [Test]
    public void Any_bytes_survive_the_way_through_text() =>
        Prop.ForAll<byte[]>(bytes => ByteText.Encode(ByteText.Decode(bytes)).AsSpan().SequenceEqual(bytes)).QuickCheckThrowOnFailure();

    [Test]
    public void Any_text_of_whole_characters_survives_the_way_through_bytes() =>
        Prop.ForAll<NonNull<string>>(text => text.Get.Any(char.IsSurrogate) || ByteText.Decode(ByteText.Encode(text.Get)) == text.Get).QuickCheckThrowOnFailure();

    // Not in attributes, which cannot hold lone surrogates.
    private static readonly (string Hex, string Text)[] Escaped =
    [
        ("c3bc", "ü"), ("ff", "\udcff"), ("61c3", "a\udcc3"), ("edb280", "\udced\udcb2\udc80"), ("f09f9880ff", "\U0001f600\udcff"), ("", ""),
    ];

    [TestCaseSource(nameof(Escaped))]
    public void Bytes_that_are_not_utf8_are_escaped_one_by_one((string Hex, string Text) pair)
    {
        var (hex, text) = pair;
        Assert.That(ByteText.Decode(Convert.FromHexString(hex)), Is.EqualTo(text));
        Assert.That(Convert.ToHexStringLower(ByteText.Encode(text)), Is.EqualTo(hex));
    }

    [Test]
    public void A_surrogate_that_stands_for_no_byte_becomes_the_replacement_character() =>
        Assert.That(Convert.ToHexStringLower(ByteText.Encode("a\ud800b\udc00c")), Is.EqualTo("61" + "efbfbd" + "62" + "efbfbd" + "63"));
}
