using System.Text;
using NUnit.Framework;
using static BlockProxy.UnitTests.Nbd.ServerBench;

namespace BlockProxy.UnitTests.Nbd;

public class MetaContextTests
{
    private const string ListOption = "00000009";
    private const string SetOption = "0000000A";
    private const string Allocation = "626173653A616C6C6F636174696F6E"; // base:allocation
    private const string Ack = "00000001 00000000";

    [Test]
    public async Task Both_options_want_structured_replies_first([Values(ListOption, SetOption)] string option)
    {
        await using var bench = new ServerBench();
        using var client = await bench.GreetAsync();

        client.SendHex(Magic, option, "00000008 00000000 00000000");

        await client.ExpectHexAsync(ReplyMagic, option, "80000003");
    }

    [Test]
    public async Task List_without_a_query_gives_all_contexts()
    {
        await using var bench = new ServerBench();
        using var client = await StructuredAsync(bench);

        Send(client, ListOption, "");

        await ExpectContextAsync(client, ListOption, id: 0);
        await client.ExpectHexAsync(ReplyMagic, ListOption, Ack);
    }

    [TestCase("base:", true)]
    [TestCase("base:allocation", true)]
    [TestCase("base:unheard-of", false)]
    [TestCase("x-vendor:anything", false)]
    [TestCase("base", false)]
    public async Task List_gives_what_matches_a_query(string query, bool matches)
    {
        await using var bench = new ServerBench();
        using var client = await StructuredAsync(bench);

        Send(client, ListOption, "disk", query);

        if (matches)
            await ExpectContextAsync(client, ListOption, id: 0);
        await client.ExpectHexAsync(ReplyMagic, ListOption, Ack);
    }

    [TestCase("base:", false)]
    [TestCase("base:allocation", true)]
    [TestCase("x-vendor:anything", false)]
    public async Task Set_selects_only_the_exact_name(string query, bool selects)
    {
        await using var bench = new ServerBench();
        using var client = await StructuredAsync(bench);

        Send(client, SetOption, "disk", query);

        if (selects)
            await ExpectContextAsync(client, SetOption, id: 1);
        await client.ExpectHexAsync(ReplyMagic, SetOption, Ack);
    }

    [Test]
    public async Task Block_status_works_when_the_context_was_set_under_the_default_name()
    {
        await using var bench = new ServerBench();
        using var client = await StructuredAsync(bench);

        Send(client, SetOption, "", "base:allocation");
        await ExpectContextAsync(client, SetOption, id: 1);
        await client.ExpectHexAsync(ReplyMagic, SetOption, Ack);
        client.SendHex(Magic, "00000007 0000000A 00000004", "6469736B", "0000");
        await client.ReadAsync(52);
        client.SendHex("25609513 0000 0007 0000000000000001 0000000000000000 00001000");

        await client.ExpectHexAsync("668E33EF 0001 0005 0000000000000001 0000000C 00000001 00001000 00000003");
    }

    [Test]
    public async Task A_later_set_replaces_the_selection_even_when_it_fails()
    {
        await using var bench = new ServerBench();
        using var client = await StructuredAsync(bench);

        Send(client, SetOption, "disk", "base:allocation");
        await ExpectContextAsync(client, SetOption, id: 1);
        await client.ExpectHexAsync(ReplyMagic, SetOption, Ack);
        client.SendHex(Magic, SetOption, "00000004 FFFFFFFF");
        await client.ExpectHexAsync(ReplyMagic, SetOption, "80000003");
        await SkipMessageAsync(client);
        client.SendHex(Magic, "00000007 00000006 00000000 0000");
        await client.ReadAsync(52);
        client.SendHex("25609513 0000 0007 0000000000000001 0000000000000000 00001000");

        var chunk = await client.ReadAsync(26);
        Assert.That(Convert.ToHexString(chunk[..8]), Is.EqualTo("668E33EF00018001"), "an error chunk");
        Assert.That(chunk[23], Is.EqualTo(22), "EINVAL");
    }

    [Test]
    public async Task An_unknown_export_has_no_contexts()
    {
        await using var bench = new ServerBench();
        using var client = await StructuredAsync(bench);

        Send(client, SetOption, "nothing", "base:allocation");

        await client.ExpectHexAsync(ReplyMagic, SetOption, "80000006");
        Assert.That(bench.Exports.Open, Is.Zero);
    }

    [TestCase("", TestName = "Meta_context_without_data_is_invalid")]
    [TestCase("00000000", TestName = "Meta_context_without_a_count_is_invalid")]
    [TestCase("00000000 00000001", TestName = "Meta_context_with_a_missing_query_is_invalid")]
    [TestCase("00000000 FFFFFFFF", TestName = "Meta_context_with_4_G_queries_is_invalid")]
    [TestCase("00000000 00000001 FFFFFFFF", TestName = "Meta_context_with_a_query_of_4_GiB_is_invalid")]
    [TestCase("00000000 00000001 00000002 6261 00", TestName = "Meta_context_with_bytes_left_over_is_invalid")]
    public async Task Malformed_meta_context(string data)
    {
        await using var bench = new ServerBench();
        using var client = await StructuredAsync(bench);

        client.SendHex(Magic, SetOption, RawClient.Hex(data).Length.ToString("X8"), data);

        await client.ExpectHexAsync(ReplyMagic, SetOption, "80000003");
    }

    private static async Task<RawClient> StructuredAsync(ServerBench bench)
    {
        var client = await bench.GreetAsync();
        client.SendHex(Magic, "00000008 00000000");
        await client.ExpectHexAsync(ReplyMagic, "00000008", Ack);
        return client;
    }

    private static void Send(RawClient client, string option, string export, params string[] queries)
    {
        var data = Field(export) + queries.Length.ToString("X8") + string.Concat(queries.Select(Field));
        client.SendHex(Magic, option, (data.Length / 2).ToString("X8"), data);

        static string Field(string text) => text.Length.ToString("X8") + Convert.ToHexString(Encoding.ASCII.GetBytes(text));
    }

    private static Task ExpectContextAsync(RawClient client, string option, int id) =>
        client.ExpectHexAsync(ReplyMagic, option, "00000004 00000013", id.ToString("X8"), Allocation);

    private static async Task SkipMessageAsync(RawClient client) =>
        await client.ReadAsync(Convert.ToInt32(Convert.ToHexString(await client.ReadAsync(4)), 16));
}
