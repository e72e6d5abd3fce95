using System.Buffers.Binary;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Gfs4;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Wire;

/// <summary>Heads found in records that arrive in pieces.</summary>
public sealed class PayloadHeadTests
{
    private delegate bool Finder(ReadOnlySpan<byte> arrived, out int needed);

    [Test]
    public void The_head_of_a_WRITE_ends_where_its_data_begins_however_much_has_arrived()
    {
        var writes = WireVectors.All.Where(e => e.Fop == Fop.Write).ToList();
        Assert.That(writes.Select(e => XdrSize(e.CallBody, 40)).Distinct().Count(), Is.GreaterThan(1), "with and without a dictionary");
        foreach (var write in writes)
            FindsTheHead(write.CallBody.ToArray(), 52 + XdrSize(write.CallBody, 40), (arrived, out needed) => PayloadHead.TryGetRequestLength(Fop.Write, arrived, out needed));
    }

    [Test]
    public void The_head_of_a_READ_reply_ends_where_its_data_begins_however_much_has_arrived()
    {
        var reads = WireVectors.All.Where(e => e.Fop == Fop.Read).ToList();
        Assert.That(reads.Any(e => e.Succeeded) && reads.Any(e => !e.Succeeded), Is.True);
        foreach (var read in reads)
            FindsTheHead(read.ReplyBody.ToArray(), 172 + XdrSize(read.ReplyBody, 160), (arrived, out needed) => PayloadHead.TryGetReplyLength(Fop.Read, arrived, out needed));
    }

    [Test]
    public void The_head_of_a_PUT_ends_where_its_data_begins_however_much_has_arrived()
    {
        var request = new PutRequest(
            Loc.At(new Inode(Gfid.Root), "name"), 0x81a4, 0, OpenFlags.ReadWrite, 0, "data"u8.ToArray(),
            new Xdata { { "user.a", XdataValue.Bytes([1, 2, 3]) } }, new Xdata { { "gfid-req", XdataValue.Gfid(new Gfid(1, 2)) } });
        var writer = new XdrWriter(stackalloc byte[512]);
        FopCodecs.Of<PutRequest, EntryReply>().WriteRequest(ref writer, in request, new FakeObjects());
        byte[] body = [.. writer.Written, .. request.Data.Span];

        FindsTheHead(body, writer.Length, (arrived, out needed) => PayloadHead.TryGetRequestLength(Fop.Put, arrived, out needed));
    }

    [Test]
    public void The_header_of_a_call_is_found_however_much_has_arrived()
    {
        foreach (var exchange in WireVectors.All)
            FindsTheHead(exchange.Call, exchange.Call.Length - exchange.CallBody.Length, RpcCallHeader.TryGetLength);
    }

    [Test]
    public void The_header_of_an_accepted_reply_is_found_however_much_has_arrived()
    {
        foreach (var exchange in WireVectors.Replied.Where(e => e.HasReplyBody))
            FindsTheHead(exchange.Reply!, RpcReplyHeader.Size, RpcReplyHeader.TryGetLength);
    }

    [Test]
    public void A_dictionary_beyond_all_limits_is_left_to_the_decoder_to_refuse()
    {
        var write = WireVectors.Find("probe-brick", Fop.Write).CallBody.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(write.AsSpan(40), uint.MaxValue);

        Assert.That(PayloadHead.TryGetRequestLength(Fop.Write, write, out var needed), Is.True);
        Assert.That(needed, Is.EqualTo(PayloadHead.WriteRequestSize));
        var transcript = Transcript.OfFop(Fop.Write);
        Assert.That(transcript.Call(write), Is.Null);
        Assert.That(transcript.Failure, Does.Contain("dictionary"));
    }

    [Test]
    public void A_failed_READ_reply_still_has_172_bytes()
    {
        var writer = new XdrWriter(stackalloc byte[512]);
        FopCodecs.Of<ReadRequest, ReadReply>().WriteReply(ref writer, ReadReply.Failed(Errno.EBADF));

        Assert.That(writer.Length, Is.EqualTo(PayloadHead.ReadReplySize));
        Assert.That(Convert.ToHexString(writer.Written), Is.EqualTo(Convert.ToHexString(WireVectors.Find("probe-brick", Fop.Read, e => e.Outcome == "failed 9").ReplyBody)));
    }

    private static void FindsTheHead(byte[] body, int head, Finder finder)
    {
        var asked = 0;
        for (var arrived = 0; arrived <= body.Length; arrived++)
        {
            var found = finder(body.AsSpan(0, arrived), out var needed);
            if (found != (arrived >= head) || (found && needed != head))
                Assert.Fail($"{arrived} bytes of {body.Length}, head {head}: {found}, {needed}");
            if (!found && (needed <= arrived || needed > head))
                Assert.Fail($"{arrived} bytes: asks for {needed} of a head of {head}");
        }

        // A loop that waits for what it was told to gets there in a few steps.
        for (var arrived = 0; !finder(body.AsSpan(0, arrived), out arrived);)
            Assert.That(++asked, Is.LessThan(6));
    }

    private static int XdrSize(ReadOnlySpan<byte> body, int at) => BinaryPrimitives.ReadInt32BigEndian(body[at..]);
}
