using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Protocol.Server;
using BlockProxy.Proxy.Translators.Storage.Posix.Executor;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Callback;
using BlockProxy.Proxy.Wire.Gfs4;
using BlockProxy.Proxy.Wire.Xdr;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Server;

/// <summary>Fds, locks and clients. gluster-rpc sections 9, 11, 13.</summary>
public sealed class ServerTests
{
    private static readonly Inode Root = new(Gfid.Root);

    private ServedBrick _brick = null!;
    private ulong _lastGfid = 10;

    [SetUp]
    public async Task Start() => _brick = await ServedBrick.StartAsync();

    [TearDown]
    public ValueTask Stop() => _brick.DisposeAsync();

    [Test]
    public async Task Fd_numbers_are_small_lowest_first_and_free_at_once()
    {
        var peer = await _brick.LogInAsync();
        var first = await CreateAsync(peer, "a");
        var directory = new Fd(Root, OpenFlags.Directory);
        await peer.FopAsync<OpendirRequest, StatusReply>(new(Loc.Of(Root), directory));
        var third = await CreateAsync(peer, "c");
        Assert.That((peer.RemoteFd(first), peer.RemoteFd(directory), peer.RemoteFd(third)), Is.EqualTo((0L, 1L, 2L)));

        Assert.That((await peer.FopAsync<ReleasedirRequest, StatusReply>(new(directory))).Errno, Is.EqualTo(Errno.None));
        Assert.That(peer.RemoteFd(await CreateAsync(peer, "d")), Is.EqualTo(1));
        Assert.That((await peer.FopAsync<FsyncdirRequest, StatusReply>(new(directory))).Errno, Is.EqualTo(Errno.None), "the number is a file's now");
        Assert.That((await peer.FopAsync<ReleaseRequest, StatusReply>(new(third))).Errno, Is.EqualTo(Errno.None));
        Assert.That((await peer.FopAsync<FstatRequest, IattReply>(new(third))).Errno, Is.EqualTo(Errno.EBADF));
    }

    [Test]
    public async Task A_failed_read_still_has_its_full_size()
    {
        var peer = await _brick.LogInAsync();
        var fd = await CreateAsync(peer, "a");
        await peer.FopAsync<ReleaseRequest, StatusReply>(new(fd));
        var xid = peer.BeginFop<ReadRequest, ReadReply>(new(fd, 0, new byte[10]));

        var answer = await peer.AnswerAsync(xid);

        Assert.That(answer.Body, Has.Length.EqualTo(PayloadHead.ReadReplySize));
    }

    [TestCase(Fop.Namelink)]
    [TestCase(Fop.Put)]
    [TestCase(Fop.Icreate)]
    [TestCase(Fop.Lease)]
    public async Task What_a_brick_does_not_have_is_a_failed_fop_and_no_refused_call(Fop fop)
    {
        var peer = await _brick.LogInAsync();
        var errno = fop switch
        {
            Fop.Namelink => (await peer.FopAsync<NamelinkRequest, PrePostReply>(new(new Loc(null, Root, "x")))).Errno,
            Fop.Put => (await peer.FopAsync<PutRequest, EntryReply>(new(new Loc(null, Root, "x"), 0x1a4, 0, OpenFlags.ReadWrite, 0, new byte[5], null))).Errno,
            Fop.Icreate => (await peer.FopAsync<IcreateRequest, IattReply>(new(Loc.Of(Root), 0x1a4))).Errno,
            _ => (await peer.FopAsync<LeaseRequest, LeaseReply>(new(Loc.Of(Root), new LeaseRequestBody(2, 1, new Gfid(1, 1))))).Errno,
        };

        Assert.That(errno, Is.EqualTo(Errno.ENOSYS));
    }

    [Test]
    public async Task Connections_of_one_identity_share_fds_until_the_last_of_them_closes()
    {
        var one = await _brick.LogInAsync("same");
        var two = await _brick.LogInAsync("same");
        var fd = await CreateAsync(one, "a");
        var number = one.RemoteFd(fd);
        Assert.That(await FstatAsync(two, number), Is.EqualTo(Errno.None));

        var other = _brick.Connect();
        other.Context = other.Context with { Time = new(2000, 0) }; // all of the credential counts
        await other.LoginAsync(ServedBrick.Name, "same");
        Assert.That(await FstatAsync(other, number), Is.EqualTo(Errno.EBADF));

        await CloseAsync(one);
        Assert.That(await FstatAsync(two, number), Is.EqualTo(Errno.None));
        await CloseAsync(two);
        var late = await _brick.LogInAsync("same");
        Assert.That(await FstatAsync(late, number), Is.EqualTo(Errno.EBADF));
        var asked = new LookupRequest(new Loc(null, Root, "a"), new() { ["glusterfs.open-fd-count"] = XdataValue.UInt(0) });
        while ((await late.FopAsync<LookupRequest, LookupReply>(asked)).Xdata!["glusterfs.open-fd-count"].AsUInt > 0)
            await Task.Yield(); // the brick closes it in its own time
    }

