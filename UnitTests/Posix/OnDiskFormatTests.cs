using BlockProxy.Proxy.Fops;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Posix;

/// <summary>What a stock brick would find in the directory. gluster-translators section 11.1.</summary>
public sealed class OnDiskFormatTests
{
    private TemporaryBrick _brick = null!;

    [SetUp]
    public void Start() => _brick = TemporaryBrick.Start();

    [TearDown]
    public ValueTask Stop() => _brick.DisposeAsync();

    [Test]
    public void The_root_has_its_gfid_the_volume_id_and_a_handle_that_leads_up_three_levels()
    {
        Assert.That(TemporaryBrick.Xattr(_brick.Directory, "trusted.gfid"), Is.EqualTo(Convert.FromHexString("00000000000000000000000000000001")));
        Assert.That(TemporaryBrick.Xattr(_brick.Directory, "trusted.glusterfs.volume-id"), Is.EqualTo(Convert.FromHexString("7904e5fea2e54fd3a89d8482094b953e")));
        Assert.That(new FileInfo(_brick.HandleOf(Gfid.Root)).LinkTarget, Is.EqualTo("../../.."));
    }

    [Test]
    public async Task A_file_has_its_gfid_a_hard_link_as_handle_and_its_name_as_an_attribute()
    {
        var file = await _brick.FileAsync("f");

        var path = _brick.At("f");
        Assert.That(TemporaryBrick.Xattr(path, "trusted.gfid"), Is.EqualTo(file.Gfid.ToByteArray()));
        Assert.That(TemporaryBrick.Identity(_brick.HandleOf(file.Gfid)), Is.EqualTo(TemporaryBrick.Identity(path)));
        Assert.That(TemporaryBrick.Identity(path).Links, Is.EqualTo(2));
        const string Value = "00000000-0000-0000-0000-000000000001/f";
        Assert.That(TemporaryBrick.PathsOf(path), Is.EqualTo(new Dictionary<string, string> { [TemporaryBrick.PathAttribute(Value)] = Value }));
        Assert.That(TemporaryBrick.PermissionsOf(Path.GetDirectoryName(_brick.HandleOf(file.Gfid))!), Is.EqualTo(0x1c0), "0700");
    }

    [Test]
    public async Task A_directory_has_a_link_as_handle_and_no_name_attribute()
    {
        var outer = await _brick.DirectoryAsync("d");
        var inner = await _brick.DirectoryAsync("e", outer);

        Assert.That(new FileInfo(_brick.HandleOf(outer.Gfid)).LinkTarget, Is.EqualTo("../../00/00/00000000-0000-0000-0000-000000000001/d"));
        var text = outer.Gfid.ToString();
        Assert.That(new FileInfo(_brick.HandleOf(inner.Gfid)).LinkTarget, Is.EqualTo($"../../{text[..2]}/{text[2..4]}/{text}/e"));
        Assert.That(TemporaryBrick.PathsOf(_brick.At("d")), Is.Empty);
    }

    [Test]
    public async Task A_link_and_a_fifo_have_hard_links_as_handles()
    {
        var link = _brick.NewGfid();
        var fifo = _brick.NewGfid();
        Assert.That((await _brick.Posix.SymlinkAsync(_brick.Context, new(new(null, _brick.Root, "s"), "target/x", Xdata: TemporaryBrick.Requesting(link)))).Errno, Is.EqualTo(Errno.None));
        Assert.That((await _brick.Posix.MknodAsync(_brick.Context, new(new(null, _brick.Root, "p"), 0x11a4, Xdata: TemporaryBrick.Requesting(fifo)))).Errno, Is.EqualTo(Errno.None));

        Assert.That(TemporaryBrick.Identity(_brick.HandleOf(link)), Is.EqualTo(TemporaryBrick.Identity(_brick.At("s"))));
        Assert.That(TemporaryBrick.Identity(_brick.HandleOf(fifo)), Is.EqualTo(TemporaryBrick.Identity(_brick.At("p"))));
    }

    [Test]
    public async Task The_time_stamps_are_those_of_the_caller_in_57_bytes()
    {
        await _brick.FileAsync("f");

        Assert.That(TemporaryBrick.Xattr(_brick.At("f"), "trusted.glusterfs.mdata"), Is.EqualTo(TemporaryBrick.MdataBytes((1000, 5), (1000, 5), (1000, 5))));
    }

    [Test]
    public async Task A_second_name_is_a_second_attribute_and_a_rename_replaces_it()
    {
        var file = await _brick.FileAsync("f");
        var directory = await _brick.DirectoryAsync("d");

        var linked = await _brick.Posix.LinkAsync(_brick.Context, new(Loc.Of(file), new(null, directory, "g")));
        Assert.That((linked.Errno, linked.Stat.Nlink), Is.EqualTo((Errno.None, 2u)));
        Assert.That(TemporaryBrick.PathsOf(_brick.At("f")).Values, Is.EquivalentTo(new[] { $"{Gfid.Root}/f", $"{directory.Gfid}/g" }));

        Assert.That((await _brick.RenameAsync(directory, "g", _brick.Root, "h")).Errno, Is.EqualTo(Errno.None));
        Assert.That(TemporaryBrick.PathsOf(_brick.At("f")).Values, Is.EquivalentTo(new[] { $"{Gfid.Root}/f", $"{Gfid.Root}/h" }));
    }

