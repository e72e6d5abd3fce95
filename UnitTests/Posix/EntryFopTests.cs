using BlockProxy.Proxy.Fops;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Posix;

public sealed class EntryFopTests
{
    private TemporaryBrick _brick = null!;

    [SetUp]
    public void Start() => _brick = TemporaryBrick.Start();

    [TearDown]
    public ValueTask Stop() => _brick.DisposeAsync();

    [Test]
    public async Task What_is_created_without_a_gfid_is_refused()
    {
        var loc = new Loc(null, _brick.Root, "x");
        var fd = new Fd(new Inode(Gfid.Null), OpenFlags.ReadWrite);

        Assert.That((await _brick.Posix.CreateAsync(_brick.Context, new(loc, fd, OpenFlags.ReadWrite, 0x1a4))).Errno, Is.EqualTo(Errno.EINVAL));
        Assert.That((await _brick.Posix.MknodAsync(_brick.Context, new(loc, 0x81a4))).Errno, Is.EqualTo(Errno.EINVAL));
        Assert.That((await _brick.Posix.MkdirAsync(_brick.Context, new(loc, 0x1ed))).Errno, Is.EqualTo(Errno.EINVAL));
        Assert.That((await _brick.Posix.SymlinkAsync(_brick.Context, new(loc, "t"))).Errno, Is.EqualTo(Errno.EINVAL));
        Assert.That(Directory.EnumerateFileSystemEntries(_brick.Directory).Select(Path.GetFileName), Is.EqualTo(new[] { ".glusterfs" }));
    }

    [TestCase("a/b", Errno.EPERM)]
    [TestCase("../x", Errno.EPERM)]
    [TestCase("a\0b", Errno.EINVAL)]
    [TestCase(".glusterfs", Errno.EPERM)]
    public async Task Names_that_are_no_names_are_refused_everywhere(string name, Errno errno)
    {
        var file = await _brick.FileAsync("f");
        var loc = new Loc(null, _brick.Root, name);
        var xdata = TemporaryBrick.Requesting(_brick.NewGfid());

        Assert.That((await _brick.LookupAsync(name)).Errno, Is.EqualTo(errno));
        Assert.That((await _brick.Posix.MkdirAsync(_brick.Context, new(loc, 0x1ed, Xdata: xdata))).Errno, Is.EqualTo(errno));
        Assert.That((await _brick.Posix.MknodAsync(_brick.Context, new(loc, 0x81a4, Xdata: xdata))).Errno, Is.EqualTo(errno));
        Assert.That((await _brick.Posix.SymlinkAsync(_brick.Context, new(loc, "t", Xdata: xdata))).Errno, Is.EqualTo(errno));
        Assert.That((await _brick.Posix.LinkAsync(_brick.Context, new(Loc.Of(file), loc))).Errno, Is.EqualTo(errno));
        Assert.That((await _brick.UnlinkAsync(name)).Errno, Is.EqualTo(errno));
        Assert.That((await _brick.Posix.RmdirAsync(_brick.Context, new(loc, 1))).Errno, Is.EqualTo(errno));
        Assert.That((await _brick.RenameAsync(_brick.Root, "f", _brick.Root, name)).Errno, Is.EqualTo(errno));
        Assert.That((await _brick.RenameAsync(_brick.Root, name, _brick.Root, "f")).Errno, Is.EqualTo(errno));
    }

    [Test]
    public async Task A_name_may_have_255_bytes_and_no_more()
    {
        await _brick.FileAsync(new string('x', 255));

        Assert.That((await _brick.LookupAsync(new string('x', 256))).Errno, Is.EqualTo(Errno.ENAMETOOLONG));
        Assert.That((await _brick.LookupAsync(new string('é', 128))).Errno, Is.EqualTo(Errno.ENAMETOOLONG), "256 bytes in 128 characters");
        Assert.That((await _brick.LookupAsync(new string('\ufffd', 200))).Errno, Is.EqualTo(Errno.ENAMETOOLONG));
    }

