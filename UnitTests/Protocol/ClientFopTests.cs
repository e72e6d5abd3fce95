using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Gfs4;
using BlockProxy.Proxy.Wire.Rpc;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Protocol;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ClientFopTests
{
    [Test]
    public async Task The_data_of_a_read_lands_in_the_callers_memory_wherever_the_stream_is_cut()
    {
        await using var harness = new ClientHarness();
        using var brick = await harness.ConnectAsync();
        var fd = await harness.OpenAsync(brick, 5);
        var data = Enumerable.Range(0, 40).Select(i => (byte)(i + 1)).ToArray();
        var length = 0;

        for (var cut = 1; length == 0 || cut < length; cut++)
        {
            var destination = new byte[64];
            var reading = harness.Client.ReadAsync(default, new ReadRequest(fd, 4096, destination));
            var call = await brick.ExpectAsync(Fop.Read);
            var reply = ScriptedConnection.Encode<ReadRequest, ReadReply>(
                call, new ReadReply(Errno.None, data.Length, EndOfFile: true, Xdata: new Xdata { ["k"] = XdataValue.Int(1) }), payload: data);
            length = reply.Length;
            await brick.SendAsync(reply[..cut]);
            await brick.SendAsync(reply[cut..]);

            var result = await reading;
            Assert.That((result.Errno, result.Count, result.EndOfFile), Is.EqualTo((Errno.None, data.Length, true)), $"cut at {cut}");
            Assert.That(destination[..data.Length], Is.EqualTo(data), $"cut at {cut}");
            Assert.That(destination[data.Length..], Is.All.Zero, $"cut at {cut}");
        }
    }

    [Test]
    public async Task A_read_of_many_megabytes_passes_a_pipe_that_holds_one()
    {
        await using var harness = new ClientHarness();
        using var brick = await harness.ConnectAsync();
        var fd = await harness.OpenAsync(brick, 5);
        var data = new byte[9 << 20];
        new Random(3).NextBytes(data);
        var destination = new byte[data.Length];

        var reading = harness.Client.ReadAsync(default, new ReadRequest(fd, 0, destination));
        await brick.ReplyAsync<ReadRequest, ReadReply>(await brick.ExpectAsync(Fop.Read), new ReadReply(Errno.None, data.Length), payload: data);

        Assert.That((await reading).Count, Is.EqualTo(data.Length));
        Assert.That(destination.AsSpan().SequenceEqual(data), Is.True);
    }

    [Test]
    public async Task A_read_whose_connection_breaks_in_the_middle_of_the_data_fails()
    {
        await using var harness = new ClientHarness();
        using var brick = await harness.ConnectAsync();
        var fd = await harness.OpenAsync(brick, 5);
        var destination = new byte[64];

        var reading = harness.Client.ReadAsync(default, new ReadRequest(fd, 0, destination));
        var reply = ScriptedConnection.Encode<ReadRequest, ReadReply>(
            await brick.ExpectAsync(Fop.Read), new ReadReply(Errno.None, 64), payload: Enumerable.Repeat((byte)9, 64).ToArray());
        await brick.SendAsync(reply[..^32]);
        brick.Close();

        Assert.That((await reading).Errno, Is.EqualTo(Errno.ENOTCONN));
        await harness.DownAsync();
    }

    [TestCase(60, 64, TestName = "More_data_than_announced_ends_the_connection")]
    [TestCase(64, 60, TestName = "Less_data_than_announced_ends_the_connection")]
    public async Task A_read_with_another_length_than_it_says_ends_the_connection(int announced, int sent)
    {
        await using var harness = new ClientHarness();
        using var brick = await harness.ConnectAsync();
        var fd = await harness.OpenAsync(brick, 5);

        var reading = harness.Client.ReadAsync(default, new ReadRequest(fd, 0, new byte[64]));
        await brick.ReplyAsync<ReadRequest, ReadReply>(await brick.ExpectAsync(Fop.Read), new ReadReply(Errno.None, announced), payload: new byte[sent]);

        Assert.That((await reading).Errno, Is.EqualTo(Errno.ENOTCONN));
        await harness.DownAsync();
        Assert.That(harness.Log.Lines, Has.Some.Contains($"its reply to Read cannot be understood: {announced} bytes of payload were announced, {sent} came"));
    }

    [Test]
    public async Task More_data_than_asked_for_is_refused_before_it_is_copied()
    {
        await using var harness = new ClientHarness();
        using var brick = await harness.ConnectAsync();
        var fd = await harness.OpenAsync(brick, 5);
        var memory = new byte[32];

        var reading = harness.Client.ReadAsync(default, new ReadRequest(fd, 0, memory.AsMemory(0, 16)));
        await brick.ReplyAsync<ReadRequest, ReadReply>(
            await brick.ExpectAsync(Fop.Read), new ReadReply(Errno.None, 32), payload: Enumerable.Repeat((byte)1, 32).ToArray());

        Assert.That((await reading).Errno, Is.EqualTo(Errno.ENOTCONN));
        Assert.That(memory, Is.All.Zero);
    }

    [Test]
    public async Task The_data_of_a_write_follows_its_head_and_is_held_until_it_was_sent()
    {
        await using var harness = new ClientHarness();
        using var brick = await harness.ConnectAsync();
        var fd = await harness.OpenAsync(brick, 5);
        var pool = new BufferPool(ledger: true);
        var buffer = pool.Rent(4096);
        buffer.Span.Fill(0x5a);

        var writing = harness.Client.WriteAsync(default, new WriteRequest(fd, 8192, buffer));
        buffer.Release(); // the caller may not do this before completion; here it shows who else holds a reference
        var call = await brick.ExpectAsync(Fop.Write);
        await brick.ReplyAsync<WriteRequest, WriteReply>(call, new WriteReply(Errno.None, 4096));

        Assert.That((await writing).Count, Is.EqualTo(4096));
        Assert.That((call.Fd(), call.Body[^4096], call.Body[^1]), Is.EqualTo((5L, (byte)0x5a, (byte)0x5a)));
        Assert.That(pool.Outstanding, Is.Zero);
    }

    [TestCase(AcceptStatus.ProcedureUnavailable, Errno.EOPNOTSUPP)]
    [TestCase(AcceptStatus.GarbageArguments, Errno.ENOTCONN)]
    [TestCase(AcceptStatus.SystemError, Errno.ENOTCONN)]
    public async Task A_fop_that_was_not_executed_fails_and_the_connection_stays(AcceptStatus status, Errno expected)
    {
        await using var harness = new ClientHarness();
        using var brick = await harness.ConnectAsync();

        var asked = harness.Client.StatAsync(default, new StatRequest(Loc.Of(new Inode(Gfid.Root))));
        await brick.RefuseAsync(await brick.ExpectAsync(Fop.Stat), status);

        Assert.That((await asked).Errno, Is.EqualTo(expected));
        Assert.That(harness.Client.IsConnected, Is.True);
        Assert.That(harness.Log.Lines[^1], Does.StartWith("Warning: brick.example:49152: Stat was not executed"));
    }

    [Test]
    public async Task What_kills_a_brick_or_is_unknown_to_it_is_never_sent()
    {
        await using var harness = new ClientHarness();
        using var brick = await harness.ConnectAsync();
        var root = Loc.At(new Inode(Gfid.Root), "name");

        var namelink = await harness.Client.NamelinkAsync(default, new NamelinkRequest(root));
        var put = await harness.Client.PutAsync(default, new PutRequest(root, 0x1a4, 0, OpenFlags.ReadWrite, 0, new byte[1], null));
        var after = harness.Client.StatAsync(default, new StatRequest(Loc.Of(new Inode(Gfid.Root))));

        Assert.That((namelink.Errno, put.Errno), Is.EqualTo((Errno.ENOSYS, Errno.ENOSYS)));
        await brick.ReplyAsync<StatRequest, IattReply>(await brick.ExpectAsync(Fop.Stat), new IattReply(Errno.None));
        Assert.That((await after).Errno, Is.EqualTo(Errno.None));
    }

    [Test]
    public async Task An_answer_that_cannot_be_decoded_fails_the_fop_and_ends_the_connection()
    {
        await using var harness = new ClientHarness();
        using var brick = await harness.ConnectAsync();

        var asked = harness.Client.StatAsync(default, new StatRequest(Loc.Of(new Inode(Gfid.Root))));
        var call = await brick.ExpectAsync(Fop.Stat);
        var reply = ScriptedConnection.Encode<StatRequest, IattReply>(call, new IattReply(Errno.None));
        await brick.SendAsync([0x80, 0, 0, 60, .. reply[4..64]]); // cut off in the middle of the attributes

        Assert.That((await asked).Errno, Is.EqualTo(Errno.ENOTCONN));
        await harness.DownAsync();
        Assert.That(harness.Log.Lines, Has.Some.Contains("its reply to Stat cannot be understood"));
    }

    [Test]
    public async Task Cookies_of_a_listing_carry_the_number_of_their_brick()
    {
        await using var harness = new ClientHarness(above: """
            volume vol-client-1
                type protocol/client
                option remote-host nobody.example
                option remote-subvolume /b2
            end-volume
            volume vol-client-2
                type protocol/client
                option remote-host nobody.example
                option remote-subvolume /b3
            end-volume
            volume vol-dht
                type cluster/distribute
                subvolumes vol-client-1 vol-client-0 vol-client-2
            end-volume
            """);
        harness.Graph.Start();
        using var brick = await harness.Brick.AcceptAsync();
        await brick.LogInAsync();
        while (!harness.Client.IsConnected)
            await Task.Yield();
        var fd = Fd.Anonymous(new Inode(Gfid.Root));

        var listing = harness.Client.ReaddirAsync(default, new ReaddirRequest(fd, (1000 * 3) + 1, 4096));
        var call = await brick.ExpectAsync(Fop.Readdir);
        await brick.ReplyAsync<ReaddirRequest, ReaddirReply>(call, new ReaddirReply(Errno.None, [new DirectoryEntry("a", 9, 2000, 8)]));

        Assert.That(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(call.Body.AsSpan(24)), Is.EqualTo(1000UL));
        Assert.That((await listing).Entries!.Single().Offset, Is.EqualTo((2000UL * 3) + 1));
    }

    [Test]
    public async Task An_anonymous_fd_is_minus_two_and_an_unopened_one_only_where_bricks_open_it_themselves()
    {
        await using var harness = new ClientHarness();
        using var brick = await harness.ConnectAsync();
        var inode = new Inode(new Gfid(1, 2));
        var unopened = new Fd(inode, OpenFlags.ReadWrite);

        var one = harness.Client.FstatAsync(default, new FstatRequest(Fd.Anonymous(inode)));
        var call = await brick.ExpectAsync(Fop.Fstat);
        await brick.ReplyAsync<FstatRequest, IattReply>(call, new IattReply(Errno.None));
        var two = harness.Client.FsyncAsync(default, new FsyncRequest(unopened));
        var fallback = await brick.ExpectAsync(Fop.Fsync);
        await brick.ReplyAsync<FsyncRequest, PrePostReply>(fallback, new PrePostReply(Errno.None));
        var three = await harness.Client.FstatAsync(default, new FstatRequest(unopened));

        Assert.That((call.Fd(), (await one).Errno), Is.EqualTo((WireFd.Anonymous, Errno.None)));
        Assert.That((fallback.Fd(), (await two).Errno), Is.EqualTo((WireFd.Anonymous, Errno.None)));
        Assert.That(three.Errno, Is.EqualTo(Errno.EBADFD));
    }

    [Test]
    public async Task A_blocking_lock_outlives_the_frame_timeout_and_a_read_does_not()
    {
        await using var harness = new ClientHarness("option frame-timeout 100\n    option ping-timeout 0");
        using var brick = await harness.ConnectAsync();
        var fd = await harness.OpenAsync(brick, 5);
        var locking = harness.Client.LkAsync(default, new LkRequest(fd, LkCommand.SetWait, new FileLock(LkType.Write, 0, 0)));
        var lockCall = await brick.ExpectAsync(Fop.Lk);
        var reading = harness.Client.FstatAsync(default, new FstatRequest(fd));
        await brick.ExpectAsync(Fop.Fstat);

        for (var i = 0; i < 40 && !reading.IsCompleted; i++)
        {
            harness.Clock.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        Assert.That((await reading).Errno, Is.EqualTo(Errno.ENOTCONN));
        await brick.ReplyAsync<LkRequest, LkReply>(lockCall, new LkReply(Errno.None));
        Assert.That((await locking).Errno, Is.EqualTo(Errno.None));
    }
}