    [Test]
    public async Task Renaming_a_directory_rewrites_its_handle()
    {
        var outer = await _brick.DirectoryAsync("d");
        var inner = await _brick.DirectoryAsync("e", outer);

        Assert.That((await _brick.RenameAsync(outer, "e", _brick.Root, "e2")).Errno, Is.EqualTo(Errno.None));

        Assert.That(new FileInfo(_brick.HandleOf(inner.Gfid)).LinkTarget, Is.EqualTo($"../../00/00/{Gfid.Root}/e2"));
        Assert.That((await _brick.LookupAsync(inner.Gfid)).Errno, Is.EqualTo(Errno.None));
    }

    [Test]
    public async Task Removing_the_last_name_removes_the_handle()
    {
        var file = await _brick.FileAsync("f");
        var directory = await _brick.DirectoryAsync("d");

        Assert.That((await _brick.UnlinkAsync("f")).Errno, Is.EqualTo(Errno.None));
        Assert.That((await _brick.Posix.RmdirAsync(_brick.Context, new(new(null, _brick.Root, "d")))).Errno, Is.EqualTo(Errno.None));

        Assert.That(File.Exists(_brick.HandleOf(file.Gfid)), Is.False);
        Assert.That(new FileInfo(_brick.HandleOf(directory.Gfid)).LinkTarget, Is.Null);
    }

    [Test]
    public async Task An_open_file_that_loses_its_last_name_lives_under_unlink_until_it_is_closed()
    {
        var fd = await _brick.CreateAsync("f");
        await _brick.WriteAsync(fd, 0, "keep"u8.ToArray());
        var aside = _brick.At(".glusterfs", "unlink", fd.Inode.Gfid.ToString());

        Assert.That((await _brick.UnlinkAsync("f")).Errno, Is.EqualTo(Errno.None));
        Assert.That(File.Exists(aside), Is.True);
        Assert.That(File.Exists(_brick.HandleOf(fd.Inode.Gfid)), Is.False);
        await _brick.WriteAsync(fd, 4, "more"u8.ToArray());
        Assert.That(await _brick.ReadAsync(fd, 0, 100), Is.EqualTo("keepmore"u8.ToArray()));

        await _brick.CloseAsync(fd);
        Assert.That(File.Exists(aside), Is.False);
    }

    [Test]
    public async Task A_rename_over_an_open_file_keeps_that_file_for_those_who_have_it_open()
    {
        var open = await _brick.CreateAsync("old");
        await _brick.WriteAsync(open, 0, "old"u8.ToArray());
        await _brick.FileAsync("new", "new"u8.ToArray());

        Assert.That((await _brick.RenameAsync(_brick.Root, "new", _brick.Root, "old")).Errno, Is.EqualTo(Errno.None));

        Assert.That(await _brick.ReadAsync(open, 0, 100), Is.EqualTo("old"u8.ToArray()));
        Assert.That(await File.ReadAllTextAsync(_brick.At("old")), Is.EqualTo("new"));
        await _brick.CloseAsync(open);
        Assert.That(Directory.EnumerateFiles(_brick.At(".glusterfs", "unlink")), Is.Empty);
    }

    [Test]
    public async Task Attributes_of_the_creation_are_stored_as_stock_stores_them()
    {
        var gfid = _brick.NewGfid();
        var xdata = TemporaryBrick.Requesting(gfid);
        xdata["trusted.glusterfs.dht.linkto"] = XdataValue.String("vol-client-1"); // text is stored with its NUL
        xdata["trusted.glusterfs.shard.block-size"] = XdataValue.Bytes([0, 0, 0, 0, 4, 0, 0, 0]);
        xdata["glusterfs.not-stored"] = XdataValue.Int(1);
        var made = await _brick.Posix.MknodAsync(_brick.Context, new(new(null, _brick.Root, "f"), 0x8200, Xdata: xdata));

        Assert.That((made.Errno, made.Stat.Mode), Is.EqualTo((Errno.None, 0x8200u)));
        Assert.That(TemporaryBrick.Xattr(_brick.At("f"), "trusted.glusterfs.dht.linkto"), Is.EqualTo("vol-client-1\0"u8.ToArray()));
        Assert.That(TemporaryBrick.Xattr(_brick.At("f"), "trusted.glusterfs.shard.block-size"), Is.EqualTo(new byte[] { 0, 0, 0, 0, 4, 0, 0, 0 }));
        Assert.That(TemporaryBrick.Xattrs(_brick.At("f")).Where(name => name.Contains("not-stored", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task Names_that_are_no_text_keep_their_bytes()
    {
        var name = ByteText.Decode([0x66, 0xff, 0xfe]);
        await _brick.FileAsync(name);

        Assert.That((await _brick.LookupAsync(name)).Errno, Is.EqualTo(Errno.None));
        var directory = await _brick.Posix.ReaddirAsync(_brick.Context, new(Fd.Anonymous(_brick.Root), 0, 65536));
        Assert.That(directory.Entries!.Select(e => e.Name), Has.Member(name));
        Assert.That((await _brick.UnlinkAsync(name)).Errno, Is.EqualTo(Errno.None));
    }
}