    [Test]
    public async Task A_clients_link_leads_nowhere_even_when_it_points_out_of_the_brick()
    {
        var gfid = _brick.NewGfid();
        await _brick.Posix.SymlinkAsync(_brick.Context, new(new(null, _brick.Root, "s"), "/etc", Xdata: TemporaryBrick.Requesting(gfid)));
        var link = _brick.Inodes.Get(gfid);

        Assert.That((await _brick.LookupAsync("passwd", link)).Errno, Is.EqualTo(Errno.ENOTDIR));
        Assert.That((await _brick.Posix.OpenAsync(_brick.Context, new(Loc.Of(link), new Fd(link, OpenFlags.ReadOnly), OpenFlags.ReadOnly))).Errno, Is.EqualTo(Errno.ELOOP));
        Assert.That((await _brick.Posix.OpendirAsync(_brick.Context, new(Loc.Of(link), new Fd(link, OpenFlags.Directory)))).Errno, Is.EqualTo(Errno.ENOTDIR));
        Assert.That((await _brick.Posix.TruncateAsync(_brick.Context, new(Loc.Of(link), 0))).Errno, Is.EqualTo(Errno.EINVAL));
        var read = await _brick.Posix.ReadlinkAsync(_brick.Context, new(Loc.Of(link)));
        Assert.That((read.Errno, read.Target), Is.EqualTo((Errno.None, "/etc")));
    }

    [Test]
    public async Task A_link_that_has_taken_a_directorys_form_does_not_pass_for_one()
    {
        var victim = await _brick.DirectoryAsync("d");
        var gfid = _brick.NewGfid();
        await _brick.Posix.SymlinkAsync(_brick.Context, new(new(null, _brick.Root, "s"), $"../../00/00/{Gfid.Root}/d", Xdata: TemporaryBrick.Requesting(gfid)));

        Assert.That((await _brick.LookupAsync("anything", _brick.Inodes.Get(gfid))).Errno, Is.EqualTo(Errno.ENOTDIR));
        Assert.That((await _brick.LookupAsync(victim.Gfid)).Stat.Type, Is.EqualTo(FileType.Directory));
        Assert.That((await _brick.LookupAsync(gfid)).Stat.Type, Is.EqualTo(FileType.Symlink));
    }

    [Test]
    public async Task A_device_is_never_opened()
    {
        var gfid = _brick.NewGfid();
        await _brick.Posix.MknodAsync(_brick.Context, new(new(null, _brick.Root, "null"), 0x21b6, 0x103, Xdata: TemporaryBrick.Requesting(gfid)));
        var device = _brick.Inodes.Get(gfid);

        Assert.That((await _brick.LookupAsync("null")).Stat.Type, Is.EqualTo(FileType.CharacterDevice));
        Assert.That((await _brick.Posix.OpenAsync(_brick.Context, new(Loc.Of(device), new Fd(device, OpenFlags.ReadWrite), OpenFlags.ReadWrite))).Errno, Is.EqualTo(Errno.EINVAL));
        Assert.That((await _brick.WriteAsync(Fd.Anonymous(device), 0, [1])).Errno, Is.EqualTo(Errno.EINVAL));
    }

    [Test]
    public async Task Lookups_tell_what_is_missing_from_what_is_stale()
    {
        var nobody = _brick.Inodes.Get(_brick.NewGfid());

        var missing = await _brick.LookupAsync("none");
        Assert.That((missing.Errno, missing.PostParent.Gfid), Is.EqualTo((Errno.ENOENT, Gfid.Root)), "the parent is answered all the same");
        Assert.That((await _brick.LookupAsync(nobody.Gfid)).Errno, Is.EqualTo(Errno.ENOENT));
        Assert.That((await _brick.LookupAsync("x", nobody)).Errno, Is.EqualTo(Errno.ESTALE));
        Assert.That((await _brick.Posix.StatAsync(_brick.Context, new(Loc.Of(nobody)))).Errno, Is.EqualTo(Errno.ESTALE));
    }