    [Test]
    public async Task A_client_that_has_too_many_files_open_is_told_so_and_nothing_leaks()
    {
        await _brick.DisposeAsync();
        _brick = await ServedBrick.StartAsync(o => o with { Server = new ServerOptions { FdLimit = 2 } });
        var peer = await _brick.LogInAsync();
        await CreateAsync(peer, "a");
        var second = await CreateAsync(peer, "b");
        var fd = new Fd(second.Inode, OpenFlags.ReadOnly);

        Assert.That((await peer.FopAsync<OpenRequest, StatusReply>(new(Loc.Of(second.Inode), fd, OpenFlags.ReadOnly))).Errno, Is.EqualTo(Errno.EMFILE));

        var count = await peer.FopAsync<LookupRequest, LookupReply>(new(new Loc(null, Root, "b"), new() { ["glusterfs.open-fd-count"] = XdataValue.UInt(0) }));
        Assert.That(count.Xdata!["glusterfs.open-fd-count"].AsUInt, Is.EqualTo(1));
    }

    [Test]
    public async Task Locks_that_are_waited_for_hold_up_neither_the_unlock_behind_them_nor_a_ping()
    {
        await _brick.DisposeAsync();
        _brick = await ServedBrick.StartAsync(o => o with { Server = new ServerOptions { RequestLimit = 4 } });
        var peer = await _brick.LogInAsync();
        Assert.That(await InodelkAsync(peer, 1, LkType.Write), Is.EqualTo(Errno.None));
        List<uint> waiting = [];
        for (ulong owner = 2; owner < 102; owner++)
            waiting.Add(BeginInodelk(peer, owner, LkType.Write));
        await peer.AssertUnansweredAsync(waiting[0]);

        Assert.That(await InodelkAsync(peer, 1, LkType.Unlock), Is.EqualTo(Errno.None));

        for (ulong owner = 2; owner < 102; owner++)
        {
            Assert.That(Granted(peer, await peer.AnswerAsync(waiting[(int)owner - 2])), Is.EqualTo(Errno.None), "in the order they came");
            Assert.That(await InodelkAsync(peer, owner, LkType.Unlock), Is.EqualTo(Errno.None));
        }
    }

    [Test]
    public async Task A_client_that_leaves_frees_its_locks_for_those_who_wait()
    {
        var holder = await _brick.LogInAsync("holder");
        var waiter = await _brick.LogInAsync("waiter");
        Assert.That(await InodelkAsync(holder, 1, LkType.Write), Is.EqualTo(Errno.None));
        var xid = BeginInodelk(waiter, 1, LkType.Write);
        await waiter.AssertUnansweredAsync(xid);

        holder.Close();

        Assert.That(Granted(waiter, await waiter.AnswerAsync(xid)), Is.EqualTo(Errno.None));
    }

    [Test]
    public async Task A_holder_is_called_back_when_another_client_waits()
    {
        var holder = await _brick.LogInAsync("holder");
        var waiter = await _brick.LogInAsync("waiter");
        Assert.That(await InodelkAsync(holder, 1, LkType.Write), Is.EqualTo(Errno.None));
        BeginInodelk(waiter, 1, LkType.Write);

        var (procedure, body) = await holder.CallbackAsync();

        Assert.That(procedure, Is.EqualTo((uint)CallbackProcedure.InodelkContention));
        var reader = new XdrReader(body);
        var contention = InodelkContention.Read(ref reader);
        Assert.That((reader.Failed, contention.Gfid, contention.Domain, contention.Pid), Is.EqualTo((false, Gfid.Root, "domain", 7u)));
    }

    [Test]
    public async Task A_full_window_stops_reading_and_goes_on_when_there_is_room()
    {
        await _brick.DisposeAsync();
        var executor = new HeldExecutor();
        _brick = await ServedBrick.StartAsync(o => o with { Executor = executor, Server = new ServerOptions { RequestLimit = 3 } });
        var peer = await _brick.LogInAsync();
        List<uint> xids = [];
        for (var i = 0; i < 10; i++)
            xids.Add(peer.BeginFop<StatfsRequest, StatFsReply>(new(Loc.Of(Root))));

        await executor.WhenHeldAsync(3);
        executor.Open();

        foreach (var xid in xids)
            Assert.That((await peer.AnswerAsync(xid)).Header.IsSuccess, Is.True);
        Assert.That(executor.MostHeld, Is.EqualTo(3), "no more than the window were ever at the brick");
    }

    [Test]
    public async Task Stopping_answers_what_is_in_flight_first()
    {
        await _brick.DisposeAsync();
        var executor = new HeldExecutor();
        _brick = await ServedBrick.StartAsync(o => o with { Executor = executor });
        var peer = await _brick.LogInAsync();
        var request = new StatRequest(Loc.Of(Root));
        var xid = peer.BeginFop<StatRequest, IattReply>(request);
        await executor.WhenHeldAsync(1);

        var stopping = _brick.Brick.StopAsync().AsTask();
        Assert.That(stopping.IsCompleted, Is.False);
        executor.Open();

        Assert.That(peer.FopReply<StatRequest, IattReply>(request, await peer.AnswerAsync(xid)).Errno, Is.EqualTo(Errno.None));
        await stopping;
        await peer.WhenClosedAsync();
        Assert.That(_brick.Log.Lines.Where(l => l.Level >= LogLevel.Warning).Select(l => l.Text), Is.Empty);
    }

