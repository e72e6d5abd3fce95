using BlockProxy.Proxy.Fops;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Posix;

public sealed class ListFopTests
{
    private TemporaryBrick _brick = null!;

    [SetUp]
    public void Start() => _brick = TemporaryBrick.Start();

    [TearDown]
    public ValueTask Stop() => _brick.DisposeAsync();

    [TestCase(256)]
    [TestCase(1000)]
    [TestCase(65536)]
    public async Task Every_name_is_listed_once_whatever_the_budget(int budget)
    {
        var expected = new List<string> { ".", ".." };
        for (var i = 0; i < 300; i++)
        {
            expected.Add($"name-{i}");
            await _brick.FileAsync($"name-{i}");
        }

        var fd = await OpenDirectoryAsync(_brick.Root);
        var (names, last) = await ListAsync(fd, budget);

        Assert.That(names, Is.EquivalentTo(expected), ".glusterfs is not among them");
        var end = await _brick.Posix.ReaddirAsync(_brick.Context, new(fd, last, budget));
        Assert.That((end.Errno, end.Entries!.Count, end.EndOfDirectory), Is.EqualTo((Errno.None, 0, true)));
        await _brick.Posix.ReleasedirAsync(_brick.Context, new(fd));
    }

    [Test]
    public async Task A_listing_goes_on_from_any_cookie_even_in_another_fd()
    {
        for (var i = 0; i < 50; i++)
            await _brick.FileAsync($"name-{i}");
        var all = (await _brick.Posix.ReaddirAsync(_brick.Context, new(Fd.Anonymous(_brick.Root), 0, 1 << 20))).Entries!;

        var rest = (await _brick.Posix.ReaddirAsync(_brick.Context, new(Fd.Anonymous(_brick.Root), all[20].Offset, 1 << 20))).Entries!;
        var back = await OpenDirectoryAsync(_brick.Root);
        await _brick.Posix.ReaddirAsync(_brick.Context, new(back, 0, 1 << 20));
        var again = (await _brick.Posix.ReaddirAsync(_brick.Context, new(back, all[40].Offset, 1 << 20))).Entries!;

        Assert.That(rest.Select(e => e.Name), Is.EqualTo(all.Skip(21).Select(e => e.Name)));
        Assert.That(again.Select(e => e.Name), Is.EqualTo(all.Skip(41).Select(e => e.Name)));
        await _brick.Posix.ReleasedirAsync(_brick.Context, new(back));
    }

    [Test]
    public async Task Attributes_come_with_the_names_but_nothing_above_the_root()
    {
        var file = await _brick.FileAsync("f", new byte[10]);
        var directory = await _brick.DirectoryAsync("d");

        var reply = await _brick.Posix.ReaddirpAsync(_brick.Context, new(Fd.Anonymous(_brick.Root), 0, 65536, new Xdata { ["trusted.gfid"] = XdataValue.Int(0) }));

        var entries = reply.Entries!.ToDictionary(e => e.Name);
        Assert.That((entries["f"].Stat.Gfid, entries["f"].Stat.Size, entries["f"].Type, entries["f"].Ino), Is.EqualTo((file.Gfid, 10ul, 8u, file.Gfid.Low)));
        Assert.That(entries["f"].Xdata!["trusted.gfid"].AsBytes(), Is.EqualTo(file.Gfid.ToByteArray()));
        Assert.That((entries["d"].Stat.Gfid, entries["d"].Type), Is.EqualTo((directory.Gfid, 4u)));
        Assert.That(entries["."].Stat.Gfid, Is.EqualTo(Gfid.Root));
        Assert.That(entries[".."].Stat.IsNothing, Is.True);
        var inner = await _brick.Posix.ReaddirpAsync(_brick.Context, new(Fd.Anonymous(directory), 0, 65536));
        Assert.That(inner.Entries!.Single(e => e.Name == "..").Stat.Gfid, Is.EqualTo(Gfid.Root));
    }

    [Test]
    public async Task Directories_are_left_out_when_the_client_lists_them_elsewhere()
    {
        await _brick.FileAsync("f");
        await _brick.DirectoryAsync("d");

        var reply = await _brick.Posix.ReaddirpAsync(_brick.Context, new(Fd.Anonymous(_brick.Root), 0, 65536, new() { ["readdir-filter-directories"] = XdataValue.Int(1) }));

        Assert.That(reply.Entries!.Select(e => e.Name), Is.EqualTo(new[] { "f" }));
    }

    [Test]
    public async Task A_file_is_not_listed()
    {
        var fd = await _brick.CreateAsync("f");

        Assert.That((await _brick.Posix.ReaddirAsync(_brick.Context, new(fd, 0, 4096))).Errno, Is.EqualTo(Errno.ENOTDIR));
        Assert.That((await _brick.Posix.ReaddirAsync(_brick.Context, new(new Fd(_brick.Root, OpenFlags.Directory), 0, 4096))).Errno, Is.EqualTo(Errno.EBADF));
        await _brick.CloseAsync(fd);
    }

    private async Task<Fd> OpenDirectoryAsync(Inode inode)
    {
        var fd = new Fd(inode, OpenFlags.Directory);
        Assert.That((await _brick.Posix.OpendirAsync(_brick.Context, new(Loc.Of(inode), fd))).Errno, Is.EqualTo(Errno.None));
        return fd;
    }

    private async Task<(List<string> Names, ulong Last)> ListAsync(Fd fd, int budget)
    {
        List<string> names = [];
        ulong at = 0;
        while (true)
        {
            var reply = await _brick.Posix.ReaddirAsync(_brick.Context, new(fd, at, budget));
            Assert.That(reply.Errno, Is.EqualTo(Errno.None));
            names.AddRange(reply.Entries!.Select(e => e.Name));
            if (reply.Entries!.Count == 0)
                return (names, at);
            at = reply.Entries![^1].Offset;
        }
    }
}