    [Test]
    public async Task Dot_is_the_directory_itself_and_dot_dot_never_leaves_the_brick()
    {
        var outer = await _brick.DirectoryAsync("d");
        var inner = await _brick.DirectoryAsync("e", outer);

        Assert.That((await _brick.LookupAsync(".", inner)).Stat.Gfid, Is.EqualTo(inner.Gfid));
        Assert.That((await _brick.LookupAsync("..", inner)).Stat.Gfid, Is.EqualTo(outer.Gfid));
        Assert.That((await _brick.LookupAsync("..")).Stat.Gfid, Is.EqualTo(Gfid.Root));
    }

    [Test]
    public async Task A_directory_deeper_than_the_kernel_follows_links_is_found_by_its_gfid()
    {
        var at = _brick.Root;
        for (var depth = 0; depth < 60; depth++)
            at = await _brick.DirectoryAsync("d", at);
        await _brick.FileAsync("deep", "x"u8.ToArray(), at);
        await _brick.RestartAsync(); // nothing is remembered of the way

        Assert.That((await _brick.LookupAsync("deep", at)).Stat.Size, Is.EqualTo(1));
    }

    [Test]
    public async Task Create_with_exclusive_finds_the_name_taken_and_without_it_opens_the_file()
    {
        var file = await _brick.FileAsync("f", "content"u8.ToArray());
        var xdata = TemporaryBrick.Requesting(_brick.NewGfid());
        var fd = new Fd(file, OpenFlags.ReadWrite);

        var refused = await _brick.Posix.CreateAsync(_brick.Context, new(new(null, _brick.Root, "f"), fd, OpenFlags.ReadWrite | OpenFlags.Exclusive, 0x1a4, Xdata: xdata));
        Assert.That(refused.Errno, Is.EqualTo(Errno.EEXIST));
        var opened = await _brick.Posix.CreateAsync(_brick.Context, new(new(null, _brick.Root, "f"), fd, OpenFlags.ReadWrite, 0x1a4, Xdata: xdata));
        Assert.That((opened.Errno, opened.Stat.Gfid, opened.Stat.Size), Is.EqualTo((Errno.None, file.Gfid, 7ul)));
        Assert.That(await _brick.ReadAsync(fd, 0, 100), Is.EqualTo("content"u8.ToArray()));
        await _brick.CloseAsync(fd);
    }

    [Test]
    public async Task Owner_mode_and_set_gid_are_those_asked_for_whatever_the_umask()
    {
        var ctx = _brick.Context with { Identity = new Caller { Uid = 12, Gid = 34 } };
        var gfid = _brick.NewGfid();
        var made = await _brick.Posix.MkdirAsync(ctx, new(new(null, _brick.Root, "d"), 0x5ff, Xdata: TemporaryBrick.Requesting(gfid)));
        Assert.That((made.Stat.Uid, made.Stat.Gid, made.Stat.Permissions), Is.EqualTo((12u, 34u, 0x5ffu)));

        var file = new Fd(_brick.Inodes.Get(_brick.NewGfid()), OpenFlags.ReadWrite);
        var created = await _brick.Posix.CreateAsync(
            ctx with { Identity = new Caller { Uid = 56, Gid = 78 } },
            new(new(null, _brick.Inodes.Get(gfid), "f"), file, OpenFlags.ReadWrite | OpenFlags.Exclusive, 0x81b6, Xdata: TemporaryBrick.Requesting(file.Inode.Gfid)));
        Assert.That((created.Stat.Uid, created.Stat.Gid, created.Stat.Mode), Is.EqualTo((56u, 34u, 0x81b6u)), "the group is that of the set-gid directory");
        await _brick.CloseAsync(file);
    }

