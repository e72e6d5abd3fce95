using BlockProxy.Proxy.Fops;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Protocol;

/// <summary>A brick whose answers are damaged on the way: whatever arrives, every call ends, and the client lives on or drops the connection.</summary>
public sealed class RpcClientCorruptionTests
{
    [Test]
    public async Task Damaged_answers_end_calls_or_the_connection_but_nothing_else([Range(0, 199)] int seed)
    {
        var random = new Random(seed);
        await using var harness = new ClientHarness();
        using var brick = await harness.ConnectAsync();
        var fd = await harness.OpenAsync(brick, 5);
        var memory = new byte[4096 + 64];
        var reading = harness.Client.ReadAsync(default, new ReadRequest(fd, 0, memory.AsMemory(0, 4096))).AsTask();
        var read = await brick.ExpectAsync(Fop.Read);
        var asking = harness.Client.LookupAsync(default, new LookupRequest(Loc.At(new Inode(Gfid.Root), "name"))).AsTask();
        var lookup = await brick.ExpectAsync(Fop.Lookup);
        var bytes = ScriptedConnection.Encode<ReadRequest, ReadReply>(
                read, new ReadReply(Errno.None, 4096, Xdata: new Xdata { ["key"] = XdataValue.Bytes(new byte[20]) }), payload: Enumerable.Repeat((byte)1, 4096).ToArray())
            .Concat(ScriptedConnection.Encode<LookupRequest, LookupReply>(lookup, new LookupReply(Errno.None, Xdata: new Xdata { ["a"] = XdataValue.String("b") })))
            .ToArray();

        for (var i = random.Next(1, 6); i > 0; i--)
            bytes[random.Next(2) == 0 ? random.Next(Math.Min(260, bytes.Length)) : random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        if (random.Next(4) == 0)
            bytes = bytes[..random.Next(bytes.Length)];
        try
        {
            for (var at = 0; at < bytes.Length;)
            {
                var piece = Math.Min(random.Next(1, 1500), bytes.Length - at);
                await brick.SendAsync(bytes[at..(at + piece)]);
                at += piece;
            }
        }
        catch (IOException)
        {
            // The client has dropped the connection already.
        }

        brick.Close();
        await reading.WaitAsync(TimeSpan.FromSeconds(10));
        await asking.WaitAsync(TimeSpan.FromSeconds(10));
        await harness.DownAsync();

        Assert.That(memory[4096..], Is.All.Zero, "nothing is written beyond what was asked for");
    }
}
