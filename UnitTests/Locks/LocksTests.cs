using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Features.Locks;
using BlockProxy.UnitTests.Posix;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Locks;

public abstract class LocksTests
{
    private protected static readonly Inode File = new(new Gfid(7, 7));
    private protected static readonly Inode Directory = new(new Gfid(8, 8));

    private protected static readonly FopContext A = Of("client-a", 1);
    private protected static readonly FopContext B = Of("client-b", 2);
    private protected static readonly FopContext C = Of("client-c", 3);

    private protected StoppedClock Clock { get; private set; } = null!;

    private protected LocksTranslator Locks { get; private set; } = null!;

    private protected List<LockContention> Contentions { get; } = [];

    [SetUp]
    public void Start() => Start(new LocksOptions());

    private protected void Start(LocksOptions options)
    {
        Clock = new StoppedClock();
        Contentions.Clear();
        Locks = new LocksTranslator(options, Clock) { Name = "locks" };
        Locks.Adopt([new Succeeding()]);
        Locks.Contended += Contentions.Add;
    }

    private protected static FopContext Of(string client, ulong owner) => new(new Caller { Client = client, Pid = (int)owner }, LkOwner.From(owner));

    private protected Task<Errno> Inodelk(FopContext who, LkType type, long start = 0, long length = 0, bool wait = true, string domain = "d") =>
        Status(Locks.InodelkAsync(who, new(Loc.Of(File), domain, wait ? LkCommand.SetWait : LkCommand.Set, new FileLock(type, start, length))));

    private protected Task<Errno> Entrylk(FopContext who, string? name, EntrylkCommand command = EntrylkCommand.Lock, string domain = "d") =>
        Status(Locks.EntrylkAsync(who, new(Loc.Of(Directory), domain, name, command, EntrylkType.Write)));

    private protected static async Task<Errno> Status(ValueTask<StatusReply> reply) => (await reply).Errno;

    /// <summary>Below the locks, everything succeeds.</summary>
    private sealed class Succeeding : InterceptingTranslator
    {
        protected override ValueTask<TReply> AroundAsync<TFop, TReply>(FopContext ctx, in TFop request) => new(default(TReply));
    }
}

public sealed class InodelkTests : LocksTests
{
    [Test]
    public void Readers_share_and_a_writer_waits_for_all_of_them()
    {
        Assert.That(Inodelk(A, LkType.Read).Result, Is.EqualTo(Errno.None));
        Assert.That(Inodelk(B, LkType.Read).Result, Is.EqualTo(Errno.None));
        Assert.That(Inodelk(C, LkType.Write, wait: false).Result, Is.EqualTo(Errno.EAGAIN));
        var writer = Inodelk(C, LkType.Write);

        Inodelk(A, LkType.Unlock);
        Assert.That(writer.IsCompleted, Is.False);
        Inodelk(B, LkType.Unlock);
        Assert.That(writer.Result, Is.EqualTo(Errno.None));
    }

    [Test]
    public void A_newcomer_waits_behind_those_who_wait_already()
    {
        Assert.That(Inodelk(A, LkType.Read).Result, Is.EqualTo(Errno.None));
        var writer = Inodelk(B, LkType.Write);
        var reader = Inodelk(C, LkType.Read);
        Assert.That(reader.IsCompleted, Is.False, "though it would not conflict with the holder");
        Assert.That(Inodelk(Of("client-d", 4), LkType.Read, wait: false).Result, Is.EqualTo(Errno.EAGAIN));

        Inodelk(A, LkType.Unlock);
        Assert.That((writer.IsCompleted, reader.IsCompleted), Is.EqualTo((true, false)));
        Inodelk(B, LkType.Unlock);
        Assert.That(reader.Result, Is.EqualTo(Errno.None));
    }

    [Test]
    public void Whoever_holds_a_lock_of_the_domain_is_not_made_to_wait_behind_others()
    {
        Assert.That(Inodelk(A, LkType.Write, 0, 10).Result, Is.EqualTo(Errno.None));
        var waiting = Inodelk(B, LkType.Write, 0, 100);

        Assert.That(Inodelk(A, LkType.Write, 50, 10).Result, Is.EqualTo(Errno.None), "else the two would wait for each other");
        Assert.That(Inodelk(C, LkType.Write, 50, 10, wait: false).Result, Is.EqualTo(Errno.EAGAIN));
        Assert.That(waiting.IsCompleted, Is.False);
    }

