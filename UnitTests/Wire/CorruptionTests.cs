using System.Buffers.Binary;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Wire;

/// <summary>Every recorded record, cut off at every byte and damaged at every byte and every word: never an exception, never a large allocation.</summary>
public sealed class CorruptionTests
{
    /// <summary>What decoding allocates apart from the bytes: messages of failures, and this test's own objects.</summary>
    private const int Slack = 8192;

    private static readonly uint[] BadWords = [0xffffffff, 0x7fffffff, 0x80000000, 0x00ffffff];

    private static IEnumerable<TestCaseData> Exchanges =>
        WireVectors.All.Where(e => !e.Outcome.StartsWith("refused", StringComparison.Ordinal)).Select(e => new TestCaseData(e).SetArgDisplayNames(e.ToString()));

    [TestCaseSource(nameof(Exchanges))]
    public void A_record_cut_off_at_any_byte_is_a_clean_failure(object recorded)
    {
        var exchange = (Exchange)recorded;
        var transcript = Transcript.Of(exchange);
        var call = exchange.CallBody;
        for (var length = 0; length < call.Length; length++)
        {
            if (transcript.Call(call[..length]) is not null || transcript.Failure is null)
                Assert.Fail($"{length} of {call.Length} bytes of the call decoded");
        }

        if (!exchange.HasReplyBody)
            return;
        var reply = exchange.ReplyBody;
        for (var length = 0; length < reply.Length; length++)
        {
            if (transcript.Reply(call, reply[..length]) is not null || transcript.Failure is null)
                Assert.Fail($"{length} of {reply.Length} bytes of the reply decoded");
        }
    }

    [TestCaseSource(nameof(Exchanges))]
    public void A_header_cut_off_at_any_byte_is_a_clean_failure(object recorded)
    {
        var exchange = (Exchange)recorded;
        for (var length = 0; length < exchange.Call.Length - exchange.CallBody.Length; length++)
        {
            var reader = new XdrReader(exchange.Call.AsSpan(0, length));
            if (RpcCallHeader.Read(ref reader, out _) != RpcCallVerdict.Garbage)
                Assert.Fail($"{length} bytes of the call's header decoded");
        }

        if (exchange.Reply is null)
            return;
        for (var length = 0; length < exchange.Reply.Length - exchange.ReplyBody.Length; length++)
        {
            var reader = new XdrReader(exchange.Reply.AsSpan(0, length));
            RpcReplyHeader.Read(ref reader);
            if (!reader.Failed)
                Assert.Fail($"{length} bytes of the reply's header decoded");
        }
    }

    [TestCaseSource(nameof(Exchanges))]
    public void A_damaged_record_neither_throws_nor_allocates_beyond_the_limit(object recorded)
    {
        var exchange = (Exchange)recorded;
        var transcript = Transcript.Of(exchange);
        var intact = exchange.CallBody.ToArray();
        transcript.DecodeOnly = true;
        transcript.Call(intact);
        ForEachDamage(intact, (damaged, what) => Decode(() => transcript.Call(damaged), damaged.Length + ReadSize(exchange, damaged), what));
        if (!exchange.HasReplyBody)
            return;
        var reply = exchange.ReplyBody.ToArray();
        transcript.Reply(intact, reply);
        var readSize = ReadSize(exchange, intact);
        ForEachDamage(reply, (damaged, what) => Decode(() => transcript.Reply(intact, damaged), intact.Length + damaged.Length + readSize, what));
    }

    [TestCaseSource(nameof(Exchanges))]
    public void A_damaged_header_neither_throws_nor_allocates_beyond_the_limit(object recorded)
    {
        var exchange = (Exchange)recorded;
        ForEachDamage(exchange.Call[..^exchange.CallBody.Length], (damaged, what) => Decode(() => ReadCallHeader(damaged), damaged.Length, what));
        if (exchange.Reply is not null)
            ForEachDamage(exchange.Reply[..^exchange.ReplyBody.Length], (damaged, what) => Decode(() => ReadReplyHeader(damaged), damaged.Length, what));
    }

