using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Translators.Cluster.Distribute;
using BlockProxy.UnitTests.Protocol;
using BlockProxy.Volgen;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Distribute;

/// <summary>What distribution makes of subvolumes that disagree, are away, or fail half-way.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class DistributeTests
{
    private static readonly Gfid SomeFile = new(0x1111, 0x2222);
    private static readonly Gfid OtherFile = new(0x3333, 0x4444);

    private readonly FakeSubvolume[] _bricks = [new("vol-client-0"), new("vol-client-1"), new("vol-client-2")];
    private readonly RecordingLogger _log = new();
    private readonly InodeTable _inodes = new();
    private readonly DistributeTranslator _distribute;

    public DistributeTests()
    {
        var volfile = VolfileParser.Parse(string.Concat(_bricks.Select(b => $"volume {b.Name}\n type protocol/client\n option remote-subvolume b\nend-volume\n"))
            + "volume vol-dht\n type cluster/distribute\n subvolumes vol-client-0 vol-client-1 vol-client-2\nend-volume\n").Volfile!;
        var environment = new TranslatorEnvironment
        {
            Random = new Random(1),
            Process = new ProcessIdentity(Guid.Empty, "h", 1),
            Loggers = _log,
            Inodes = _inodes,
            Time = new TestClock(),
        };
        _distribute = new DistributeTranslator(new TranslatorContext(environment, volfile.Top, volfile, 0), new DistributeOptions()) { Name = "vol-dht" };
        _distribute.Adopt(_bricks);
        foreach (var brick in _bricks)
            brick.Say(ChildEvent.Up);
        SetLayout(commit: 1); // as on a root: a miss is looked for everywhere
    }

    [Test]
    public async Task A_name_is_asked_of_its_own_subvolume_alone_when_that_has_it()
    {
        Put(0, "f", SomeFile);

        var found = await LookupAsync(Named("f", 0));

        Assert.That(found.Errno, Is.EqualTo(Errno.None));
        Assert.That(Lookups("f", 0), Is.EqualTo(new[] { 1, 0, 0 }));
    }

    [Test]
    public async Task A_link_file_leads_to_the_data()
    {
        Put(2, "f", SomeFile);
        PutLink(0, "f", SomeFile, "vol-client-2");

        var found = await LookupAsync(Named("f", 0));

        Assert.That((found.Errno, found.Stat.Permissions), Is.EqualTo((Errno.None, 0x1a4u)));
        Assert.That(Lookups("f", 0), Is.EqualTo(new[] { 1, 0, 1 }));
    }

    [Test]
    public async Task A_link_file_to_a_subvolume_that_is_away_means_away_and_not_gone()
    {
        PutLink(0, "f", SomeFile, "vol-client-2");
        _bricks[2].Away = true;

        Assert.That((await LookupAsync(Named("f", 0))).Errno, Is.EqualTo(Errno.ENOTCONN));
    }

    [Test]
    public async Task A_link_file_that_points_nowhere_has_the_name_searched_everywhere()
    {
        Put(1, "f", SomeFile);
        PutLink(0, "f", SomeFile, "vol-client-2");

        var found = await LookupAsync(Named("f", 0));

        Assert.That((found.Errno, found.Stat.Gfid), Is.EqualTo((Errno.None, SomeFile)));
    }

    [Test]
    public async Task Data_found_elsewhere_gets_a_link_file_where_its_name_belongs()
    {
        Put(1, "f", SomeFile);

        await LookupAsync(Named("f", 0));

        var link = _bricks[0].Find(Gfid.Root, Named("f", 0))!;
        Assert.That((link.Mode, link.Gfid), Is.EqualTo((0x8200u, SomeFile)));
        Assert.That(System.Text.Encoding.ASCII.GetString(link.Xattrs["trusted.glusterfs.dht.linkto"]), Is.EqualTo("vol-client-1\0"));
    }

    [Test]
    public async Task A_miss_is_final_where_the_layout_is_known_to_hold()
    {
        SetLayout(commit: 0);
        await _distribute.LookupAsync(default, new LookupRequest(new Loc(_inodes.Root)));

        var found = await LookupAsync(Named("f", 0));

        Assert.That(found.Errno, Is.EqualTo(Errno.ENOENT));
        Assert.That(Lookups("f", 0), Is.EqualTo(new[] { 1, 0, 0 }));
    }

    [Test]
    public async Task A_miss_is_not_final_in_a_directory_that_a_rebalance_has_not_come_to_yet()
    {
        SetLayout(commit: 0);
        foreach (var brick in _bricks)
            brick.Root.Xattrs["trusted.glusterfs.dht.commithash"] = [0x12, 0x34, 0x56, 0x78];
        await _distribute.LookupAsync(default, new LookupRequest(new Loc(_inodes.Root)));

        await LookupAsync(Named("f", 0));

        Assert.That(Lookups("f", 0), Is.EqualTo(new[] { 2, 1, 1 }));
    }

    [Test]
    public async Task A_miss_elsewhere_is_not_final()
    {
        var found = await LookupAsync(Named("f", 0));

        Assert.That(found.Errno, Is.EqualTo(Errno.ENOENT));
        Assert.That(Lookups("f", 0), Is.EqualTo(new[] { 2, 1, 1 }));
    }

    [TestCase(0, Description = "the name's own subvolume")]
    [TestCase(2, Description = "one that might have it all the same")]
    public async Task A_name_that_is_found_nowhere_is_away_while_a_subvolume_is(int away)
    {
        await LookupAsync("warm-up");
        _bricks[away].Away = true;

        Assert.That((await LookupAsync(Named("f", 0))).Errno, Is.EqualTo(Errno.ENOTCONN));
    }

    [Test]
    public async Task What_the_others_have_does_not_wait_for_a_subvolume_that_is_away()
    {
        Put(1, "f", SomeFile);
        var directory = PutDirectory("d", 0);
        await LookupAsync("warm-up");
        _bricks[2].Away = true;
        _bricks[2].Say(ChildEvent.Down);

        var file = await LookupAsync(Named("f", 0));
        var found = await LookupAsync(Named("d", 0));
        var asked = _bricks[2].AskedWhileAway;
        var missing = await LookupAsync(Named("missing", 0));

        Assert.That((file.Stat.Gfid, found.Stat.Gfid, asked), Is.EqualTo((SomeFile, directory, 0)));
        Assert.That((missing.Errno, _bricks[2].AskedWhileAway), Is.EqualTo((Errno.ENOTCONN, 1)), "only what nobody has is worth a wait");
    }

    [Test]
    public async Task A_name_that_is_a_file_here_and_a_directory_there_is_an_error_with_a_line()
    {
        Put(1, "f", SomeFile);
        _bricks[2].Put(Gfid.Root, Named("f", 0), new FakeFile(OtherFile, 0x41ed));

        Assert.That((await LookupAsync(Named("f", 0))).Errno, Is.EqualTo(Errno.EIO));
        Assert.That(_log.Lines.Single(), Does.Contain("is a file on one subvolume and a directory on another"));
    }

    [Test]
    public async Task Two_files_of_one_name_are_an_error_with_a_line()
    {
        Put(1, "f", SomeFile);
        Put(2, "f", OtherFile);

        Assert.That((await LookupAsync(Named("f", 0))).Errno, Is.EqualTo(Errno.EIO));
        Assert.That(_log.Lines.Single(), Does.Contain($"has gfid {SomeFile} on vol-client-1 and {OtherFile} on vol-client-2"));
    }

    [Test]
    public async Task A_root_that_nobody_laid_out_is_laid_out_under_the_lock_on_all_subvolumes()
    {
        foreach (var brick in _bricks)
            brick.Root.Xattrs.Clear();

        var reply = await _distribute.LookupAsync(default, new LookupRequest(new Loc(_inodes.Root)));

        Assert.That(reply.Errno, Is.EqualTo(Errno.None));
        var ranges = _bricks.Select(b => LayoutRange.Read(b.Root.Xattrs["trusted.glusterfs.dht"])).ToList();
        Assert.That(new DirectoryLayout(ranges).IsComplete, Is.True);
        Assert.That(ranges.Select(r => r!.Value.CommitHash), Is.All.EqualTo(DirectoryLayout.InvalidCommitHash));
        Assert.That(_bricks.Select(b => b.Calls.Count(c => c == "Inodelk dht.layout.heal")), Is.All.EqualTo(2), "taken and given back");
        Assert.That(_bricks.Select(b => b.Locks), Is.All.Zero);
    }

    [Test]
    public async Task A_directory_that_a_subvolume_misses_is_made_there_with_an_empty_range()
    {
        var directory = PutDirectory("d", 0);
        _bricks[2].Take(Gfid.Root, Named("d", 0));
        _bricks[0].SetLayout(directory, 0, 0x7fffffff);
        _bricks[1].SetLayout(directory, 0x80000000, uint.MaxValue);

        await LookupAsync(Named("d", 0));

        var made = _bricks[2].Find(Gfid.Root, Named("d", 0));
        Assert.That((made?.Gfid, made?.Mode), Is.EqualTo((directory, 0x41edu)));
        Assert.That(made!.Xattrs["trusted.glusterfs.dht"], Is.EqualTo(new byte[16]));
    }

    [Test]
    public async Task Nothing_is_healed_while_a_subvolume_is_away()
    {
        var directory = PutDirectory("d", 0);
        _bricks[1].Take(Gfid.Root, Named("d", 0));
        _bricks[2].Away = true;

        var found = await LookupAsync(Named("d", 0));

        Assert.That((found.Errno, found.Stat.Gfid), Is.EqualTo((Errno.None, directory)));
        Assert.That(_bricks[1].Find(Gfid.Root, Named("d", 0)), Is.Null);
    }

    [Test]
    public async Task A_file_whose_subvolume_is_away_cannot_be_created()
    {
        await LookupAsync("warm-up");
        _bricks[1].Away = true;

        Assert.That((await CreateAsync(Named("f", 1))).Errno, Is.EqualTo(Errno.ENOTCONN));
    }

    [Test]
    public async Task A_layout_that_changed_meanwhile_is_read_anew_and_the_file_goes_where_it_belongs_now()
    {
        await LookupAsync("warm-up");
        var name = Named("f", 0);
        // A rebalance gave everything to the last subvolume.
        _bricks[0].SetLayout(Gfid.Root, 0, 0, 1);
        _bricks[1].SetLayout(Gfid.Root, 0, 0, 1);
        _bricks[2].SetLayout(Gfid.Root, 0, uint.MaxValue, 1);

        var created = await CreateAsync(name);

        Assert.That(created.Errno, Is.EqualTo(Errno.None));
        Assert.That(_bricks.Select(b => b.Find(Gfid.Root, name) is not null), Is.EqualTo(new[] { false, false, true }));
    }

    [Test]
    public async Task Without_O_EXCL_a_file_that_is_elsewhere_is_not_made_twice()
    {
        var name = Named("f", 0);
        _bricks[1].Put(Gfid.Root, name, new FakeFile(SomeFile, 0x81a4));
        PutLink(0, "f", SomeFile, "vol-client-1");
        var fd = new Fd(_inodes.Get(SomeFile), OpenFlags.ReadWrite);

        var opened = await _distribute.CreateAsync(default, new CreateRequest(new Loc(fd.Inode, _inodes.Root, name, "/" + name), fd, OpenFlags.ReadWrite | OpenFlags.Create, 0x1a4));

        Assert.That(opened.Errno, Is.EqualTo(Errno.None));
        Assert.That(_bricks.Sum(b => b.Calls.Count(c => c.StartsWith("Create", StringComparison.Ordinal))), Is.Zero);
        Assert.That(_bricks[1].Calls, Does.Contain("Open"));
    }

    [Test]
    public async Task A_rename_that_fails_at_the_deciding_step_leaves_everything_as_it_was()
    {
        var (from, to) = (Named("f", 0), Named("t", 1));
        Put(0, "f", SomeFile);
        _bricks[1].Failing[Fop.Rename] = Errno.ENOSPC;

        var renamed = await RenameAsync(from, to);

        Assert.That(renamed.Errno, Is.EqualTo(Errno.ENOSPC));
        Assert.That(_bricks.Select(b => b.NamesIn(Gfid.Root)), Is.EqualTo(new[] { [from], Array.Empty<string>(), [] }));
        Assert.That(_bricks.Select(b => b.Locks), Is.All.Zero);
    }

    [Test]
    public async Task A_rename_over_a_file_of_a_third_subvolume_leaves_one_file_and_one_link()
    {
        var (from, to) = (Named("f", 0), Named("t", 1));
        Put(0, "f", SomeFile);
        _bricks[2].Put(Gfid.Root, to, new FakeFile(OtherFile, 0x81a4));
        PutLink(1, "t", OtherFile, "vol-client-2");

        var renamed = await RenameAsync(from, to);

        Assert.That((renamed.Errno, renamed.Stat.Gfid, renamed.Stat.Permissions), Is.EqualTo((Errno.None, SomeFile, 0x1a4u)));
        Assert.That(_bricks.Select(b => b.NamesIn(Gfid.Root)), Is.EqualTo(new[] { [to], new[] { to }, [] }));
        Assert.That(_bricks[1].Find(Gfid.Root, to)!.Gfid, Is.EqualTo(SomeFile));
    }

    [Test]
    public async Task A_directory_is_not_removed_while_a_subvolume_is_away()
    {
        PutDirectory("d", 0);
        await LookupAsync(Named("d", 0));
        _bricks[2].Away = true;

        var removed = await _distribute.RmdirAsync(default, new RmdirRequest(At(Named("d", 0))));

        Assert.That(removed.Errno, Is.EqualTo(Errno.ENOTCONN));
        Assert.That(_bricks[0].Find(Gfid.Root, Named("d", 0)), Is.Not.Null);
        Assert.That(_bricks[1].Find(Gfid.Root, Named("d", 0)), Is.Not.Null);
    }

    [Test]
    public async Task A_directory_whose_removal_fails_half_way_is_put_back()
    {
        var directory = PutDirectory("d", 0);
        await LookupAsync(Named("d", 0));
        _bricks[2].Failing[Fop.Rmdir] = Errno.EBUSY;

        var removed = await _distribute.RmdirAsync(default, new RmdirRequest(At(Named("d", 0))));

        Assert.That(removed.Errno, Is.EqualTo(Errno.EBUSY));
        Assert.That(_bricks.Select(b => b.Find(Gfid.Root, Named("d", 0))?.Gfid), Is.All.EqualTo(directory));
        Assert.That(_bricks.Select(b => b.Find(directory)!.Xattrs.ContainsKey("trusted.glusterfs.dht")), Is.All.True);
    }

    [Test]
    public async Task Link_files_left_over_do_not_keep_a_directory()
    {
        var directory = PutDirectory("d", 0);
        await LookupAsync(Named("d", 0));
        var link = _bricks[1].Put(directory, "stale", new FakeFile(SomeFile, 0x8200));
        link.Xattrs["trusted.glusterfs.dht.linkto"] = "vol-client-2\0"u8.ToArray();

        var removed = await _distribute.RmdirAsync(default, new RmdirRequest(At(Named("d", 0))));

        Assert.That(removed.Errno, Is.EqualTo(Errno.None));
        Assert.That(_bricks.SelectMany(b => b.NamesIn(Gfid.Root)), Is.Empty);
    }

    [Test]
    public async Task A_listing_fails_rather_than_leave_names_out()
    {
        Put(0, "f", SomeFile);
        await LookupAsync("warm-up");
        var fd = new Fd(_inodes.Root, OpenFlags.Directory);
        await _distribute.OpendirAsync(default, new OpendirRequest(new Loc(_inodes.Root), fd));
        _bricks[1].Away = true;

        var first = await _distribute.ReaddirpAsync(default, new ReaddirpRequest(fd, 0, 4096));
        var second = await _distribute.ReaddirpAsync(default, new ReaddirpRequest(fd, 3, 4096)); // leaf 0 of 3, offset 1

        Assert.That(first.Entries!.Select(e => e.Name), Is.EqualTo(new[] { Named("f", 0) }));
        Assert.That(second.Errno, Is.EqualTo(Errno.ENOTCONN));
    }

    [Test]
    public async Task A_change_of_a_file_that_a_rebalance_is_moving_fails_with_a_line_that_names_it()
    {
        var file = Put(0, "f", SomeFile);
        var fd = await OpenAsync(Named("f", 0));
        file.Mode |= 0x600; // S_ISGID | S_ISVTX

        var write = await _distribute.WriteAsync(default, new WriteRequest(fd, 0, new byte[3]));
        var again = await _distribute.WriteAsync(default, new WriteRequest(fd, 0, new byte[3]));
        var read = await _distribute.ReadAsync(default, new ReadRequest(fd, 0, new byte[3]));

        Assert.That((write.Errno, again.Errno, read.Errno), Is.EqualTo((Errno.EIO, Errno.EIO, Errno.None)));
        Assert.That(_log.Lines.Single(), Does.Contain($"{SomeFile} is being moved by a rebalance"));
        Assert.That((await LookupAsync(Named("f", 0))).Stat.Permissions, Is.EqualTo(0x1a4u), "the marks are not shown");
    }

    [Test]
    public async Task A_file_that_was_moved_is_followed_and_its_fd_with_it()
    {
        var file = Put(0, "f", SomeFile);
        var fd = await OpenAsync(Named("f", 0));
        // The move is over: a link file is left behind.
        file.Mode = 0x8200;
        file.Xattrs["trusted.glusterfs.dht.linkto"] = "vol-client-2\0"u8.ToArray();
        var moved = _bricks[2].Put(Gfid.Root, Named("f", 0), new FakeFile(SomeFile, 0x81a4));

        var write = await _distribute.WriteAsync(default, new WriteRequest(fd, 0, new byte[3]));
        var more = await _distribute.WriteAsync(default, new WriteRequest(fd, 3, new byte[3]));
        await _distribute.ReleaseAsync(default, new ReleaseRequest(fd));

        Assert.That((write.Errno, more.Errno, moved.Size), Is.EqualTo((Errno.None, Errno.None, 6UL)));
        Assert.That(_bricks[2].Calls.Where(c => c is "Open" or "Write" or "Release"), Is.EqualTo(new[] { "Open", "Write", "Write", "Release" }));
        Assert.That(_bricks[0].Calls.Where(c => c is "Open" or "Write" or "Release"), Is.EqualTo(new[] { "Open", "Write", "Release" }));
    }

    [Test]
    public async Task Totals_are_the_sum_of_the_subvolumes_that_answer()
    {
        _bricks[1].Away = true;

        var reply = await _distribute.StatfsAsync(default, new StatfsRequest(new Loc(_inodes.Root)));

        Assert.That((reply.StatFs.Blocks, reply.StatFs.BlocksFree, reply.StatFs.Files), Is.EqualTo((2000UL, 1200UL, 200UL)));
    }

    [Test]
    public void It_is_up_as_long_as_one_subvolume_is_and_says_so_when_all_have_spoken()
    {
        var bricks = new[] { new FakeSubvolume("a"), new FakeSubvolume("b") };
        var volfile = VolfileParser.Parse("volume a\n type x/y\n option o v\nend-volume\nvolume b\n type x/y\n option o v\nend-volume\nvolume d\n type cluster/distribute\n subvolumes a b\nend-volume\n").Volfile!;
        var environment = new TranslatorEnvironment { Random = new Random(1), Process = new ProcessIdentity(Guid.Empty, "h", 1) };
        var distribute = new DistributeTranslator(new TranslatorContext(environment, volfile.Top, volfile, 0), new DistributeOptions());
        distribute.Adopt(bricks);
        var seen = new List<ChildEvent>();
        distribute.Changed += seen.Add;

        bricks[0].Say(ChildEvent.Up);
        Assert.That(seen, Is.Empty, "the other has not spoken");
        bricks[1].Say(ChildEvent.Down);
        bricks[1].Say(ChildEvent.Up);
        bricks[0].Say(ChildEvent.Down);
        bricks[1].Say(ChildEvent.Down);
        bricks[1].Say(ChildEvent.Up);

        Assert.That(seen, Is.EqualTo(new[] { ChildEvent.Up, ChildEvent.SomeDescendentUp, ChildEvent.SomeDescendentDown, ChildEvent.Down, ChildEvent.Up }));
    }

    [Test]
    public async Task A_write_to_a_known_file_allocates_nothing()
    {
        Put(0, "f", SomeFile);
        var fd = await OpenAsync(Named("f", 0));
        _bricks[0].Record = false;
        var request = new WriteRequest(fd, 0, new byte[4096]);
        long Measure()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1000; i++)
            {
                var written = _distribute.WriteAsync(default, in request);
                if (!written.IsCompletedSuccessfully || written.Result.Count != 4096)
                    throw new AssertionException("not written at once");
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Measure();

        Assert.That(Measure(), Is.Zero);
    }

    private void SetLayout(uint commit)
    {
        _bricks[0].SetLayout(Gfid.Root, 0, 0x55555554, commit);
        _bricks[1].SetLayout(Gfid.Root, 0x55555555, 0xaaaaaaa9, commit);
        _bricks[2].SetLayout(Gfid.Root, 0xaaaaaaaa, uint.MaxValue, commit);
    }

    /// <summary>A name with that beginning which hashes to that subvolume.</summary>
    private static string Named(string prefix, int subvolume)
    {
        var hash = new DistributeHash();
        return Enumerable.Range(0, 1000).Select(i => prefix + i).First(n => hash.OfName(n) / 0x55555556u == (uint)subvolume);
    }

    /// <summary>A file on a subvolume, with the name that belongs to subvolume 0.</summary>
    private FakeFile Put(int subvolume, string prefix, Gfid gfid) => _bricks[subvolume].Put(Gfid.Root, Named(prefix, 0), new FakeFile(gfid, 0x81a4));

    private void PutLink(int subvolume, string prefix, Gfid gfid, string target) =>
        _bricks[subvolume].Put(Gfid.Root, Named(prefix, subvolume), new FakeFile(gfid, 0x8200)).Xattrs["trusted.glusterfs.dht.linkto"] =
            System.Text.Encoding.ASCII.GetBytes(target + "\0");

    private Gfid PutDirectory(string prefix, int hashed)
    {
        var gfid = new Gfid(0x5555, 0x6666);
        for (var i = 0; i < _bricks.Length; i++)
        {
            _bricks[i].Put(Gfid.Root, Named(prefix, hashed), new FakeFile(gfid, 0x41ed));
            _bricks[i].SetLayout(gfid, (uint)i * 0x55555555, i == 2 ? uint.MaxValue : ((uint)(i + 1) * 0x55555555) - 1);
        }

        return gfid;
    }

    private Loc At(string name) => new(null, _inodes.Root, name, "/" + name);

    private ValueTask<LookupReply> LookupAsync(string name) => _distribute.LookupAsync(default, new LookupRequest(At(name)));

    private ValueTask<RenameReply> RenameAsync(string from, string to) => _distribute.RenameAsync(default, new RenameRequest(At(from), At(to)));

    private ValueTask<CreateReply> CreateAsync(string name)
    {
        var inode = _inodes.Get(new Gfid(0x7777, 0x8888));
        return _distribute.CreateAsync(default, new CreateRequest(
            At(name) with { Inode = inode }, new Fd(inode, OpenFlags.ReadWrite), OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive, 0x1a4));
    }

    private async Task<Fd> OpenAsync(string name)
    {
        var found = await LookupAsync(name);
        var inode = _inodes.Get(found.Stat.Gfid);
        var fd = new Fd(inode, OpenFlags.ReadWrite);
        Assert.That((await _distribute.OpenAsync(default, new OpenRequest(Loc.Of(inode), fd, OpenFlags.ReadWrite))).Errno, Is.EqualTo(Errno.None));
        return fd;
    }

    /// <summary>How often each subvolume was asked for the name.</summary>
    private IEnumerable<int> Lookups(string prefix, int subvolume) => _bricks.Select(b => b.Calls.Count(c => c == $"Lookup {Named(prefix, subvolume)}"));
}
