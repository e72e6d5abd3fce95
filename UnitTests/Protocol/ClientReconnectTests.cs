using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Protocol.Client;
using BlockProxy.Proxy.Wire.Gfs4;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Protocol;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ClientReconnectTests
{
    private static readonly TimeSpan AtLeastTheFirstDelay = TimeSpan.FromMilliseconds(130);

    [Test]
    public async Task Fops_in_flight_fail_when_the_connection_breaks_and_so_do_fops_until_it_is_back()
    {
        await using var harness = new ClientHarness();
        using var brick = await harness.ConnectAsync();
        var fd = await harness.OpenAsync(brick, 5);
        var flying = Enumerable.Range(0, 4).Select(i => harness.Client.WriteAsync(default, new WriteRequest(fd, i, new byte[1])).AsTask()).ToList();
        for (var i = 0; i < 4; i++)
            await brick.ExpectAsync(Fop.Write);

        brick.Close();
        var lost = await Task.WhenAll(flying);
        await harness.DownAsync();
        var late = await harness.Client.FstatAsync(default, new FstatRequest(fd));

        Assert.That(lost.Select(r => r.Errno), Is.All.EqualTo(Errno.ENOTCONN));
        Assert.That(late.Errno, Is.EqualTo(Errno.ENOTCONN));
        Assert.That(harness.Ups, Is.EqualTo(new[] { true, false }));
        Assert.That(harness.Log.Lines[^1], Does.Contain("the connection to brick.example:49152 is lost: it closed the connection; connecting again"));
    }

    [Test]
    public async Task Open_files_are_opened_again_in_their_order_before_the_brick_is_up()
    {
        await using var harness = new ClientHarness();
        using var first = await harness.ConnectAsync();
        var one = await harness.OpenAsync(first, 5, OpenFlags.ReadWrite | OpenFlags.Truncate | OpenFlags.Create | OpenFlags.Exclusive);
        var gone = await harness.OpenAsync(first, 6);
        var two = await harness.OpenAsync(first, 7, OpenFlags.ReadOnly | OpenFlags.Direct);
        var releasing = harness.Client.ReleaseAsync(default, new ReleaseRequest(gone));
        await first.ReplyAsync<ReleaseRequest, StatusReply>(await first.ExpectAsync(Fop.Release), default);
        await releasing;
        await BreakAsync(harness, first);

        using var second = await harness.Brick.AcceptAsync();
        await second.LogInAsync();
        var reopenOne = await second.ExpectAsync(Fop.Open);
        var reopenTwo = await second.ExpectAsync(Fop.Open);
        var upTooEarly = harness.Graph.IsUp;
        await second.ReplyAsync<OpenRequest, StatusReply>(reopenTwo, default, newFd: 1);
        await second.ReplyAsync<OpenRequest, StatusReply>(reopenOne, default, newFd: 0);
        await harness.UpAsync();
        var writing = harness.Client.WriteAsync(default, new WriteRequest(one, 0, new byte[1]));
        var write = await second.ExpectAsync(Fop.Write);
        await second.ReplyAsync<WriteRequest, WriteReply>(write, new WriteReply(Errno.None, 1));

        Assert.That((reopenOne.Gfid(), reopenOne.Flags()), Is.EqualTo((one.Inode.Gfid, OpenFlags.ReadWrite)));
        Assert.That((reopenTwo.Gfid(), reopenTwo.Flags()), Is.EqualTo((two.Inode.Gfid, OpenFlags.ReadOnly | OpenFlags.Direct)));
        Assert.That(upTooEarly, Is.False);
        Assert.That((write.Fd(), (await writing).Errno), Is.EqualTo((0L, Errno.None)));
        Assert.That(harness.Log.Lines[^1], Does.Contain("again; 2 open files were reopened, 0 could not be"));
    }

    [Test]
    public async Task A_file_that_cannot_be_opened_again_has_a_bad_fd_and_the_brick_comes_up_all_the_same()
    {
        await using var harness = new ClientHarness();
        using var first = await harness.ConnectAsync();
        var fd = await harness.OpenAsync(first, 5);
        await BreakAsync(harness, first);
        using var second = await harness.Brick.AcceptAsync();
        await second.LogInAsync();

        await second.ReplyAsync<OpenRequest, StatusReply>(await second.ExpectAsync(Fop.Open), StatusReply.Failed(Errno.ESTALE));
        await harness.UpAsync();
        var stat = await harness.Client.FstatAsync(default, new FstatRequest(fd));
        var writing = harness.Client.WriteAsync(default, new WriteRequest(fd, 0, new byte[1]));
        var write = await second.ExpectAsync(Fop.Write);
        await second.ReplyAsync<WriteRequest, WriteReply>(write, WriteReply.Failed(Errno.ESTALE));

        Assert.That(stat.Errno, Is.EqualTo(Errno.EBADFD));
        Assert.That((write.Fd(), (await writing).Errno), Is.EqualTo((WireFd.Anonymous, Errno.ESTALE)), "the brick opens it for the call, and says what is wrong");
        Assert.That(harness.Log.Lines, Has.Some.Contains("could not be opened again after the reconnect: ESTALE"));
    }

    [Test]
    public async Task With_strict_locks_a_file_with_a_lock_stays_closed_and_is_not_written_behind_its_back()
    {
        await using var harness = new ClientHarness("option strict-locks on");
        using var first = await harness.ConnectAsync();
        var fd = await harness.OpenAsync(first, 5);
        var locking = harness.Client.LkAsync(default, new LkRequest(fd, LkCommand.Set, new FileLock(LkType.Write, 0, 0)));
        await first.ReplyAsync<LkRequest, LkReply>(await first.ExpectAsync(Fop.Lk), new LkReply(Errno.None));
        await locking;
        await BreakAsync(harness, first);

        using var second = await harness.LogInAsync();
        var written = await harness.Client.WriteAsync(default, new WriteRequest(fd, 0, new byte[1]));

        Assert.That(written.Errno, Is.EqualTo(Errno.EBADFD));
    }

    [Test]
    public async Task A_file_released_while_the_brick_is_away_is_forgotten()
    {
        await using var harness = new ClientHarness();
        using var first = await harness.ConnectAsync();
        var fd = await harness.OpenAsync(first, 5);
        first.Close();
        await harness.DownAsync();

        var released = await harness.Client.ReleaseAsync(default, new ReleaseRequest(fd));
        await AgainAsync(harness);
        using var second = await harness.LogInAsync();
        var asked = harness.Client.StatAsync(default, new StatRequest(Loc.Of(fd.Inode)));

        Assert.That(released.Errno, Is.EqualTo(Errno.None));
        await second.ReplyAsync<StatRequest, IattReply>(await second.ExpectAsync(Fop.Stat), new IattReply(Errno.None)); // nothing was opened before it
        Assert.That((await asked).Errno, Is.EqualTo(Errno.None));
    }

    [Test]
    public async Task A_directory_is_opened_again_as_a_directory()
    {
        await using var harness = new ClientHarness();
        using var first = await harness.ConnectAsync();
        var inode = new Inode(new Gfid(4, 4));
        var opening = harness.Client.OpendirAsync(default, new OpendirRequest(Loc.Of(inode), new Fd(inode, OpenFlags.Directory)));
        await first.ReplyAsync<OpendirRequest, StatusReply>(await first.ExpectAsync(Fop.Opendir), default, newFd: 3);
        await opening;
        await BreakAsync(harness, first);

        using var second = await harness.Brick.AcceptAsync();
        await second.LogInAsync();
        var again = await second.ExpectAsync(Fop.Opendir);
        await second.ReplyAsync<OpendirRequest, StatusReply>(again, default, newFd: 0);
        await harness.UpAsync();

        Assert.That(again.Gfid(), Is.EqualTo(inode.Gfid));
    }

    [Test]
    public async Task A_silent_brick_is_given_up_after_the_ping_timeout_and_its_fops_fail()
    {
        await using var harness = new ClientHarness();
        using var brick = await harness.ConnectAsync();
        var asked = harness.Client.StatAsync(default, new StatRequest(Loc.Of(new Inode(Gfid.Root))));
        await brick.ExpectAsync(Fop.Stat);

        harness.Clock.Advance(TimeSpan.FromSeconds(42 * 1.25)); // one tick more than ping-timeout: the login was still heard in the first

        Assert.That((await asked).Errno, Is.EqualTo(Errno.ENOTCONN));
        await harness.DownAsync();
        Assert.That(harness.Log.Lines[^1], Does.Contain("it has not answered for the time of ping-timeout"));
    }

    [Test]
    public async Task Attempts_come_quickly_at_first_and_then_every_three_seconds()
    {
        await using var harness = new ClientHarness();
        harness.Brick.Dispose(); // nobody listens
        harness.Graph.Start();
        var delays = new List<double>();

        for (var i = 0; i < 8; i++)
        {
            await harness.UntilNextAttemptAsync();
            delays.Add(harness.Clock.Next.TotalSeconds);
            harness.Clock.Advance(harness.Clock.Next);
        }

        double[] expected = [0.1, 0.2, 0.5, 1, 2, 3, 3, 3];
        Assert.That(delays.Zip(expected, (delay, wanted) => Math.Abs((delay / wanted) - 1)), Is.All.LessThanOrEqualTo(0.2));
        Assert.That(delays.Skip(5), Is.Unique, "each varies a little");
    }

    [Test]
    public void The_delays_start_anew_after_a_reset()
    {
        var schedule = new ReconnectSchedule(new Random(1));
        for (var i = 0; i < 10; i++)
            schedule.Next();

        schedule.Reset();

        Assert.That(schedule.Next().TotalSeconds, Is.EqualTo(0.1).Within(0.021));
    }

    /// <summary>Breaks the connection and lets the time of the first delay pass.</summary>
    private static async Task BreakAsync(ClientHarness harness, ScriptedConnection connection)
    {
        connection.Close();
        await harness.DownAsync();
        await AgainAsync(harness);
    }

    private static async Task AgainAsync(ClientHarness harness)
    {
        await harness.UntilNextAttemptAsync();
        harness.Clock.Advance(AtLeastTheFirstDelay);
    }
}