    [Test]
    public void Records_of_the_smallest_possible_parts_stay_within_the_allocation_limit()
    {
        const string NullDict = "00000000ffffffff00000000";
        var pairs = string.Concat(Enumerable.Range(0, WireLimits.DictionaryPairs).Select(i => $"00000004{Key(i)}00" + "00000006" + "00000000"));
        var dictionary = $"{pairs.Length / 2:x8}{WireLimits.DictionaryPairs:x8}{WireLimits.DictionaryPairs:x8}{pairs}";
        var blobPairs = string.Concat(Enumerable.Range(0, WireLimits.DictionaryPairs).Select(i => "00000003" + "00000001" + $"{Key(i)}00" + "41"));
        var blob = $"{(blobPairs.Length / 2) + 4:x8}{WireLimits.DictionaryPairs:x8}{blobPairs}";
        var entries = string.Concat(Enumerable.Repeat("00000001" + "0000000000000000" + "0000000000000000" + "00000000" + "00000000" + "00000000", 100_000));
        var locks = string.Concat(Enumerable.Repeat("00000001" + new string('0', 64) + "00000000" + "00000000", 100_000));
        (Transcript Transcript, string Call, string Reply)[] cases =
        [
            (Transcript.OfFop(Fop.Stat), new string('0', 32) + dictionary, ""),
            (new MessageTranscript<Proxy.Wire.Handshake.SetVolumeRequest, EmptyMessage>(), blob, ""),
            (Transcript.OfFop(Fop.Readdir), new string('0', 72) + NullDict, "0000000000000000" + NullDict + entries + "00000000"),
            (Transcript.OfFop(Fop.Getactivelk), new string('0', 32) + NullDict, "0000000000000000" + NullDict + locks + "00000000"),
        ];
        foreach (var (transcript, call, reply) in cases)
        {
            transcript.DecodeOnly = true;
            var callBytes = Convert.FromHexString(call);
            var replyBytes = Convert.FromHexString(reply);
            byte[]? result = null;
            Decode(() => result = reply.Length == 0 ? transcript.Call(callBytes) : transcript.Reply(callBytes, replyBytes), callBytes.Length + replyBytes.Length, transcript.ToString()!);
            Assert.That(result, Is.Not.Null, transcript.Failure);
        }

        static string Key(int number) => $"{0x21 + (number & 0x3f):x2}{0x21 + ((number >> 6) & 0x3f):x2}{0x21 + (number >> 12):x2}";
    }

    private static void ReadCallHeader(byte[] damaged)
    {
        var reader = new XdrReader(damaged);
        RpcCallHeader.TryGetLength(damaged, out _);
        if (RpcCallHeader.Read(ref reader, out var header) == RpcCallVerdict.Call)
            RpcCredential.TryRead(header.Flavor, header.Credential, "client", out _);
        _ = reader.Failure;
    }

    private static void ReadReplyHeader(byte[] damaged)
    {
        var reader = new XdrReader(damaged);
        RpcReplyHeader.TryGetLength(damaged, out _);
        RpcReplyHeader.Read(ref reader);
        _ = reader.Failure;
    }

    /// <summary>A READ call asks the server for memory of its size, which the codec has compared with the limit; that memory is the server's own.</summary>
    private static int ReadSize(Exchange exchange, byte[] call)
    {
        if (exchange.Fop != Fop.Read)
            return 0;
        var size = BinaryPrimitives.ReadUInt32BigEndian(call.AsSpan(32));
        return size > WireLimits.PayloadBytes ? 0 : (int)size;
    }

    private static void Decode(Action decode, int bytes, string what)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        decode();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > ((long)bytes * WireLimits.AllocationPerByte) + Slack)
            Assert.Fail($"{what}: {allocated} bytes allocated for a record of {bytes}");
    }

    private static void ForEachDamage(byte[] intact, Action<byte[], string> test)
    {
        var damaged = (byte[])intact.Clone();
        for (var at = 0; at < intact.Length; at++)
        {
            damaged[at] ^= 0xff;
            test(damaged, $"byte {at} flipped");
            damaged[at] = intact[at];
        }

        for (var at = 0; at + 4 <= intact.Length; at += 4)
        {
            foreach (var bad in BadWords)
            {
                BinaryPrimitives.WriteUInt32BigEndian(damaged.AsSpan(at), bad);
                test(damaged, $"word at {at} is 0x{bad:x8}");
            }

            intact.AsSpan(at, 4).CopyTo(damaged.AsSpan(at));
        }
    }
}