    [Test]
    public void An_owner_does_not_stand_in_its_own_way_and_its_locks_are_counted_one_by_one()
    {
        Assert.That(Inodelk(A, LkType.Write).Result, Is.EqualTo(Errno.None));
        Assert.That(Inodelk(A, LkType.Write).Result, Is.EqualTo(Errno.None));
        Assert.That(Inodelk(A, LkType.Unlock).Result, Is.EqualTo(Errno.None));
        Assert.That(Inodelk(B, LkType.Write, wait: false).Result, Is.EqualTo(Errno.EAGAIN), "one of the two is left");
        Assert.That(Inodelk(Of("client-a", 9), LkType.Write, wait: false).Result, Is.EqualTo(Errno.EAGAIN), "another owner of the same client");
        Assert.That(Inodelk(Of("client-b", 1), LkType.Write, wait: false).Result, Is.EqualTo(Errno.EAGAIN), "the same owner of another client");
    }

    [Test]
    public void Ranges_and_domains_that_do_not_meet_do_not_conflict_and_an_unlock_must_fit()
    {
        Assert.That(Inodelk(A, LkType.Write, 0, 100).Result, Is.EqualTo(Errno.None));
        Assert.That(Inodelk(B, LkType.Write, 100, 0).Result, Is.EqualTo(Errno.None));
        Assert.That(Inodelk(B, LkType.Write, 99, 1, wait: false).Result, Is.EqualTo(Errno.EAGAIN));
        Assert.That(Inodelk(B, LkType.Write, 0, 100, domain: "other").Result, Is.EqualTo(Errno.None));
        Assert.That(Inodelk(A, LkType.Unlock, 0, 50).Result, Is.EqualTo(Errno.EINVAL));
        Assert.That(Inodelk(B, LkType.Unlock, 0, 100).Result, Is.EqualTo(Errno.EINVAL), "not its own");
        Assert.That(Inodelk(A, LkType.Unlock, 0, 100).Result, Is.EqualTo(Errno.None));
    }

    [Test]
    public void The_metadata_range_is_a_domain_of_its_own()
    {
        const long Metadata = long.MaxValue - 1;
        Assert.That(Inodelk(A, LkType.Write).Result, Is.EqualTo(Errno.None), "the whole file");
        Assert.That(Inodelk(B, LkType.Write, Metadata).Result, Is.EqualTo(Errno.None));
        Assert.That(Inodelk(C, LkType.Write, Metadata, wait: false).Result, Is.EqualTo(Errno.EAGAIN));
        Assert.That(Inodelk(B, LkType.Unlock, Metadata).Result, Is.EqualTo(Errno.None));
        Assert.That(Inodelk(C, LkType.Write, Metadata, wait: false).Result, Is.EqualTo(Errno.None));
    }

    [Test]
    public void A_client_that_leaves_frees_its_locks_and_gives_up_what_it_waited_for()
    {
        Assert.That(Inodelk(A, LkType.Write).Result, Is.EqualTo(Errno.None));
        var next = Inodelk(B, LkType.Write);
        var given = Inodelk(Of("client-a", 9), LkType.Write);

        Locks.ClientLeft("client-a");

        Assert.That(given.Result, Is.EqualTo(Errno.EAGAIN));
        Assert.That(next.Result, Is.EqualTo(Errno.None));
        Assert.That(Inodelk(B, LkType.Unlock).Result, Is.EqualTo(Errno.None));
    }

