using System.Buffers.Binary;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.UnitTests.Wire;

/// <summary>What stock programs sent is understood, and would be sent by us byte for byte.</summary>
public sealed class StockVectorTests
{
    private static IEnumerable<TestCaseData> Calls => WireVectors.All.Where(Decodes).Select(e => new TestCaseData(e).SetArgDisplayNames(e.ToString()));

    private static IEnumerable<TestCaseData> Replies =>
        WireVectors.All.Where(e => e.HasReplyBody).Select(e => new TestCaseData(e).SetArgDisplayNames(e.ToString()));

    [TestCaseSource(nameof(Calls))]
    public void A_call_of_a_stock_program_decodes_and_encodes_to_the_same_bytes(object recorded)
    {
        var exchange = (Exchange)recorded;
        var transcript = Transcript.Of(exchange);
        var encoded = transcript.Call(exchange.CallBody);

        Assert.That(encoded, Is.Not.Null, transcript.Failure ?? $"refused: {transcript.Refusal}");
        Assert.That(Hex(encoded), Is.EqualTo(Hex(exchange.CallBody)));
    }

    [TestCaseSource(nameof(Replies))]
    public void A_reply_of_a_stock_program_decodes_and_encodes_to_the_same_bytes(object recorded)
    {
        var exchange = (Exchange)recorded;
        var transcript = Transcript.Of(exchange);
        var encoded = transcript.Reply(exchange.CallBody, exchange.ReplyBody);

        Assert.That(encoded, Is.Not.Null, transcript.Failure ?? $"refused: {transcript.Refusal}");
        Assert.That(Hex(encoded), Is.EqualTo(Hex(exchange.ReplyBody)));
    }

    /// <summary>Calls that the recorded server refused to decode have nothing to compare.</summary>
    private static bool Decodes(Exchange exchange) => exchange.Outcome is not ("refused 1" or "refused 2" or "refused 3" or "refused 4");

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