    [Test]
    public async Task Directories_are_removed_only_when_they_are_empty_or_when_all_of_it_is_meant()
    {
        var directory = await _brick.DirectoryAsync("d");
        var inner = await _brick.DirectoryAsync("e", directory);
        var file = await _brick.FileAsync("f", parent: inner);
        var loc = new Loc(null, _brick.Root, "d");

        Assert.That((await _brick.Posix.RmdirAsync(_brick.Context, new(loc))).Errno, Is.EqualTo(Errno.ENOTEMPTY));
        Assert.That((await _brick.UnlinkAsync("d")).Errno, Is.EqualTo(Errno.EISDIR));
        Assert.That((await _brick.Posix.RmdirAsync(_brick.Context, new(loc, Flags: 1))).Errno, Is.EqualTo(Errno.None));

        Assert.That((await _brick.LookupAsync("d")).Errno, Is.EqualTo(Errno.ENOENT));
        Assert.That(Directory.EnumerateFileSystemEntries(_brick.At(".glusterfs", "landfill")), Is.Empty, "the inline executor has emptied it");
        foreach (var gone in new[] { directory, inner, file })
            Assert.That((await _brick.LookupAsync(gone.Gfid)).Errno, Is.EqualTo(Errno.ENOENT));
    }

    [Test]
    public async Task A_rename_onto_another_name_of_the_same_file_leaves_both()
    {
        var file = await _brick.FileAsync("f");
        await _brick.Posix.LinkAsync(_brick.Context, new(Loc.Of(file), new(null, _brick.Root, "g")));

        var renamed = await _brick.RenameAsync(_brick.Root, "f", _brick.Root, "g");

        Assert.That((renamed.Errno, renamed.Stat.Nlink), Is.EqualTo((Errno.None, 2u)));
        Assert.That((await _brick.LookupAsync(file.Gfid)).Errno, Is.EqualTo(Errno.None));
    }

    [Test]
    public async Task A_file_has_no_more_names_than_the_option_allows()
    {
        await _brick.DisposeAsync();
        _brick = TemporaryBrick.Start(o => o with { MaximumLinks = 2 });
        var file = await _brick.FileAsync("f");

        Assert.That((await _brick.Posix.LinkAsync(_brick.Context, new(Loc.Of(file), new(null, _brick.Root, "g")))).Errno, Is.EqualTo(Errno.None));
        Assert.That((await _brick.Posix.LinkAsync(_brick.Context, new(Loc.Of(file), new(null, _brick.Root, "h")))).Errno, Is.EqualTo(Errno.EMLINK));
    }

    [Test]
    public async Task A_directory_whose_parent_has_another_layout_than_the_client_saw_is_not_made()
    {
        var layout = new byte[16];
        TemporaryBrick.SetXattr(_brick.Directory, "trusted.glusterfs.dht", [.. layout[..15], 1]);
        var xdata = TemporaryBrick.Requesting(_brick.NewGfid());
        xdata["glusterfs.preop.parent.key"] = XdataValue.String("trusted.glusterfs.dht");
        xdata["trusted.glusterfs.dht"] = XdataValue.Bytes(layout);

        var made = await _brick.Posix.MkdirAsync(_brick.Context, new(new(null, _brick.Root, "d"), 0x1ed, Xdata: xdata));

        Assert.That(made.Errno, Is.EqualTo(Errno.EIO));
        Assert.That(made.Xdata!["glusterfs.preop.check.failed"].AsInt, Is.EqualTo(1));
        Assert.That(Directory.Exists(_brick.At("d")), Is.False);
    }

    [Test]
    public async Task A_gfid_that_is_in_use_is_not_given_to_a_second_file()
    {
        var file = await _brick.FileAsync("f");

        var second = await _brick.Posix.MknodAsync(_brick.Context, new(new(null, _brick.Root, "g"), 0x81a4, Xdata: TemporaryBrick.Requesting(file.Gfid)));

        Assert.That(second.Errno, Is.EqualTo(Errno.EEXIST));
        Assert.That(File.Exists(_brick.At("g")), Is.False);
        Assert.That((await _brick.LookupAsync(file.Gfid)).Errno, Is.EqualTo(Errno.None));
    }
}