    [Test]
    public void A_holder_is_told_of_those_who_wait_at_most_every_five_seconds()
    {
        Assert.That(Inodelk(A, LkType.Write, 0, 0).Result, Is.EqualTo(Errno.None));
        _ = Inodelk(B, LkType.Write, 5, 5);
        Assert.That(Contentions, Is.EqualTo(new[] { new LockContention("client-a", File.Gfid, "d", 1) { Range = new FileLock(LkType.Write, 0, 0) } }));
        _ = Inodelk(C, LkType.Write, 5, 5);
        Clock.Now += TimeSpan.FromSeconds(4.9);
        Assert.That(Inodelk(C, LkType.Write, wait: false).Result, Is.EqualTo(Errno.EAGAIN));
        Assert.That(Contentions, Has.Count.EqualTo(1));
        Clock.Now += TimeSpan.FromSeconds(0.2);
        Assert.That(Inodelk(C, LkType.Write, wait: false).Result, Is.EqualTo(Errno.EAGAIN));
        Assert.That(Contentions, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_client_has_no_more_locks_than_the_limit()
    {
        Start(new LocksOptions { ClientLockLimit = 3 });
        for (var i = 0; i < 3; i++)
            Assert.That(Inodelk(A, LkType.Write, i * 10, 10).Result, Is.EqualTo(Errno.None));

        Assert.That(Inodelk(A, LkType.Write, 100, 10).Result, Is.EqualTo(Errno.ENOLCK));
        Assert.That(Inodelk(B, LkType.Write, 100, 10).Result, Is.EqualTo(Errno.None));
        Assert.That(Inodelk(A, LkType.Unlock, 0, 10).Result, Is.EqualTo(Errno.None));
        Assert.That(Inodelk(A, LkType.Write, 200, 10).Result, Is.EqualTo(Errno.None));
    }

    [TestCase(-1, 0)]
    [TestCase(5, -6)]
    [TestCase(long.MaxValue, 10)]
    public void Ranges_that_are_none_are_refused(long start, long length) =>
        Assert.That(Inodelk(A, LkType.Write, start, length).Result, Is.EqualTo(Errno.EINVAL));

    [Test]
    public async Task Counts_ride_on_other_fops()
    {
        await Inodelk(A, LkType.Write, domain: "v-replicate-0");
        _ = Inodelk(B, LkType.Write, domain: "v-replicate-0");
        await Inodelk(C, LkType.Write, domain: "other");
        var fd = new Fd(File, OpenFlags.ReadWrite);

        var write = await Locks.WriteAsync(A, new(fd, 0, new byte[1], Xdata: new() { ["glusterfs.inodelk-dom-count"] = XdataValue.String("v-replicate-0") }));
        Assert.That(write.Xdata!["glusterfs.inodelk-count"].AsInt, Is.EqualTo(2), "held and waited for");
        var all = await Locks.FstatAsync(A, new(fd, new() { ["glusterfs.inodelk-count"] = XdataValue.Int(0), ["glusterfs.entrylk-count"] = XdataValue.Int(0) }));
        Assert.That((all.Xdata!["glusterfs.inodelk-count"].AsInt, all.Xdata!["glusterfs.entrylk-count"].AsInt), Is.EqualTo((3L, 0L)));
        Assert.That((await Locks.FstatAsync(A, new(fd))).Xdata, Is.Null, "nobody asked");
    }
}

public sealed class EntrylkTests : LocksTests
{
    [Test]
    public void Names_exclude_each_other_only_when_they_are_the_same_and_all_names_exclude_every_one()
    {
        Assert.That(Entrylk(A, "x").Result, Is.EqualTo(Errno.None));
        Assert.That(Entrylk(B, "y").Result, Is.EqualTo(Errno.None));
        Assert.That(Entrylk(B, "x", EntrylkCommand.LockNonBlocking).Result, Is.EqualTo(Errno.EAGAIN));
        var all = Entrylk(C, null);
        Assert.That(all.IsCompleted, Is.False);

        Entrylk(A, "x", EntrylkCommand.Unlock);
        Entrylk(B, "y", EntrylkCommand.Unlock);
        Assert.That(all.Result, Is.EqualTo(Errno.None));
        Assert.That(Entrylk(A, "z", EntrylkCommand.LockNonBlocking).Result, Is.EqualTo(Errno.EAGAIN));
        Assert.That(Entrylk(A, "z", EntrylkCommand.Unlock).Result, Is.EqualTo(Errno.EINVAL));
    }

    [Test]
    public void A_holder_of_a_name_hears_of_those_who_wait()
    {
        Assert.That(Entrylk(A, "x").Result, Is.EqualTo(Errno.None));
        _ = Entrylk(B, null);

        Assert.That(Contentions, Is.EqualTo(new[] { new LockContention("client-a", Directory.Gfid, "d", 1) { Name = "x", Type = EntrylkType.Write } }));
    }

    [Test]
    public async Task A_lookup_learns_whether_the_name_is_being_changed()
    {
        await Entrylk(A, "x");
        var asked = new Xdata { ["glusterfs.parent-entrylk"] = XdataValue.Int(0), ["glusterfs.entrylk-count"] = XdataValue.Int(0) };

        var locked = await Locks.LookupAsync(B, new(new Loc(null, Directory, "x"), asked));
        var free = await Locks.LookupAsync(B, new(new Loc(null, Directory, "y"), asked));

        Assert.That(locked.Xdata!["glusterfs.parent-entrylk"].AsInt, Is.EqualTo(1));
        Assert.That(free.Xdata!["glusterfs.parent-entrylk"].AsInt, Is.Zero);
        var directory = await Locks.StatAsync(B, new(Loc.Of(Directory), asked));
        Assert.That(directory.Xdata!["glusterfs.entrylk-count"].AsInt, Is.EqualTo(1));
    }
}
