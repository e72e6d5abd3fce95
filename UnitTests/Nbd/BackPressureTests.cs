using BlockProxy.Nbd;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Nbd;

public class BackPressureTests
{
    [Test]
    public async Task At_the_request_limit_the_server_stops_reading_until_a_reply_was_sent()
    {
        var device = new GatedDevice(1 << 20);
        device.Hold(1);
        device.Hold(2);
        await using var bench = new ServerBench(device, new NbdLimits { MaxRequestsInFlight = 2 });
        using var client = await bench.TransmitAsync();

        client.SendHex("25609513 0000 0000 0000000000000001 0000000000000001 00000001");
        client.SendHex("25609513 0000 0000 0000000000000002 0000000000000002 00000001");
        client.SendHex("25609513 0000 0000 0000000000000003 0000000000000003 00000001");
        await device.ArrivedAsync(2);
        Assert.That(device.Requests, Has.Count.EqualTo(2), "the third waits outside");
        device.LetGo(2);
        await client.ExpectHexAsync("67446698 00000000 0000000000000002", "00");
        await client.ExpectHexAsync("67446698 00000000 0000000000000003", "00");
        device.LetGo(1);

        await client.ExpectHexAsync("67446698 00000000 0000000000000001", "00");
    }

    [Test]
    public async Task At_the_byte_limit_the_server_stops_reading_but_one_large_request_passes_alone()
    {
        var device = new GatedDevice(1 << 20);
        device.Hold(0);
        await using var bench = new ServerBench(device, new NbdLimits { MaxBytesInFlight = 1000 });
        using var client = await bench.TransmitAsync();

        client.SendHex("25609513 0000 0000 0000000000000001 0000000000000000 00001000"); // 4096 bytes, alone
        client.SendHex("25609513 0000 0000 0000000000000002 0000000000000001 00000001");
        await device.ArrivedAsync();
        Assert.That(device.Requests, Has.Count.EqualTo(1));
        device.LetGo(0);

        await client.ReadAsync(16 + 4096);
        await client.ExpectHexAsync("67446698 00000000 0000000000000002", "00");
    }

    [Test]
    public async Task A_client_that_does_not_read_its_replies_holds_no_more_than_the_window()
    {
        const int RequestBytes = 256 << 10;
        await using var bench = new ServerBench(limits: new NbdLimits { MaxBytesInFlight = 1 << 20 });
        using var client = await bench.TransmitAsync();

        // 64 MiB of replies; the network between takes 4 MiB and a little, the window 1 MiB, the rest stays unread.
        for (var i = 0; i < 256; i++)
            client.SendHex("25609513 0000 0000", i.ToString("X16"), "0000000000000000", RequestBytes.ToString("X8"));

        await client.ReadAsync(16);
        Assert.That(bench.Pool.Outstanding, Is.LessThanOrEqualTo(1 + 4), "the receive buffer and four requests of 256 KiB");
    }

    [Test]
    public async Task At_the_connection_limit_further_clients_wait_until_one_leaves()
    {
        await using var bench = new ServerBench(limits: new NbdLimits { MaxConnections = 1 });
        using var first = await bench.TransmitAsync();
        using var second = await bench.ConnectAsync();

        first.SendHex("25609513 0000 0003 0000000000000001 0000000000000000 00000000");
        await first.ExpectHexAsync("67446698 00000000 0000000000000001");
        Assert.That(bench.Server.Connections, Is.EqualTo(1));
        first.SendHex("25609513 0000 0002 0000000000000002 0000000000000000 00000000");

        await second.ExpectHexAsync("4E42444D41474943", ServerBench.Magic, "0003");
        Assert.That(bench.Log.Warnings, Has.Some.Contain("1 connections, its limit"));
    }
}
