using System.Buffers.Binary;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Wire;

/// <summary>What stock programs sent is understood, and would be sent by us byte for byte.</summary>
public sealed class StockVectorTests
{
    private static IEnumerable<TestCaseData> Everything => Cases(_ => true);

    private static IEnumerable<TestCaseData> Calls => Cases(e => !e.Outcome.StartsWith("refused", StringComparison.Ordinal));

    private static IEnumerable<TestCaseData> Replies => Cases(e => e.Reply is not null);

    private static IEnumerable<TestCaseData> ReplyBodies => Cases(e => e.HasReplyBody);

    [TestCaseSource(nameof(Everything))]
    public void The_header_and_credential_of_a_call_decode_and_encode_to_the_same_bytes(object recorded)
    {
        var exchange = (Exchange)recorded;
        var reader = new XdrReader(exchange.Call);
        Assert.That(RpcCallHeader.Read(ref reader, out var header), Is.EqualTo(RpcCallVerdict.Call), reader.Failure);
        Assert.That(header.Program.Number, Is.EqualTo(NumberOf(exchange.Program)));
        Assert.That(header.Program.Version, Is.EqualTo(exchange.Version));
        Assert.That(header.Procedure, Is.EqualTo(exchange.Procedure));

        var acceptable = RpcCredential.TryRead(header.Flavor, header.Credential, "client", out var context);
        Assert.That(acceptable, Is.EqualTo(exchange.Outcome != "denied 1"), "as the stock server judged it");
        if (!acceptable)
            return;
        var writer = new XdrWriter();
        try
        {
            RpcCallHeader.Write(ref writer, header.Xid, header.Program, header.Procedure);
            RpcCredential.Write(ref writer, header.Flavor, context);
            Assert.That(Hex(writer.Written), Is.EqualTo(Hex(exchange.Call.AsSpan(0, reader.Position))));
        }
        finally
        {
            writer.Dispose();
        }
    }

    [TestCaseSource(nameof(Replies))]
    public void The_header_of_a_reply_decodes_and_encodes_to_the_same_bytes(object recorded)
    {
        var exchange = (Exchange)recorded;
        var reader = new XdrReader(exchange.Reply);
        var header = RpcReplyHeader.Read(ref reader);
        Assert.That(reader.Failed, Is.False, reader.Failure);
        Assert.That(header.Xid, Is.EqualTo(BinaryPrimitives.ReadUInt32BigEndian(exchange.Call)));

        var writer = new XdrWriter();
        try
        {
            header.Write(ref writer);
            Assert.That(Hex(writer.Written), Is.EqualTo(Hex(exchange.Reply.AsSpan(0, reader.Position))));
        }
        finally
        {
            writer.Dispose();
        }
    }

    [TestCaseSource(nameof(Calls))]
    public void A_call_decodes_and_encodes_to_the_same_bytes(object recorded)
    {
        var exchange = (Exchange)recorded;
        var transcript = Transcript.Of(exchange);
        var encoded = transcript.Call(exchange.CallBody);

        Assert.That(encoded, Is.Not.Null, transcript.Failure ?? $"refused: {transcript.Refusal}");
        Assert.That(Hex(encoded), Is.EqualTo(Hex(exchange.CallBody)));
    }

    [TestCaseSource(nameof(ReplyBodies))]
    public void A_reply_decodes_and_encodes_to_the_same_bytes(object recorded)
    {
        var exchange = (Exchange)recorded;
        var transcript = Transcript.Of(exchange);
        var encoded = transcript.Reply(exchange.CallBody, exchange.ReplyBody);

        Assert.That(encoded, Is.Not.Null, transcript.Failure ?? $"refused: {transcript.Refusal}");
        Assert.That(Hex(encoded), Is.EqualTo(Hex(WithoutMeaninglessWords(exchange))));
    }

    [TestCase("denied 1")]
    [TestCase("refused 1")]
    [TestCase("refused 2")]
    [TestCase("refused 3")]
    [TestCase("refused 4")]
    public void Each_way_to_refuse_a_call_was_recorded(string outcome) =>
        Assert.That(WireVectors.All.Any(e => e.Outcome == outcome), Is.True);

    [Test]
    public void What_a_brick_could_not_decode_is_refused_by_us_as_well()
    {
        var garbage = WireVectors.Find("probe-brick", Fop.Stat, e => e.Outcome == "refused 4");
        var transcript = Transcript.Of(garbage);

        Assert.That(transcript.Call(garbage.CallBody), Is.Null);
        Assert.That(transcript.Failure, Does.Contain("truncated"));
    }

    /// <summary>
    /// A fop's reply as we would send it: op_errno of a success says nothing but where a file or directory ends, and op_ret of a listing of extended
    /// attributes is the length of whatever value the brick read last (and 0 for the virtual keys of the index).
    /// </summary>
    private static byte[] WithoutMeaninglessWords(Exchange exchange)
    {
        var body = exchange.ReplyBody.ToArray();
        if (exchange.Fop == Fop.Null || !exchange.Succeeded)
            return body;
        var errno = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(4));
        if (!(errno == (int)Errno.ENOENT && exchange.Fop is Fop.Read or Fop.Readdir or Fop.Readdirp))
            body.AsSpan(4, 4).Clear();
        if (exchange.Fop is Fop.Getxattr or Fop.Fgetxattr && (!AsksForOneName(exchange) || BinaryPrimitives.ReadInt32BigEndian(body) == 0))
        {
            var transcript = Transcript.Of(exchange);
            transcript.Reply(exchange.CallBody, exchange.ReplyBody).AsSpan(0, 4).CopyTo(body);
        }

        return body;
    }

    private static bool AsksForOneName(Exchange exchange) =>
        BinaryPrimitives.ReadUInt32BigEndian(exchange.CallBody[(exchange.Fop == Fop.Getxattr ? 16 : 24)..]) != 0;

    private static IEnumerable<TestCaseData> Cases(Func<Exchange, bool> condition) =>
        WireVectors.All.Where(condition).Select(e => new TestCaseData(e).SetArgDisplayNames(e.ToString()));

    private static uint NumberOf(string program) => program switch
    {
        "dump" => RpcProgram.Dump.Number,
        "handshake" => RpcProgram.Handshake.Number,
        "portmap" => RpcProgram.Portmap.Number,
        "fops" => RpcProgram.Fops.Number,
        "callback" => RpcProgram.Callback.Number,
        _ => 999,
    };

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
