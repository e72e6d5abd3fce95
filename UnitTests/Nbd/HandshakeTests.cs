using System.Text;
using BlockProxy.Nbd;
using NUnit.Framework;
using static BlockProxy.UnitTests.Nbd.ServerBench;

namespace BlockProxy.UnitTests.Nbd;

public class HandshakeTests
{
    private const string Ack = "00000001 00000000";
    private const string Unsup = "80000001";
    private const string Invalid = "80000003";
    private const string Unknown = "80000006";
    private const string TooBig = "80000009";

    // Size 1 MiB; HAS_FLAGS, FLUSH, FUA, TRIM, WRITE_ZEROES, MULTI_CONN, CACHE, FAST_ZERO.
    private const string SizeAndFlags = "0000000000100000 0D6D";

    [Test]
    public async Task The_server_greets_with_fixed_newstyle_and_no_zeroes()
    {
        await using var bench = new ServerBench();
        using var client = await bench.ConnectAsync();

        await client.ExpectHexAsync("4E42444D41474943", "49484156454F5054", "0003");
    }

    [Test]
    public async Task Export_name_enters_transmission_without_padding_when_it_was_waived()
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, "00000001 00000004", "6469736B");
        await client.ExpectHexAsync(SizeAndFlags);
        client.SendHex("25609513 0000 0003 0000000000000009 0000000000000000 00000000");

        await client.ExpectHexAsync("67446698 00000000 0000000000000009");
    }

    [Test]
    public async Task Export_name_pads_with_124_zeroes_when_the_client_did_not_waive_them()
    {
        await using var bench = new ServerBench();
        using var client = await bench.ConnectAsync();
        await client.ReadAsync(18);

        client.SendHex("00000001", Magic, "00000001 00000000");

        await client.ExpectHexAsync(SizeAndFlags, new string('0', 248));
    }

    [Test]
    public async Task Export_name_of_an_unknown_export_ends_the_session()
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, "00000001 00000003", "616263");

        await client.ExpectEndAsync();
        Assert.That(bench.Log.Warnings.Single(), Does.Contain("'abc'"));
    }

    [TestCase("00000004")]
    [TestCase("80000000")]
    [TestCase("00000007")]
    public async Task Unknown_client_flags_end_the_connection_with_one_line(string flags)
    {
        await using var bench = new ServerBench();
        using var client = await bench.ConnectAsync();
        await client.ReadAsync(18);

        client.SendHex(flags);

        await client.ExpectEndAsync();
        await bench.ExpectNothingLeftAsync();
        Assert.That(bench.Log.Warnings.Single(), Does.Contain($"unknown client flags 0x{flags}"));
    }

    [Test]
    public async Task Without_fixed_newstyle_only_the_export_name_is_an_option()
    {
        await using var bench = new ServerBench();
        using var client = await bench.ConnectAsync();
        await client.ReadAsync(18);

        client.SendHex("00000002", Magic, "00000003 00000000");
        await ExpectErrorAsync(client, "00000003", Invalid);
        client.SendHex(Magic, "00000001 00000000");

        await client.ExpectHexAsync(SizeAndFlags);
    }

    [Test]
    public async Task List_names_every_export_with_its_description()
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, "00000003 00000000");

        await client.ExpectHexAsync(ReplyMagic, "00000003 00000002 00000013 00000004", "6469736B", Convert.ToHexString("a test disk"u8));
        await client.ExpectHexAsync(ReplyMagic, "00000003 00000002 00000009 00000005", "6F74686572");
        await client.ExpectHexAsync(ReplyMagic, "00000003", Ack);
    }

    [Test]
    public async Task List_with_data_is_invalid_and_the_next_option_is_understood()
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, "00000003 00000001 00");
        await ExpectErrorAsync(client, "00000003", Invalid);
        client.SendHex(Magic, "00000008 00000000");

        await client.ExpectHexAsync(ReplyMagic, "00000008", Ack);
    }

    [Test]
    public async Task Abort_is_acknowledged_and_ends_the_connection_even_with_data()
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, "00000002 00000002 FFFF");

        await client.ExpectHexAsync(ReplyMagic, "00000002", Ack);
        await client.ExpectEndAsync();
        Assert.That(bench.Log.Warnings, Is.Empty);
    }

    [Test]
    public async Task Start_tls_is_not_supported()
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, "00000005 00000000");
        await ExpectErrorAsync(client, "00000005", Unsup);
        client.SendHex(Magic, "00000005 00000001 00");

        await ExpectErrorAsync(client, "00000005", Invalid);
    }

    [TestCase("00000004")]
    [TestCase("0000000B")]
    [TestCase("DEADBEEF")]
    public async Task An_unknown_option_is_refused_and_its_data_skipped(string option)
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, option, "00000003 616263");
        await ExpectErrorAsync(client, option, Unsup);
        client.SendHex(Magic, "00000008 00000000");

        await client.ExpectHexAsync(ReplyMagic, "00000008", Ack);
    }

    [Test]
    public async Task Structured_reply_takes_no_data()
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, "00000008 00000001 01");

        await ExpectErrorAsync(client, "00000008", Invalid);
    }

    [Test]
    public async Task Info_gives_size_name_description_and_block_sizes_and_does_not_enter_transmission()
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, "00000006 0000000C 00000000 0003 0001 0002 0003");
        await client.ExpectHexAsync(ReplyMagic, "00000006 00000003 0000000C 0000", SizeAndFlags);
        await client.ExpectHexAsync(ReplyMagic, "00000006 00000003 00000006 0001", "6469736B");
        await client.ExpectHexAsync(ReplyMagic, "00000006 00000003 0000000D 0002", Convert.ToHexString("a test disk"u8));
        await client.ExpectHexAsync(ReplyMagic, "00000006 00000003 0000000E 0003 00000001 00001000 02000000");
        await client.ExpectHexAsync(ReplyMagic, "00000006", Ack);
        client.SendHex(Magic, "00000008 00000000");

        await client.ExpectHexAsync(ReplyMagic, "00000008", Ack);
        Assert.That(bench.Exports.Open, Is.Zero);
    }

    [Test]
    public async Task An_info_type_that_is_not_known_is_ignored_and_one_asked_twice_is_given_once()
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, "00000006 0000000C 00000000 0003 00FF 0001 0001");

        await client.ExpectHexAsync(ReplyMagic, "00000006 00000003 0000000C 0000", SizeAndFlags);
        await client.ExpectHexAsync(ReplyMagic, "00000006 00000003 00000006 0001", "6469736B");
        await client.ExpectHexAsync(ReplyMagic, "00000006", Ack);
    }

    [Test]
    public async Task The_dont_fragment_flag_is_offered_only_after_structured_replies()
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, "00000008 00000000");
        await client.ExpectHexAsync(ReplyMagic, "00000008", Ack);
        client.SendHex(Magic, "00000007 00000006 00000000 0000");

        await client.ExpectHexAsync(ReplyMagic, "00000007 00000003 0000000C 0000", "0000000000100000 0DED");
        await client.ExpectHexAsync(ReplyMagic, "00000007", Ack);
    }

    [Test]
    public async Task A_read_only_export_says_so_and_offers_nothing_that_writes()
    {
        await using var bench = new ServerBench(readOnly: true);
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, "00000001 00000000");

        await client.ExpectHexAsync("0000000000100000 050F");
    }

    [Test]
    public async Task A_device_that_can_do_little_offers_little()
    {
        var device = new GatedDevice(1 << 20, info => info with
        {
            CanFlush = false,
            CanTrim = false,
            CanWriteZeroes = false,
            MultiConnection = false,
            Rotational = true,
        });
        await using var bench = new ServerBench(device);
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, "00000001 00000000");

        await client.ExpectHexAsync("0000000000100000 0411");
    }

    [TestCase("00000006")]
    [TestCase("00000007")]
    public async Task An_unknown_export_is_an_error_that_leaves_the_negotiation_open(string option)
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, option, "00000009 00000003", "616263", "0000");
        await ExpectErrorAsync(client, option, Unknown);
        client.SendHex(Magic, "00000007 00000006 00000000 0000");

        await client.ExpectHexAsync(ReplyMagic, "00000007 00000003 0000000C 0000", SizeAndFlags);
    }

    [Test]
    public async Task An_export_that_fails_to_open_is_unknown_to_the_client_and_named_in_the_log()
    {
        await using var bench = new ServerBench();
        bench.Exports.Failure = new IOException("the volume is down");
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, "00000007 00000006 00000000 0000");

        await ExpectErrorAsync(client, "00000007", Unknown);
        Assert.That(bench.Log.Warnings.Single(), Does.Contain("cannot be opened"));
    }

    [TestCase("", TestName = "Go_with_no_data_is_invalid")]
    [TestCase("00000000 00", TestName = "Go_with_half_a_count_is_invalid")]
    [TestCase("00000001 0000", TestName = "Go_with_a_name_that_runs_over_the_count_is_invalid")]
    [TestCase("FFFFFFFF 0000", TestName = "Go_with_a_name_of_4_GiB_is_invalid")]
    [TestCase("00000000 0001", TestName = "Go_with_a_missing_info_type_is_invalid")]
    [TestCase("00000000 0000 0000", TestName = "Go_with_bytes_left_over_is_invalid")]
    [TestCase("00000001 00 0000", TestName = "Go_with_a_NUL_in_the_name_is_invalid")]
    [TestCase("00000001 FF 0000", TestName = "Go_with_a_name_that_is_not_UTF8_is_invalid")]
    public async Task Malformed_go(string data)
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, "00000007", RawClient.Hex(data).Length.ToString("X8"), data);
        await ExpectErrorAsync(client, "00000007", Invalid);
        client.SendHex(Magic, "00000008 00000000");

        await client.ExpectHexAsync(ReplyMagic, "00000008", Ack);
    }

    [Test]
    public async Task An_oversize_option_is_skipped_unread_and_too_big()
    {
        await using var bench = new ServerBench(limits: new NbdLimits { MaxOptionBytes = 4096 });
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, "00000007 00030000");
        for (var i = 0; i < 3; i++)
            client.Send(new byte[64 << 10]);
        await ExpectErrorAsync(client, "00000007", TooBig);
        client.SendHex(Magic, "00000008 00000000");

        await client.ExpectHexAsync(ReplyMagic, "00000008", Ack);
    }

    [Test]
    public async Task An_export_name_longer_than_any_option_ends_the_connection()
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, "00000001 FFFFFFFF");

        await client.ExpectEndAsync();
        Assert.That(bench.Log.Warnings.Single(), Does.Contain("export name of 4294967295 bytes"));
    }

    [Test]
    public async Task A_name_of_4096_bytes_is_a_name_and_one_byte_more_is_not()
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, "00000007 00001006 00001000", Convert.ToHexString(Encoding.ASCII.GetBytes(new string('x', 4096))), "0000");
        await ExpectErrorAsync(client, "00000007", Unknown);
        client.SendHex(Magic, "00000007 00001007 00001001", Convert.ToHexString(Encoding.ASCII.GetBytes(new string('x', 4097))), "0000");

        await ExpectErrorAsync(client, "00000007", Invalid);
    }

    [Test]
    public async Task A_wrong_option_magic_ends_the_connection_with_one_line()
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        client.SendHex("4948415645400000", "00000003 00000000");

        await client.ExpectEndAsync();
        Assert.That(bench.Log.Warnings.Single(), Does.Contain("option magic 0x4948415645400000"));
    }

    [Test]
    public async Task Endless_options_end_at_the_limit()
    {
        await using var bench = new ServerBench(limits: new NbdLimits { MaxOptions = 3 });
        using var client = await bench.GreetAsync();

        for (var i = 0; i < 3; i++)
            client.SendHex(Magic, "00000008 00000000");
        await client.ReadAsync(60);

        await client.ExpectEndAsync();
        Assert.That(bench.Log.Warnings.Single(), Does.Contain("more than 3 options"));
    }

    [Test]
    public async Task A_client_that_does_not_finish_its_handshake_is_disconnected_at_the_deadline()
    {
        await using var bench = new ServerBench(limits: new NbdLimits { HandshakeDeadline = TimeSpan.FromSeconds(10) });
        using var client = await bench.GreetAsync();

        bench.Clock.Advance(TimeSpan.FromSeconds(9));
        client.SendHex(Magic, "00000008 00000000");
        await client.ExpectHexAsync(ReplyMagic, "00000008", Ack);
        bench.Clock.Advance(TimeSpan.FromSeconds(1));

        await client.ExpectEndAsync();
        await bench.ExpectNothingLeftAsync();
        Assert.That(bench.Log.Lines.Select(line => line.Text), Has.Some.Contain("the handshake took too long"));
    }

    [Test]
    public async Task The_deadline_ends_with_the_handshake()
    {
        await using var bench = new ServerBench();
        using var client = await bench.TransmitAsync();

        bench.Clock.Advance(TimeSpan.FromHours(1));
        client.SendHex("25609513 0000 0003 0000000000000001 0000000000000000 00000000");

        await client.ExpectHexAsync("67446698 00000000 0000000000000001");
    }

    [Test]
    public async Task A_client_that_leaves_during_the_handshake_is_no_event()
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        await client.FinishSendingAsync();

        await client.ExpectEndAsync();
        await bench.ExpectNothingLeftAsync();
        Assert.That(bench.Log.Warnings, Is.Empty);
    }

    private static async Task ExpectErrorAsync(RawClient client, string option, string error)
    {
        await client.ExpectHexAsync(ReplyMagic, option, error);
        var length = Convert.ToInt32(Convert.ToHexString(await client.ReadAsync(4)), 16);
        Assert.That(Encoding.UTF8.GetString(await client.ReadAsync(length)), Is.Not.Empty, "the error's sentence");
    }
}
