using System.Net.Sockets;

namespace BlockProxy.IntegrationTests.Nbd;

/// <summary>Clients that break the rules, over real sockets: each is sent away with one line, and the server goes on.</summary>
[TestFixture]
internal sealed class MalformedClientTests
{
    private const string Greeted = "00000003";
    private const string Export = "49484156454F5054 00000001 00000003 6D656D"; // NBD_OPT_EXPORT_NAME "mem"

    [TestCase("00000010", "unknown client flags", TestName = "Unknown_client_flags")]
    [TestCase(Greeted + "474554202F20485454502F312E310D0A", "option magic", TestName = "An_HTTP_request")]
    [TestCase(Greeted + "49484156454F5054 00000001 7FFFFFFF", "export name of 2147483647 bytes", TestName = "An_export_name_of_2_GiB")]
    [TestCase(Greeted + "49484156454F5054 00000001 00000002 00FF", "not a string", TestName = "An_export_name_that_is_no_string")]
    [TestCase(Greeted + "49484156454F5054 0000", "inside a message", TestName = "Half_an_option")]
    [TestCase(Greeted + "49484156454F5054 00000007 00000010 0000", "inside a message", TestName = "An_option_without_its_data")]
    [TestCase(Greeted + "49484156454F5054 00000063 FFFFFFFF 0000", "inside option", TestName = "An_option_of_4_GiB_that_never_comes")]
    [TestCase(Greeted + Export + "12560953 0000 0000 0000000000000000 0000000000000000 00000001", "request magic", TestName = "The_historic_request_magic")]
    [TestCase(Greeted + Export + "25609513 0000 0001 0000000000000001 0000000000000000 02000000 FF", "inside a request", TestName = "A_write_of_32_MiB_that_never_comes")]
    [TestCase(Greeted + Export + "25609513 0000 0001 0000000000000001 0000000000000000 FFFFFFFF FF", "inside a request", TestName = "A_write_of_4_GiB_that_never_comes")]
    public async Task A_broken_rule(string hex, string reason)
    {
        await using var host = new NbdHost();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(host.Address);

        await socket.SendAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        socket.Shutdown(SocketShutdown.Send);
        await ReadToEndAsync(socket);

        await host.ExpectNothingLeftAsync();
        Assert.That(host.Log.Warnings.Single(), Does.Contain(reason));
    }

    [Test]
    public async Task Random_bytes_at_every_stage_do_not_stop_the_server()
    {
        await using var host = new NbdHost();
        var random = new Random(1);
        var starts = new[] { "", Greeted, Greeted + Export }.Select(hex => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))).ToArray();

        for (var round = 0; round < 150; round++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(host.Address);
            var noise = new byte[random.Next(1, 5000)];
            random.NextBytes(noise);
            // Half of the time the noise begins like a message.
            if (round % 2 == 0)
                Convert.FromHexString(round % 3 == 2 ? "25609513" : "49484156454F5054").CopyTo(noise, 0);
            try
            {
                await socket.SendAsync(starts[round % 3]);
                await socket.SendAsync(noise);
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // It has been sent away already.
            }

            await ReadToEndAsync(socket);
        }

        await host.ExpectNothingLeftAsync();
        using var last = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await last.ConnectAsync(host.Address);
        var greeting = new byte[18];
        Assert.That(await last.ReceiveAsync(greeting), Is.EqualTo(18));
    }

    [Test]
    public async Task A_client_that_is_cut_off_in_the_middle_of_its_work_leaves_nothing_behind()
    {
        await using var host = new NbdHost();
        for (var round = 0; round < 50; round++)
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(host.UnixPath));
            await socket.SendAsync(Convert.FromHexString((Greeted + Export.Replace("6D656D", "736C6F77", StringComparison.Ordinal).Replace("00000003 73", "00000004 73", StringComparison.Ordinal)).Replace(" ", "", StringComparison.Ordinal)));
            for (var i = 0; i < 20; i++)
                await socket.SendAsync(Convert.FromHexString("25609513000000000000000000000001000000000000000000100000"));
            // Closed with replies of 20 MiB unread, some of them not even begun.
            if (round % 2 == 0)
                await socket.ReceiveAsync(new byte[1000]);
        }

        await host.ExpectNothingLeftAsync();
    }

    private static async Task ReadToEndAsync(Socket socket)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[64 << 10];
        try
        {
            while (await socket.ReceiveAsync(buffer, deadline.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Reset: bytes of ours were still under way when the server closed.
        }
    }
}
