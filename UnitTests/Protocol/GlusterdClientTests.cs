using System.Net;
using BlockProxy.Io;
using BlockProxy.Proxy.Mgmt;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Handshake;
using BlockProxy.Proxy.Wire.Rpc;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Protocol;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class GlusterdClientTests
{
    private readonly MemoryTransport _transport = new();
    private readonly TestClock _clock = new();
    private readonly RecordingLogger _log = new();
    private readonly List<string> _changes = [];
    private readonly GlusterdClient _client;
    private ScriptedServer? _server;

    public GlusterdClientTests()
    {
        _client = new GlusterdClient(new DnsEndPoint("mgmt.example", 24007), "vol", _transport, _clock, _log);
        _client.VolfileChanged += text =>
        {
            lock (_changes)
                _changes.Add(text);
        };
    }

    [TearDown]
    public async Task End()
    {
        await _client.DisposeAsync();
        _server?.Dispose();
    }

    [Test]
    public async Task The_volfile_is_asked_for_by_the_volumes_name_with_the_op_version_of_a_current_client()
    {
        var fetching = FetchAsync();
        using var glusterd = await AcceptAsync();

        var call = await glusterd.ExpectAsync(RpcProgram.Handshake, (uint)HandshakeProcedure.GetSpec);
        await glusterd.ReplyAsync(call, GetSpecReply.Of("the volfile") with { Xdata = new DictBlob { { GetSpecKeys.BrickVolServers, "a:24007 b:24007 " } } });
        var answer = await fetching;

        var asked = call.As<GetSpecRequest>();
        Assert.That((asked.Key, asked.Xdata!.GetText("min-op-version"), asked.Xdata.GetText("max-op-version")), Is.EqualTo(("vol", "1", "100000")));
        Assert.That(call.Flavor, Is.EqualTo(AuthFlavor.GlusterFs2));
        Assert.That((answer.Text, answer.Error), Is.EqualTo(("the volfile", VolfileError.None)));
        Assert.That(answer.BackupServers, Is.EqualTo(new[] { "a:24007", "b:24007" }));
    }

    [TestCase(2, VolfileError.NoSuchVolume, "volfile server mgmt.example:24007 has no volume 'vol'")]
    [TestCase(95, VolfileError.OpVersionTooLow, "volume 'vol' needs a client of a newer op-version than 100000, says volfile server mgmt.example:24007")]
    [TestCase(12, VolfileError.Refused, "volfile server mgmt.example:24007 gave no volfile for 'vol': ENOMEM")]
    public async Task A_refusal_says_what_it_means(int errno, VolfileError error, string message)
    {
        var fetching = FetchAsync();
        using var glusterd = await AcceptAsync();

        await glusterd.ReplyAsync(await glusterd.ExpectAsync(RpcProgram.Handshake, 2), new GetSpecReply(-1, errno, ""));

        var answer = await fetching;
        Assert.That((answer.Error, answer.Message), Is.EqualTo((error, message)));
    }

    [Test]
    public async Task Nobody_there_is_said_at_once()
    {
        var answer = await _client.FetchAsync(CancellationToken.None);

        Assert.That(answer.Error, Is.EqualTo(VolfileError.ServerNotThere));
        Assert.That(answer.Message, Does.StartWith("volfile server mgmt.example:24007: cannot connect to mgmt.example:24007: connection refused"));
    }

    [Test]
    public async Task Something_else_that_listens_there_is_said_to_be_no_glusterd()
    {
        var fetching = FetchAsync();
        using var other = await AcceptAsync();

        await other.SendAsync("NBDMAGICIHAVEOPT\0\u0003"u8.ToArray());

        var answer = await fetching;
        Assert.That(answer.Error, Is.EqualTo(VolfileError.Nonsense));
        Assert.That(answer.Message, Does.StartWith("volfile server mgmt.example:24007 is not a glusterd: it announces a record of"));
    }

    [Test]
    public async Task A_server_without_the_program_is_said_to_be_no_glusterd()
    {
        var fetching = FetchAsync();
        using var other = await AcceptAsync();

        await other.RefuseAsync((await other.NextAsync())!, AcceptStatus.ProgramUnavailable);

        Assert.That((await fetching).Message, Does.StartWith("volfile server mgmt.example:24007 is not a glusterd: GETSPEC: ").And.Contain("PROG_UNAVAIL"));
    }

    [Test]
    public async Task A_server_that_never_answers_is_given_up()
    {
        var fetching = FetchAsync();
        using var glusterd = await AcceptAsync();
        await glusterd.NextAsync();
        await _clock.UntilDueAsync(GlusterdClient.StepTimeout);

        _clock.Advance(GlusterdClient.StepTimeout);

        Assert.That((await fetching).Error, Is.EqualTo(VolfileError.ServerNotThere));
        Assert.That((await fetching).Message, Does.EndWith("it did not answer within 10 s"));
    }

    [Test]
    public async Task A_notice_has_the_volfile_fetched_again_and_only_a_changed_text_is_told()
    {
        using var glusterd = await ServedAsync("one");
        _client.Watch();

        foreach (var text in new[] { "one", "two", "two" })
        {
            await glusterd.CallBackAsync(1, CallbackProcedure.FetchSpec);
            await glusterd.ReplyAsync(await glusterd.ExpectAsync(RpcProgram.Handshake, 2), GetSpecReply.Of(text));
        }

        await glusterd.CallBackAsync(1, CallbackProcedure.FetchSpec);
        await glusterd.ExpectAsync(RpcProgram.Handshake, 2); // the answers before this one have been looked at
        Assert.That(Changes, Is.EqualTo(new[] { "two" }));
    }

    [Test]
    public async Task After_a_loss_it_comes_back_every_three_seconds_and_catches_up()
    {
        var first = await ServedAsync("one");
        _client.Watch();
        _server!.Dispose(); // glusterd is stopped
        first.Dispose();
        for (var i = 0; i < 3; i++)
        {
            await _clock.UntilDueAsync(TimeSpan.FromSeconds(3));
            Assert.That(_clock.Next, Is.EqualTo(TimeSpan.FromSeconds(3)));
            if (i == 2)
                _server = new ScriptedServer(_transport, "mgmt.example", 24007); // and started again
            _clock.Advance(TimeSpan.FromSeconds(3));
        }

        using var second = await _server.AcceptAsync();
        await second.ReplyAsync(await second.ExpectAsync(RpcProgram.Handshake, 2), GetSpecReply.Of("two"));
        while (Changes.Count == 0)
            await Task.Yield();

        Assert.That(Changes, Is.EqualTo(new[] { "two" }));
        Assert.That(_log.Lines, Has.Count.EqualTo(2), "one line for the loss, one for the return");
        Assert.That(_log.Lines[0], Does.Contain("the connection to glusterd at mgmt.example:24007 is lost: it closed the connection"));
        Assert.That(_log.Lines[1], Does.Contain("connected to glusterd at mgmt.example:24007 again"));
    }

    private List<string> Changes
    {
        get
        {
            lock (_changes)
                return [.. _changes];
        }
    }

    private Task<VolfileAnswer> FetchAsync()
    {
        _server ??= new ScriptedServer(_transport, "mgmt.example", 24007);
        return _client.FetchAsync(CancellationToken.None);
    }

    private Task<ScriptedConnection> AcceptAsync() => _server!.AcceptAsync();

    private async Task<ScriptedConnection> ServedAsync(string text)
    {
        var fetching = FetchAsync();
        var glusterd = await AcceptAsync();
        await glusterd.ReplyAsync(await glusterd.ExpectAsync(RpcProgram.Handshake, 2), GetSpecReply.Of(text));
        await fetching;
        return glusterd;
    }
}
