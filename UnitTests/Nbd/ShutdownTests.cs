using BlockProxy.Nbd;
using NUnit.Framework;
using static BlockProxy.UnitTests.Nbd.ServerBench;

namespace BlockProxy.UnitTests.Nbd;

public class ShutdownTests
{
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(10);

    [Test]
    public async Task A_stopping_server_completes_what_is_in_flight_and_refuses_what_comes_then()
    {
        var device = new GatedDevice(1 << 20);
        device.Hold(0);
        await using var bench = new ServerBench(device);
        using var client = await bench.TransmitAsync();
        client.SendHex("25609513 0000 0001 0000000000000001 0000000000000000 00000001 EE");
        await device.ArrivedAsync();

        var stopped = bench.Server.StopAsync(Drain);
        client.SendHex("25609513 0000 0001 0000000000000002 0000000000000000 00000001 FF");
        await client.ExpectHexAsync("67446698 0000006C 0000000000000002"); // ESHUTDOWN
        Assert.That(stopped.IsCompleted, Is.False);
        device.LetGo(0);

        await client.ExpectHexAsync("67446698 00000000 0000000000000001");
        await client.ExpectEndAsync();
        client.Dispose();
        await stopped.WaitAsync(RawClient.Patience);
        await bench.ExpectNothingLeftAsync();
        Assert.That(device.Requests.Count(request => request.Kind == "write"), Is.EqualTo(1));
    }

    [Test]
    public async Task An_idle_client_sees_the_end_and_the_server_does_not_wait_for_it_longer_than_the_linger_time()
    {
        await using var bench = new ServerBench(limits: new NbdLimits { Linger = TimeSpan.FromSeconds(1) });
        using var client = await bench.TransmitAsync();

        var stopped = bench.Server.StopAsync(Drain);
        await client.ExpectEndAsync();
        Assert.That(stopped.IsCompleted, Is.False, "the client has not closed yet");
        await AdvanceUntilAsync(bench, stopped, TimeSpan.FromSeconds(1));

        await bench.ExpectNothingLeftAsync();
    }

    [Test]
    public async Task Requests_that_were_under_way_when_the_last_reply_was_sent_are_thrown_away()
    {
        await using var bench = new ServerBench();
        using var client = await bench.TransmitAsync();

        var stopped = bench.Server.StopAsync(Drain);
        await client.ExpectEndAsync();
        client.SendHex("25609513 0000 0003 0000000000000001 0000000000000000 00000000");
        await client.FinishSendingAsync();

        await stopped.WaitAsync(RawClient.Patience);
        await bench.ExpectNothingLeftAsync();
        Assert.That(bench.Log.Warnings, Is.Empty);
    }

    [Test]
    public async Task A_client_in_its_handshake_is_told_that_the_server_shuts_down()
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();
        client.SendHex(Magic, "00000008 00000000");
        await client.ReadAsync(20);

        var stopped = bench.Server.StopAsync(Drain);
        client.SendHex(Magic, "00000007 00000006 00000000 0000");
        await client.ExpectHexAsync(ReplyMagic, "00000007 80000007");
        await client.ReadAsync(4 + "the server is shutting down".Length);
        client.SendHex(Magic, "00000002 00000000");
        await client.ExpectHexAsync(ReplyMagic, "00000002 00000001 00000000");

        await client.ExpectEndAsync();
        await stopped.WaitAsync(RawClient.Patience);
    }

    [Test]
    public async Task A_request_that_never_returns_is_left_behind_at_the_deadline()
    {
        var device = new GatedDevice(1 << 20);
        device.Hold(0);
        await using var bench = new ServerBench(device);
        using var client = await bench.TransmitAsync();
        client.SendHex("25609513 0000 0000 0000000000000001 0000000000000000 00000001");
        await device.ArrivedAsync();

        var stopped = bench.Server.StopAsync(Drain);
        await AdvanceUntilAsync(bench, stopped, Drain);

        await client.ExpectEndAsync();
        Assert.That(bench.Log.Warnings, Has.Some.Contain("1 connections still busy"));
        Assert.That(bench.Exports.Open, Is.EqualTo(1), "the device still works on it");
        device.LetGo(0);
        await bench.ExpectNothingLeftAsync();
        Assert.That(bench.Exports.Open, Is.Zero);
    }

    [Test]
    public async Task A_stopped_server_accepts_no_one()
    {
        await using var bench = new ServerBench();

        await bench.Server.StopAsync(Drain);

        Assert.That(bench.ConnectAsync, Throws.InstanceOf<IOException>());
        Assert.That(() => bench.Server.Listen(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 1)), Throws.InstanceOf<ObjectDisposedException>());
    }

    /// <summary>Moves the clock, again and again: the timer that is waited for may only just be about to be set.</summary>
    private static async Task AdvanceUntilAsync(ServerBench bench, Task done, TimeSpan step)
    {
        using var deadline = new CancellationTokenSource(RawClient.Patience);
        while (!done.IsCompleted)
        {
            deadline.Token.ThrowIfCancellationRequested();
            bench.Clock.Advance(step);
            await Task.Yield();
        }

        await done;
    }
}
