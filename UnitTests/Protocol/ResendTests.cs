using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Options;
using BlockProxy.Proxy.Translators.Protocol.Client;
using BlockProxy.Volgen;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Protocol;

/// <summary>The option reconnect-wait: what waits for a brick that is away, and what may be sent a second time.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ResendTests
{
    private const string Waiting = "option reconnect-wait 60";

    private readonly ClientHarness _harness = new(Waiting);
    private ScriptedConnection? _connected;
    private Fd _fd = null!;

    private ScriptedConnection Brick => _connected!;

    [TearDown]
    public async Task End()
    {
        _connected?.Dispose();
        await _harness.DisposeAsync();
    }

    [Test]
    public async Task Fops_made_while_theBrick_is_away_wait_and_are_sent_in_their_order()
    {
        await OpenAsync();
        await BreakAsync();

        var create = _harness.Client.CreateAsync(default, new CreateRequest(Loc.At(new Inode(Gfid.Root), "new"), new Fd(new Inode(new Gfid(9, 9)), OpenFlags.ReadWrite), OpenFlags.ReadWrite, 0x180));
        var write = _harness.Client.WriteAsync(default, new WriteRequest(_fd, 0, new byte[3]));
        var waiting = _harness.Client.WaitingCalls;
        await ReturnAsync("brick-1");
        await Brick.ReplyAsync<CreateRequest, CreateReply>(await Brick.ExpectAsync(Fop.Create), CreateReply.Failed(Errno.EEXIST));
        var sent = await Brick.ExpectAsync(Fop.Write);
        await Brick.ReplyAsync<WriteRequest, WriteReply>(sent, new WriteReply(Errno.None, 3));

        Assert.That(waiting, Is.EqualTo(2));
        Assert.That((await create).Errno, Is.EqualTo(Errno.EEXIST), "it had not been sent, so even this is safe");
        Assert.That(((await write).Count, sent.Fd()), Is.EqualTo((3, 100L)), "with the number of the new session");
    }

    [Test]
    public async Task A_fop_that_waited_in_vain_fails()
    {
        await OpenAsync();
        await BreakAsync();
        var write = _harness.Client.WriteAsync(default, new WriteRequest(_fd, 0, new byte[3]));

        _harness.Brick.Dispose();
        _harness.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.That(write.IsCompleted, Is.False);
        _harness.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.That((await write).Errno, Is.EqualTo(Errno.ENOTCONN));
    }

    [Test]
    public async Task Stopping_the_graph_fails_what_waits()
    {
        await OpenAsync();
        await BreakAsync();
        var write = _harness.Client.WriteAsync(default, new WriteRequest(_fd, 0, new byte[3]));

        await _harness.Graph.StopAsync();

        Assert.That((await write).Errno, Is.EqualTo(Errno.ENOTCONN));
    }

    [Test]
    public async Task A_read_in_flight_is_sent_again_to_whatever_process_there_is()
    {
        await OpenAsync();
        var destination = new byte[4];
        var read = _harness.Client.ReadAsync(default, new ReadRequest(_fd, 8, destination));
        await Brick.ExpectAsync(Fop.Read);

        await BreakAsync();
        await ReturnAsync("brick-1");
        var again = await Brick.ExpectAsync(Fop.Read);
        await Brick.ReplyAsync<ReadRequest, ReadReply>(again, new ReadReply(Errno.None, 4), payload: [1, 2, 3, 4]);

        Assert.That((await read).Count, Is.EqualTo(4));
        Assert.That((again.Fd(), destination), Is.EqualTo((100L, new byte[] { 1, 2, 3, 4 })));
    }

    [Test]
    public async Task A_write_in_flight_is_sent_again_when_theBrick_is_another_process()
    {
        await OpenAsync();
        var write = _harness.Client.WriteAsync(default, new WriteRequest(_fd, 8, new byte[] { 7, 8 }));
        await Brick.ExpectAsync(Fop.Write);

        await BreakAsync();
        await ReturnAsync("brick-2");
        var again = await Brick.ExpectAsync(Fop.Write);
        await Brick.ReplyAsync<WriteRequest, WriteReply>(again, new WriteReply(Errno.None, 2));

        Assert.That((await write).Count, Is.EqualTo(2));
        Assert.That(again.Body[^2..], Is.EqualTo(new byte[] { 7, 8 }));
    }

    /// <summary>
    /// client  WRITE 1 --------------x (connection breaks)      WRITE 2 -> acknowledged
    /// brick            ... still on its way to the disk .....................WRITE 1 lands and undoes it
    /// </summary>
    [Test]
    public async Task A_write_in_flight_is_not_sent_again_to_the_process_that_may_still_be_executing_it()
    {
        await OpenAsync();
        var write = _harness.Client.WriteAsync(default, new WriteRequest(_fd, 8, new byte[] { 7, 8 }));
        await Brick.ExpectAsync(Fop.Write);

        await BreakAsync();
        await ReturnAsync("brick-1");

        Assert.That((await write).Errno, Is.EqualTo(Errno.ENOTCONN));
    }

    [Test]
    public async Task A_write_that_waits_through_two_sessions_of_one_process_is_sent_to_neither()
    {
        await OpenAsync();
        var write = _harness.Client.WriteAsync(default, new WriteRequest(_fd, 8, new byte[] { 7, 8 }));
        await Brick.ExpectAsync(Fop.Write);
        await BreakAsync();

        await ReturnAsync("brick-2"); // sent again, and lost again
        await Brick.ExpectAsync(Fop.Write);
        await BreakAsync();
        await ReturnAsync("brick-2");

        Assert.That((await write).Errno, Is.EqualTo(Errno.ENOTCONN));
    }

    [TestCase(Fop.Create)]
    [TestCase(Fop.Fxattrop)]
    [TestCase(Fop.Setattr)]
    [TestCase(Fop.Flush)]
    [TestCase(Fop.Write)] // with O_APPEND
    public async Task What_cannot_be_repeated_fails_even_when_theBrick_is_another_process(Fop fop)
    {
        await OpenAsync();
        var call = StartAsync(fop);
        await Brick.ExpectAsync(fop);

        await BreakAsync();
        var errno = await call;

        Assert.That(errno, Is.EqualTo(Errno.ENOTCONN));
        Assert.That(_harness.Client.WaitingCalls, Is.Zero);
    }

    [Test]
    public void Every_fop_has_a_rule_and_only_those_that_change_nothing_are_always_repeated()
    {
        Fop[] changing =
        [
            Fop.Mknod, Fop.Mkdir, Fop.Unlink, Fop.Rmdir, Fop.Symlink, Fop.Rename, Fop.Link, Fop.Truncate, Fop.Setxattr, Fop.Removexattr, Fop.Create,
            Fop.Lk, Fop.Inodelk, Fop.Finodelk, Fop.Entrylk, Fop.Fentrylk, Fop.Xattrop, Fop.Fxattrop, Fop.Fsetxattr, Fop.Setattr, Fop.Fsetattr,
            Fop.Fremovexattr, Fop.Fallocate, Fop.Lease, Fop.Setactivelk, Fop.Icreate, Fop.CopyFileRange, Fop.Ipc, Fop.Flush, Fop.Fsyncdir,
        ];
        Fop[] positional = [Fop.Write, Fop.Zerofill, Fop.Discard, Fop.Ftruncate, Fop.Fsync];

        Assert.That(changing.Select(f => ResendRules.Of(f)), Is.All.EqualTo(ResendRule.Never));
        Assert.That(positional.Select(f => ResendRules.Of(f)), Is.All.EqualTo(ResendRule.AfterRestart));
    }

    [Test]
    public async Task Below_replicate_nothing_waits_since_the_other_copies_go_on()
    {
        var volfile = VolfileParser.Parse($"""
            volume vol-client-0
                type protocol/client
                option remote-host nobody.example
                option remote-subvolume /b
                {Waiting}
            end-volume
            volume vol-replicate-0
                type cluster/replicate
                subvolumes vol-client-0
            end-volume
            """).Volfile!;
        var registry = new TranslatorRegistry()
            .Add<ClientOptions>("protocol/client", static (context, options) => new ClientTranslator(context, options))
            .Add<NoOptions>("cluster/replicate", static (_, _) => new PassThroughTranslator());
        var graph = new GraphBuilder(registry, _harness.Environment).Build(volfile, 0, () => 0).Graph!;
        var asked = graph.Top.StatAsync(default, new StatRequest(Loc.Of(new Inode(Gfid.Root))));

        Assert.That(asked.IsCompleted, Is.True);
        Assert.That((await asked).Errno, Is.EqualTo(Errno.ENOTCONN));
    }

    private async Task OpenAsync()
    {
        _connected = await _harness.ConnectAsync();
        _fd = await _harness.OpenAsync(Brick, 5);
    }

    private async Task BreakAsync()
    {
        Brick.Dispose();
        await _harness.DownAsync();
    }

    /// <summary>The brick is back: it opens the file again, as number 100.</summary>
    private async Task ReturnAsync(string serverUuid)
    {
        await _harness.UntilNextAttemptAsync();
        _harness.Clock.Advance(TimeSpan.FromSeconds(4));
        _connected = await _harness.Brick.AcceptAsync();
        await Brick.LogInAsync(serverUuid);
        await Brick.ReplyAsync<OpenRequest, StatusReply>(await Brick.ExpectAsync(Fop.Open), default, newFd: 100);
        await _harness.UpAsync();
    }

    private async Task<Errno> StartAsync(Fop fop) => fop switch
    {
        Fop.Create => (await _harness.Client.CreateAsync(default, new CreateRequest(
            Loc.At(new Inode(Gfid.Root), "new"), new Fd(new Inode(new Gfid(9, 9)), OpenFlags.ReadWrite), OpenFlags.ReadWrite, 0x180))).Errno,
        Fop.Fxattrop => (await _harness.Client.FxattropAsync(default, new FxattropRequest(_fd, XattropKind.AddArray, new Xdata { ["k"] = XdataValue.Bytes(new byte[12]) }))).Errno,
        Fop.Setattr => (await _harness.Client.SetattrAsync(default, new SetattrRequest(Loc.Of(_fd.Inode), default, SetattrFields.Mode))).Errno,
        Fop.Flush => (await _harness.Client.FlushAsync(default, new FlushRequest(_fd))).Errno,
        _ => (await _harness.Client.WriteAsync(default, new WriteRequest(_fd, 0, new byte[1], Flag: (uint)OpenFlags.Append))).Errno,
    };
}