    [Test]
    public async Task A_create_without_exclusive_opens_the_file_that_is_there_under_its_own_gfid()
    {
        var peer = await _brick.LogInAsync();
        var there = await CreateAsync(peer, "a");
        await peer.FopAsync<WriteRequest, WriteReply>(new(there, 0, "there"u8.ToArray()));

        var gfid = new Gfid(5, 5);
        var fd = new Fd(new Inode(gfid), OpenFlags.ReadWrite);
        var reply = await peer.FopAsync<CreateRequest, CreateReply>(new(
            new(fd.Inode, Root, "a"), fd, OpenFlags.ReadWrite | OpenFlags.Create, 0x1a4, Xdata: new() { ["gfid-req"] = XdataValue.Gfid(gfid) }));
        Assert.That((reply.Errno, reply.Stat.Gfid), Is.EqualTo((Errno.None, there.Inode.Gfid)));
        var read = new ReadRequest(fd, 0, new byte[10]);
        Assert.That((await peer.FopAsync<ReadRequest, ReadReply>(read)).Count, Is.EqualTo(5));
    }

    private static uint BeginInodelk(RpcPeer peer, ulong owner, LkType type)
    {
        peer.Context = peer.Context with { LockOwner = LkOwner.From(owner) };
        return peer.BeginFop<InodelkRequest, StatusReply>(Inodelk(type));
    }

    private static async Task<Errno> InodelkAsync(RpcPeer peer, ulong owner, LkType type) =>
        Granted(peer, await peer.AnswerAsync(BeginInodelk(peer, owner, type)));

    private static Errno Granted(RpcPeer peer, RpcAnswer answer) => peer.FopReply<InodelkRequest, StatusReply>(Inodelk(LkType.Write), answer).Errno;

    private static InodelkRequest Inodelk(LkType type) => new(Loc.Of(Root), "domain", LkCommand.SetWait, new FileLock(type, 0, 0));

    private static async Task<Errno> FstatAsync(RpcPeer peer, long number)
    {
        var writer = new XdrWriter([]);
        writer.WriteGfid(Gfid.Root);
        writer.WriteInt64(number);
        writer.WriteInt32(0);
        writer.WriteInt32(-1);
        writer.WriteInt32(0);
        var body = writer.Written.ToArray();
        writer.Dispose();
        var answer = await peer.CallAsync(RpcProgram.Fops, (uint)Fop.Fstat, body);
        return peer.FopReply<FstatRequest, IattReply>(new(Fd.Anonymous(Root)), answer).Errno;
    }

    /// <summary>Closes and waits until the brick knows.</summary>
    private async Task CloseAsync(RpcPeer peer)
    {
        var before = _brick.Brick.Connections;
        peer.Close();
        while (_brick.Brick.Connections >= before)
            await Task.Yield();
    }

    private async Task<Fd> CreateAsync(RpcPeer peer, string name)
    {
        var gfid = new Gfid(1, _lastGfid++);
        var fd = new Fd(new Inode(gfid), OpenFlags.ReadWrite);
        var reply = await peer.FopAsync<CreateRequest, CreateReply>(new(
            new(fd.Inode, Root, name), fd, OpenFlags.ReadWrite | OpenFlags.Exclusive, 0x1a4, Xdata: new() { ["gfid-req"] = XdataValue.Gfid(gfid) }));
        Assert.That(reply.Errno, Is.EqualTo(Errno.None));
        return fd;
    }

    /// <summary>Holds all work back until it is opened.</summary>
    private sealed class HeldExecutor : IIoExecutor
    {
        private readonly Lock _gate = new();
        private readonly List<IoWork> _held = [];
        private TaskCompletionSource? _reached;
        private int _wanted;
        private bool _open;

        public int MostHeld { get; private set; }

        public void Queue(IoWork work)
        {
            lock (_gate)
            {
                // The landfill's first round comes with the start, before any call.
                if (!_open && !work.MayBlock)
                {
                    _held.Add(work);
                    MostHeld = Math.Max(MostHeld, _held.Count);
                    if (_held.Count >= _wanted)
                        _reached?.TrySetResult();
                    return;
                }
            }

            work.Run();
        }

        public Task WhenHeldAsync(int count)
        {
            lock (_gate)
            {
                _wanted = count;
                _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (_held.Count >= count)
                    _reached.SetResult();
                return _reached.Task.WaitAsync(TimeSpan.FromSeconds(20));
            }
        }

        public void Open()
        {
            List<IoWork> held;
            lock (_gate)
            {
                _open = true;
                held = [.. _held];
            }

            foreach (var work in held)
                work.Run();
        }

        public Task StopAsync() => Task.CompletedTask;
    }
}
