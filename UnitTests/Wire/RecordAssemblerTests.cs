using System.Buffers.Binary;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Wire;

public sealed class RecordAssemblerTests
{
    [Test]
    public void A_record_mark_is_one_word_with_its_highest_bit_for_the_last_fragment()
    {
        Assert.That(RecordMark.Read(Convert.FromHexString("80000064")), Is.EqualTo(new RecordMark(IsLast: true, 100)));
        Assert.That(RecordMark.Read(Convert.FromHexString("00000064")), Is.EqualTo(new RecordMark(IsLast: false, 100)));
        Assert.That(RecordMark.Read(Convert.FromHexString("ffffffff")), Is.EqualTo(new RecordMark(IsLast: true, int.MaxValue)));
    }

    [Test]
    public void A_written_record_counts_what_was_written_and_the_payload_to_follow()
    {
        var writer = new XdrWriter(stackalloc byte[64]);
        RecordMark.Begin(ref writer);
        writer.WriteUInt64(1);
        RecordMark.End(ref writer, payloadLength: 4096);

        Assert.That(Convert.ToHexString(writer.Written), Is.EqualTo("80001008" + "0000000000000001"));
    }

    [Test]
    public void Records_are_found_whole_wherever_the_stream_is_split()
    {
        byte[][] records = [[1, 2, 3, 4, 5], [], [6], .. WireVectors.All.Take(3).Select(e => e.Call)];
        var stream = records.SelectMany(r => Fragment(r, last: true)).ToArray();
        for (var split = 0; split <= stream.Length; split++)
        {
            using var assembler = new RecordAssembler(WireLimits.RecordBytes);
            var found = new List<byte[]>();
            Feed(assembler, stream.AsSpan(0, split), found);
            Feed(assembler, stream.AsSpan(split), found);
            if (!found.Select(Convert.ToHexString).SequenceEqual(records.Select(Convert.ToHexString)) || !assembler.IsBetweenRecords)
                Assert.Fail($"split at byte {split}");
        }
    }

    [Test]
    public void Records_are_found_whole_when_every_byte_arrives_alone()
    {
        var records = WireVectors.All.Take(20).Select(e => e.Call).ToArray();
        using var assembler = new RecordAssembler(WireLimits.RecordBytes);
        var found = new List<byte[]>();
        foreach (var one in records.SelectMany(r => Fragment(r, last: true)))
            Feed(assembler, [one], found);

        Assert.That(found.Select(Convert.ToHexString), Is.EqualTo(records.Select(Convert.ToHexString)));
    }

    [Test]
    public void A_record_of_several_fragments_is_put_together()
    {
        var record = WireVectors.All[0].Call;
        byte[] stream = [.. Fragment(record[..10], last: false), .. Fragment([], last: false), .. Fragment(record[10..11], last: false), .. Fragment(record[11..], last: true)];
        for (var piece = 1; piece <= stream.Length; piece++)
        {
            using var assembler = new RecordAssembler(WireLimits.RecordBytes);
            var found = new List<byte[]>();
            for (var at = 0; at < stream.Length; at += piece)
                Feed(assembler, stream.AsSpan(at, Math.Min(piece, stream.Length - at)), found);
            if (found.Count != 1 || !found[0].AsSpan().SequenceEqual(record))
                Assert.Fail($"pieces of {piece} bytes");
        }
    }

    [Test]
    public void A_stream_that_ends_inside_a_record_says_so()
    {
        var stream = Fragment(WireVectors.All[0].Call, last: true);
        for (var length = 1; length < stream.Length; length++)
        {
            using var assembler = new RecordAssembler(WireLimits.RecordBytes);
            var found = new List<byte[]>();
            Feed(assembler, stream.AsSpan(0, length), found);
            if (found.Count != 0 || assembler.IsBetweenRecords)
                Assert.Fail($"after {length} bytes");
        }
    }

    [Test]
    public void A_record_beyond_the_limit_is_refused_before_memory_is_taken()
    {
        using var assembler = new RecordAssembler(recordLimit: 1000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        ReadOnlySpan<byte> input = Convert.FromHexString("800003e9");
        var complete = assembler.Consume(ref input);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(complete, Is.False);
        Assert.That(assembler.Failure, Is.EqualTo("a record announces 1001 bytes, the limit is 1000"));
        Assert.That(allocated, Is.LessThan(1000));
    }

    [Test]
    public void Fragments_count_together_towards_the_limit()
    {
        using var assembler = new RecordAssembler(recordLimit: 1000);
        var found = new List<byte[]>();
        Feed(assembler, Fragment(new byte[600], last: false), found);
        Feed(assembler, Fragment(new byte[600], last: true), found);

        Assert.That(found, Is.Empty);
        Assert.That(assembler.Failure, Does.Contain("1200"));
    }

    [Test]
    public void A_server_raises_the_limit_after_the_login()
    {
        using var assembler = new RecordAssembler(WireLimits.RecordBytesBeforeLogin);
        assembler.RecordLimit = WireLimits.RecordBytes;
        var found = new List<byte[]>();
        Feed(assembler, Fragment(new byte[WireLimits.RecordBytesBeforeLogin + 1], last: true), found);

        Assert.That(found, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_tls_hello_is_not_taken_for_the_beginning_of_a_record()
    {
        using var assembler = new RecordAssembler(WireLimits.RecordBytesBeforeLogin);
        ReadOnlySpan<byte> hello = Convert.FromHexString("160301020001000100");
        assembler.Consume(ref hello);

        Assert.That(assembler.Failure, Does.Contain("announces 369295618 bytes"));
    }

    [Test]
    public void Empty_fragments_do_not_go_on_for_ever()
    {
        using var assembler = new RecordAssembler(WireLimits.RecordBytes);
        ReadOnlySpan<byte> input = new byte[RecordMark.Size * (WireLimits.FragmentsPerRecord + 1)];
        var complete = assembler.Consume(ref input);

        Assert.That(complete, Is.False);
        Assert.That(assembler.Failure, Does.Contain("fragments"));
    }

    [Test]
    public void Memory_grows_with_what_arrives_and_not_with_what_is_announced()
    {
        using var assembler = new RecordAssembler(WireLimits.RecordBytes);
        ReadOnlySpan<byte> input = Convert.FromHexString("82000000" + "0102030405060708");
        var before = GC.GetAllocatedBytesForCurrentThread();
        assembler.Consume(ref input);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(4096));
        Assert.That(assembler.Failure, Is.Null);
    }

    private static void Feed(RecordAssembler assembler, ReadOnlySpan<byte> input, List<byte[]> found)
    {
        while (assembler.Consume(ref input))
            found.Add(assembler.Record.ToArray());
    }

    private static byte[] Fragment(byte[] content, bool last)
    {
        var fragment = new byte[RecordMark.Size + content.Length];
        BinaryPrimitives.WriteUInt32BigEndian(fragment, (last ? 0x80000000 : 0) | (uint)content.Length);
        content.CopyTo(fragment, RecordMark.Size);
        return fragment;
    }
}
