using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Translators;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Handshake;
using BlockProxy.Proxy.Wire.Portmap;
using BlockProxy.Volgen;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Protocol;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class HandshakeTests
{
    [Test]
    public async Task The_login_carries_the_keys_that_bricks_look_at()
    {
        await using var harness = new ClientHarness();
        harness.Graph.Start();
        using var brick = await harness.Brick.AcceptAsync();

        var keys = await brick.LogInAsync();
        await harness.UpAsync();

        Assert.That(keys.GetText("remote-subvolume"), Is.EqualTo("/bricks/b1"));
        Assert.That(keys.GetText("fops-version"), Is.EqualTo("1298437"));
        Assert.That(keys.GetText("username"), Is.EqualTo("user"));
        Assert.That(keys.GetText("password"), Is.EqualTo("secret"));
        Assert.That(keys.GetText("process-name"), Is.EqualTo("unit-test"));
        Assert.That(keys.GetText("process-uuid"), Is.EqualTo(
            "CTX_ID:11111111-2222-3333-4444-555555555555-GRAPH_ID:3-PID:77-HOST:host-PC_NAME:vol-client-0-RECON_NO:-0"));
        Assert.That(keys.Contains("volume-id"), Is.False, "it is not known yet");
        Assert.That(harness.Log.Lines, Is.EqualTo(new[] { "Information: Brick vol-client-0: connected at brick.example:49152", }));
    }

    [Test]
    public async Task Each_connection_has_an_identity_of_its_own_and_sends_the_volume_id_once_it_is_known()
    {
        await using var harness = new ClientHarness();
        harness.Graph.Start();
        using (var first = await harness.Brick.AcceptAsync())
        {
            await first.LogInAsync(volumeId: "the-volume");
            await harness.UpAsync();
        }

        await harness.DownAsync();
        await harness.UntilNextAttemptAsync();
        harness.Clock.Advance(TimeSpan.FromSeconds(1));
        using var second = await harness.Brick.AcceptAsync();
        var keys = await second.LogInAsync(volumeId: "the-volume");

        Assert.That(keys.GetText("process-uuid"), Does.EndWith("RECON_NO:-1"));
        Assert.That(keys.GetText("volume-id"), Is.EqualTo("the-volume"));
    }

    [Test]
    public async Task The_port_comes_from_the_portmapper_of_the_host()
    {
        await using var harness = new ClientHarness(volfile: Volfile($"option remote-host {ClientHarness.Host}"));
        using var glusterd = harness.Listen(ClientHarness.Host, 24007);
        harness.Graph.Start();
        using (var portmap = await glusterd.AcceptAsync())
        {
            await portmap.AnswerDumpAsync(RpcProgram.Dump, RpcProgram.Handshake, RpcProgram.Portmap);
            var asked = await portmap.ExpectAsync(RpcProgram.Portmap, (uint)PortmapProcedure.PortByBrick);
            Assert.That(asked.As<PortByBrickRequest>().Brick, Is.EqualTo("/bricks/b1"));
            await portmap.ReplyAsync(asked, new PortByBrickReply(0, 0, 1, ClientHarness.BrickPort));
            Assert.That(await portmap.NextAsync(), Is.Null, "it leaves glusterd alone afterwards");
        }

        using var brick = await harness.LogInAsync();
        Assert.That(harness.Client.IsConnected, Is.True);
    }

    [Test]
    public async Task Without_a_remote_host_the_volfile_server_is_it_and_may_be_the_brick_itself()
    {
        await using var harness = new ClientHarness(volfile: Volfile(""));
        using var server = harness.Listen("volfile.example", 24007);
        harness.Graph.Start();
        using var connection = await server.AcceptAsync();

        await connection.AnswerDumpAsync(RpcProgram.Dump, RpcProgram.Handshake, RpcProgram.Fops); // no portmap: log in right here
        var login = await connection.ExpectAsync(RpcProgram.Handshake, (uint)HandshakeProcedure.SetVolume);
        await connection.ReplyAsync(login, new DictReply(0, 0)); // an empty answer is enough
        await harness.UpAsync();

        Assert.That(harness.Client.IsConnected, Is.True);
    }

    [Test]
    public async Task Nobody_listening_is_one_line()
    {
        await using var harness = new ClientHarness(volfile: Volfile("option remote-host gone.example"));
        harness.Graph.Start();
        for (var i = 0; i < 5; i++)
        {
            await harness.UntilNextAttemptAsync();
            harness.Clock.Advance(TimeSpan.FromSeconds(4));
        }

        await harness.UntilNextAttemptAsync();
        Assert.That(harness.Log.Lines.Single(), Does.StartWith("Warning: Brick vol-client-0: cannot be reached: cannot connect to gone.example:24007: connection refused"));
    }

    [Test]
    public async Task A_brick_that_glusterd_does_not_run_is_one_line()
    {
        await using var harness = new ClientHarness(volfile: Volfile($"option remote-host {ClientHarness.Host}"));
        using var glusterd = harness.Listen(ClientHarness.Host, 24007);
        harness.Graph.Start();
        using var portmap = await glusterd.AcceptAsync();
        await portmap.AnswerDumpAsync(RpcProgram.Dump, RpcProgram.Portmap);

        await portmap.ReplyAsync(await portmap.ExpectAsync(RpcProgram.Portmap, 1), PortByBrickReply.Unknown);

        Assert.That(await FirstLineAsync(harness), Is.EqualTo(
            "Warning: Brick vol-client-0: cannot be reached: the glusterd at brick.example:24007 has no port for it: the brick is not running there; trying on"));
    }

    [TestCase(13, "Authentication failed", "refused the login: Authentication failed (EACCES", TestName = "A_refused_login_is_one_line")]
    [TestCase(2, "Brick not found", "does not have it: Brick not found (ENOENT)", TestName = "A_brick_unknown_to_the_server_is_one_line")]
    [TestCase(22, "Volume-ID different", "refused the login: Volume-ID different (EINVAL; another volume's brick", TestName = "A_wrong_volume_id_is_one_line")]
    [TestCase(11, "xlator is not initialised", "is still starting", TestName = "A_brick_that_is_starting_is_one_line")]
    public async Task A_refusal_is_one_line(int errno, string said, string expected)
    {
        await using var harness = new ClientHarness();
        harness.Graph.Start();
        using var brick = await harness.Brick.AcceptAsync();
        await brick.AnswerDumpAsync(RpcProgram.Dump, RpcProgram.Handshake, RpcProgram.Fops);

        var login = await brick.ExpectAsync(RpcProgram.Handshake, (uint)HandshakeProcedure.SetVolume);
        await brick.ReplyAsync(login, new DictReply(-1, errno, new DictBlob { { "ERROR", said } }));

        Assert.That(await FirstLineAsync(harness), Does.Contain(expected));
        Assert.That(harness.Graph.IsUp, Is.False);
    }

    [Test]
    public async Task A_server_that_is_no_brick_is_one_line()
    {
        await using var harness = new ClientHarness();
        harness.Graph.Start();
        using var brick = await harness.Brick.AcceptAsync();

        await brick.AnswerDumpAsync(RpcProgram.Dump, RpcProgram.Fops330);

        Assert.That(await FirstLineAsync(harness), Does.Contain("brick.example:49152 is not a brick: it does not have the fop program 1298437/400"));
    }

    [Test]
    public async Task A_server_that_answers_nonsense_is_one_line()
    {
        await using var harness = new ClientHarness();
        harness.Graph.Start();
        using var brick = await harness.Brick.AcceptAsync();
        await brick.ExpectAsync(RpcProgram.Dump, (uint)DumpProcedure.Dump);

        await brick.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());

        Assert.That(await FirstLineAsync(harness), Does.Contain("brick.example:49152 is not a brick: DUMP: it announces a record of"));
    }

    [Test]
    public async Task A_server_that_never_answers_is_given_up_after_ten_seconds()
    {
        await using var harness = new ClientHarness();
        harness.Graph.Start();
        using var brick = await harness.Brick.AcceptAsync();
        await brick.ExpectAsync(RpcProgram.Dump, (uint)DumpProcedure.Dump);
        await harness.Clock.UntilDueAsync(TimeSpan.FromSeconds(10));

        harness.Clock.Advance(TimeSpan.FromSeconds(10));

        Assert.That(await FirstLineAsync(harness), Does.Contain("it did not answer within 10 s"));
    }

    [Test]
    public async Task A_brick_whose_storage_is_down_is_connected_but_down_until_it_says_otherwise()
    {
        await using var harness = new ClientHarness();
        harness.Graph.Start();
        using var brick = await harness.Brick.AcceptAsync();
        await brick.LogInAsync(childUp: "0");
        while (!harness.Client.IsConnected)
            await Task.Yield();
        var upAtFirst = harness.Graph.IsUp;

        await brick.CallBackAsync(1, CallbackProcedure.ChildUp);
        await harness.UpAsync();
        await brick.CallBackAsync(2, CallbackProcedure.ChildDown);
        await harness.DownAsync();

        Assert.That(upAtFirst, Is.False);
        Assert.That(harness.Ups, Is.EqualTo(new[] { true, false }));
        Assert.That(harness.Client.IsConnected, Is.True, "the connection stays");
    }

    [TestCase("option transport.socket.ssl-enabled on", "TLS to bricks is not supported yet")]
    [TestCase("option transport-type rdma", "'rdma' is not supported; expected tcp")]
    public void What_cannot_be_served_is_refused_with_the_volfile(string option, string expected)
    {
        var volfile = VolfileParser.Parse(Volfile(option)).Volfile!;
        var environment = new TranslatorEnvironment { Random = new Random(1), Process = new ProcessIdentity(Guid.Empty, "h", 1) };

        var built = new GraphBuilder(StockTranslators.Registry, environment).Build(volfile, 0, () => 0);

        Assert.That(built.Error!.ToString(), Does.Contain("volume 'vol-client-0' (protocol/client)").And.Contain(expected));
    }

    private static string Volfile(string options) => $"""
        volume vol-client-0
            type protocol/client
            option remote-subvolume /bricks/b1
            {options}
        end-volume
        """;

    private static async Task<string> FirstLineAsync(ClientHarness harness)
    {
        while (harness.Log.Lines.Count == 0)
            await Task.Yield();
        return harness.Log.Lines[0];
    }
}
