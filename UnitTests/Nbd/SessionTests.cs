using BlockProxy.Block;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Nbd;

/// <summary>
/// One whole session of known bytes: it must be answered the same however the network cuts it, and end in order whatever happens to it.
/// </summary>
public class SessionTests
{
    private static readonly byte[] Session = RawClient.Hex(
        "00000003", // client flags
        "49484156454F5054 00000008 00000000", // structured replies
        "49484156454F5054 00000003 00000000", // list
        "49484156454F5054 0000000A 0000001B 00000000 00000001 0000000F 626173653A616C6C6F636174696F6E", // base:allocation
        "49484156454F5054 00000006 00000010 00000004 6469736B 0003 0001 0002 0003", // info
        "49484156454F5054 000000FF 00000002 ABCD", // unknown
        "49484156454F5054 00000007 0000000A 00000004 6469736B 0000", // go
        "25609513 0001 0001 0000000000000001 0000000000000FFE 00000004 DEADBEEF", // write with FUA
        "25609513 0000 0000 0000000000000002 0000000000000FFC 00000008", // read
        "25609513 0000 0007 0000000000000003 0000000000000000 00020000", // block status
        "25609513 0000 0001 0000000000000004 0000000000100000 00000002 FFFF", // write beyond the end
        "25609513 0000 0006 0000000000000005 0000000000000FFE 00000002", // zeroes
        "25609513 0004 0000 0000000000000006 0000000000000FFE 00000004", // read, one chunk
        "25609513 0000 0003 0000000000000007 0000000000000000 00000000", // flush
        "25609513 0000 0009 0000000000000008 0000000000000000 00000000", // unknown
        "25609513 0000 0002 0000000000000009 0000000000000000 00000000"); // disconnect

    [Test]
    public async Task A_session_is_answered_the_same_wherever_it_is_cut_in_two()
    {
        var whole = await AnswerAsync([Session]);

        Assert.That(whole, Has.Length.GreaterThan(600));
        for (var cut = 1; cut < Session.Length; cut++)
            Assert.That(await AnswerAsync([Session[..cut], Session[cut..]]), Is.EqualTo(whole), $"cut after {cut} bytes");
    }

    [Test]
    public async Task A_session_is_answered_the_same_byte_by_byte()
    {
        var whole = await AnswerAsync([Session]);

        Assert.That(await AnswerAsync([.. Session.Select(value => new[] { value })]), Is.EqualTo(whole));
    }

    [Test]
    public async Task A_session_that_breaks_off_anywhere_ends_and_leaves_nothing_behind()
    {
        var whole = await AnswerAsync([Session]);

        for (var length = 0; length < Session.Length; length++)
        {
            var answer = await AnswerAsync([Session[..length]]);
            Assert.That(whole.AsSpan(0, answer.Length).SequenceEqual(answer), Is.True, $"cut short after {length} bytes: the answers so far are the same");
        }
    }

    [Test]
    public async Task A_session_with_any_byte_corrupted_ends_and_leaves_nothing_behind([Values(0x01, 0x80, 0xFF)] byte mask)
    {
        for (var at = 0; at < Session.Length; at++)
        {
            var corrupted = (byte[])Session.Clone();
            corrupted[at] ^= mask;

            Assert.That(await AnswerAsync([corrupted]), Has.Length.GreaterThanOrEqualTo(18), $"byte {at} corrupted");
        }
    }

    /// <summary>Plays the pieces to a fresh server, closes, and returns all it answered once it has closed too.</summary>
    private static async Task<byte[]> AnswerAsync(IEnumerable<byte[]> pieces)
    {
        await using var bench = new ServerBench(new MemoryDevice(1 << 20));
        using var client = await bench.ConnectAsync();
        foreach (var piece in pieces)
            client.Send(piece);
        await client.FinishSendingAsync();
        var answer = await client.ReadToEndAsync();
        await bench.ExpectNothingLeftAsync();
        Assert.That(bench.Exports.Open, Is.Zero);
        Assert.That(bench.Log.Warnings.Count(), Is.LessThanOrEqualTo(2), "at most a line for an unknown export and one for the end");
        return answer;
    }
}
