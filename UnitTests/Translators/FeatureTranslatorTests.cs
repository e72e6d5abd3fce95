using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Translators.Debug;
using BlockProxy.Proxy.Translators.Features;
using BlockProxy.UnitTests.Protocol;
using BlockProxy.Volgen;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Translators;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class FeatureTranslatorTests
{
    private readonly RecordingChild _child = new();
    private readonly TestClock _clock = new();

    [Test]
    public void Every_fop_has_a_sample() =>
        Assert.That(EveryFop.All.Keys, Is.EquivalentTo(Enum.GetValues<Fop>().Except([Fop.Null, Fop.Compound])));

    /// <summary>The marks that stock clients were captured with.</summary>
    [TestCase(Fop.Create, 0x1f)]
    [TestCase(Fop.Mkdir, 0x1f)]
    [TestCase(Fop.Mknod, 0x1f)]
    [TestCase(Fop.Symlink, 0x1f)]
    [TestCase(Fop.Write, 0x03)]
    [TestCase(Fop.Ftruncate, 0x03)]
    [TestCase(Fop.Truncate, 0x03)]
    [TestCase(Fop.Fallocate, 0x06)]
    [TestCase(Fop.Zerofill, 0x06)]
    [TestCase(Fop.Link, 0x19)]
    [TestCase(Fop.Rename, 0x19)]
    [TestCase(Fop.Unlink, 0x19)]
    [TestCase(Fop.Rmdir, 0x19)]
    [TestCase(Fop.Setxattr, 0x01)]
    [TestCase(Fop.Removexattr, 0x01)]
    [TestCase(Fop.Setattr, 0x01)]
    [TestCase(Fop.Discard, 0x00)]
    [TestCase(Fop.Fsync, 0x00)]
    [TestCase(Fop.Read, 0x00)]
    public async Task A_fop_says_which_times_it_sets(Fop fop, int times)
    {
        _clock.Advance(TimeSpan.FromSeconds(1234.5));
        var utime = Utime(new UtimeOptions());

        await EveryFop.All[fop](utime, default);

        var context = _child.Seen.Single().Context;
        Assert.That(context.Times, Is.EqualTo((FopTimes)times));
        if (times != 0)
            Assert.That(context.Time, Is.EqualTo(new Timespec(1234, 500_000_000)));
    }

    [Test]
    public async Task Marks_of_a_client_above_are_passed_on()
    {
        var utime = Utime(new UtimeOptions());
        var theirs = new FopContext(null, Times: FopTimes.Mtime, Time: new Timespec(5, 6));

        await EveryFop.All[Fop.Create](utime, theirs);

        Assert.That(_child.Seen.Single().Context, Is.EqualTo(theirs));
    }

    [Test]
    public async Task Reading_sets_the_access_time_where_that_is_wanted()
    {
        var utime = Utime(new UtimeOptions { NoAtime = false });

        await EveryFop.All[Fop.Read](utime, default);
        await EveryFop.All[Fop.Readdirp](utime, default);

        Assert.That(_child.Seen.Select(s => s.Context.Times), Is.All.EqualTo(FopTimes.Atime));
    }

    [Test]
    public async Task A_time_that_is_to_be_now_is_that_of_the_fop_and_one_that_is_given_stays()
    {
        _clock.Advance(TimeSpan.FromSeconds(50));
        var utime = Utime(new UtimeOptions());
        var given = new Iatt { Atime = new Timespec(1, 0), Mtime = new Timespec(2, 0) };

        await utime.SetattrAsync(default, new SetattrRequest(default, given, SetattrFields.Atime | SetattrFields.Mtime | SetattrFields.MtimeNow));

        var (_, context, request) = _child.Seen.Single();
        var sent = ((SetattrRequest)request).Attributes;
        Assert.That((sent.Atime, sent.Mtime, context.Times), Is.EqualTo((new Timespec(1, 0), new Timespec(50, 0), FopTimes.Mtime)));
    }

    [Test]
    public async Task Attributes_of_translators_leave_the_ctime_alone()
    {
        var utime = Utime(new UtimeOptions());

        await utime.SetxattrAsync(default, new SetxattrRequest(default, new Xdata { ["trusted.glusterfs.dht"] = XdataValue.Bytes([1]) }));

        Assert.That(_child.Seen.Single().Context.Times, Is.EqualTo(FopTimes.None));
    }

    [Test]
    public async Task Read_only_refuses_what_changes_the_volume_and_nothing_else()
    {
        var top = new ReadOnlyTranslator(new ReadOnlyOptions { Enabled = true });
        top.Adopt([_child]);
        Fop[] changing =
        [
            Fop.Mknod, Fop.Mkdir, Fop.Unlink, Fop.Rmdir, Fop.Symlink, Fop.Rename, Fop.Link, Fop.Truncate, Fop.Write, Fop.Setxattr, Fop.Removexattr,
            Fop.Create, Fop.Ftruncate, Fop.Xattrop, Fop.Fxattrop, Fop.Fsetxattr, Fop.Setattr, Fop.Fsetattr, Fop.Fremovexattr, Fop.Fallocate,
            Fop.Discard, Fop.Zerofill, Fop.Icreate, Fop.Namelink, Fop.Put, Fop.CopyFileRange, Fop.Open,
        ];

        var refused = new List<Fop>();
        foreach (var (fop, wind) in EveryFop.All)
        {
            if (await wind(top, default) == Errno.EROFS)
                refused.Add(fop);
        }

        Assert.That(refused, Is.EquivalentTo(changing), "opening for writing is one of them");
        Assert.That(_child.Seen.Select(s => s.Fop), Is.EquivalentTo(EveryFop.All.Keys.Except(changing)));
        var reading = await top.OpenAsync(default, new OpenRequest(default, new Fd(new Inode(Gfid.Root), OpenFlags.ReadOnly), OpenFlags.ReadOnly));
        Assert.That(reading.Errno, Is.EqualTo(Errno.None));
    }

    [Test]
    public async Task Read_only_is_off_until_it_is_switched_on()
    {
        var top = new ReadOnlyTranslator(new ReadOnlyOptions());
        top.Adopt([_child]);

        var before = await EveryFop.All[Fop.Write](top, default);
        top.Reconfigure([new VolfileOption("read-only", "on")]);
        var after = await EveryFop.All[Fop.Write](top, default);

        Assert.That((before, after), Is.EqualTo((Errno.None, Errno.EROFS)));
        Assert.That(top.CheckOptions([new VolfileOption("read-only", "perhaps")]), Does.Contain("perhaps"));
    }

    [Test]
    public async Task Io_stats_counts_calls_failures_bytes_and_times()
    {
        var slow = new SlowBrick();
        var stats = new IoStatsTranslator(Context());
        stats.Adopt([slow]);
        var fd = new Fd(new Inode(Gfid.Root), OpenFlags.ReadWrite);

        var writing = stats.WriteAsync(default, new WriteRequest(fd, 0, new byte[4096]));
        _clock.Advance(TimeSpan.FromMilliseconds(3));
        slow.Pending.SetResult(new WriteReply(Errno.None, 4096));
        await writing;
        await stats.ReadAsync(default, new ReadRequest(fd, 0, new byte[100]));
        await stats.StatAsync(default, new StatRequest(default));

        var snapshot = stats.Snapshot();
        var writes = snapshot.Fops.Single(f => f.Fop == Fop.Write);
        Assert.That((snapshot.BytesWritten, snapshot.BytesRead), Is.EqualTo((4096L, 100L)));
        Assert.That((writes.Calls, writes.Failures, writes.Total), Is.EqualTo((1L, 0L, TimeSpan.FromMilliseconds(3))));
        Assert.That(writes.Histogram.Index().Single(b => b.Item == 1).Index, Is.EqualTo(11), "2048 to 4095 microseconds");
        Assert.That(snapshot.Fops.Single(f => f.Fop == Fop.Stat).Failures, Is.EqualTo(1));
        Assert.That(snapshot.Fops.Select(f => f.Fop), Is.EqualTo(new[] { Fop.Stat, Fop.Read, Fop.Write }));
    }

    private UtimeTranslator Utime(UtimeOptions options)
    {
        var utime = new UtimeTranslator(Context(), options);
        utime.Adopt([_child]);
        return utime;
    }

    private TranslatorContext Context()
    {
        var volfile = VolfileParser.Parse("volume a\n type x/y\n option o v\nend-volume\n").Volfile!;
        return new(new TranslatorEnvironment { Time = _clock, Random = new Random(1), Process = new ProcessIdentity(Guid.Empty, "h", 1) }, volfile.Top, volfile, 0);
    }

    private sealed class SlowBrick : Translator
    {
        public TaskCompletionSource<WriteReply> Pending { get; } = new();

        public override ValueTask<WriteReply> WriteAsync(FopContext ctx, in WriteRequest request) => new(Pending.Task);

        public override ValueTask<ReadReply> ReadAsync(FopContext ctx, in ReadRequest request) => new(new ReadReply(Errno.None, request.Destination.Length));

        public override ValueTask<IattReply> StatAsync(FopContext ctx, in StatRequest request) => new(IattReply.Failed(Errno.ESTALE));
    }
}
