using BlockProxy.Proxy.Fops;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Posix;

/// <summary>What a crash in the middle of an operation leaves, and how the next lookup completes it. gluster-translators section 11.2.</summary>
public sealed class CrashRecoveryTests
{
    private TemporaryBrick _brick = null!;

    [SetUp]
    public void Start() => _brick = TemporaryBrick.Start();

    [TearDown]
    public ValueTask Stop() => _brick.DisposeAsync();

    [Test]
    public async Task A_name_without_a_gfid_is_no_file_until_a_lookup_gives_it_one()
    {
        await File.WriteAllTextAsync(_brick.At("f"), "data");
        _brick.Clock.Offset = TimeSpan.FromSeconds(2); // its creator has had its time
        Assert.That((await _brick.LookupAsync("f")).Errno, Is.EqualTo(Errno.ENODATA));

        var gfid = _brick.NewGfid();
        var healed = await _brick.LookupAsync("f", xdata: TemporaryBrick.Requesting(gfid));

        Assert.That((healed.Errno, healed.Stat.Gfid, healed.Stat.Nlink), Is.EqualTo((Errno.None, gfid, 1u)));
        Assert.That(TemporaryBrick.PathsOf(_brick.At("f")).Values, Is.EqualTo(new[] { $"{Gfid.Root}/f" }));
        Assert.That((await _brick.LookupAsync(gfid)).Errno, Is.EqualTo(Errno.None));
    }

    [Test]
    public async Task A_file_of_this_very_second_is_left_to_its_creator()
    {
        await File.WriteAllTextAsync(_brick.At("f"), "data");

        Assert.That((await _brick.LookupAsync("f", xdata: TemporaryBrick.Requesting(_brick.NewGfid()))).Errno, Is.EqualTo(Errno.ENOENT));
        Assert.That(TemporaryBrick.Xattr(_brick.At("f"), "trusted.gfid"), Is.Null);
    }

    [Test]
    public async Task A_create_of_a_half_made_name_completes_it()
    {
        await File.WriteAllTextAsync(_brick.At("f"), "");
        var fd = new Fd(_brick.Inodes.Get(_brick.NewGfid()), OpenFlags.ReadWrite);

        var made = await _brick.Posix.CreateAsync(
            _brick.Context, new(new(fd.Inode, _brick.Root, "f"), fd, OpenFlags.ReadWrite, 0x1a4, Xdata: TemporaryBrick.Requesting(fd.Inode.Gfid)));

        Assert.That((made.Errno, made.Stat.Gfid, made.Stat.Nlink), Is.EqualTo((Errno.None, fd.Inode.Gfid, 1u)));
        await _brick.CloseAsync(fd);
    }

    [Test]
    public async Task A_missing_handle_of_a_file_or_directory_is_made_by_the_next_lookup()
    {
        var file = await _brick.FileAsync("f", "data"u8.ToArray());
        var directory = await _brick.DirectoryAsync("d");
        File.Delete(_brick.HandleOf(file.Gfid));
        File.Delete(_brick.HandleOf(directory.Gfid));
        await _brick.RestartAsync();
        Assert.That((await _brick.LookupAsync(file.Gfid)).Errno, Is.EqualTo(Errno.ENOENT));

        Assert.That((await _brick.LookupAsync("f")).Stat.Nlink, Is.EqualTo(1));
        Assert.That((await _brick.LookupAsync("d")).Errno, Is.EqualTo(Errno.None));

        Assert.That((await _brick.LookupAsync(file.Gfid)).Errno, Is.EqualTo(Errno.None));
        Assert.That((await _brick.LookupAsync(directory.Gfid)).Errno, Is.EqualTo(Errno.None));
    }

    [Test]
    public async Task A_directory_that_was_moved_without_its_handle_is_found_again()
    {
        var directory = await _brick.DirectoryAsync("d");
        Directory.Move(_brick.At("d"), _brick.At("moved")); // as a crash between rename and handle leaves it
        await _brick.RestartAsync();
        Assert.That((await _brick.LookupAsync(directory.Gfid)).Errno, Is.Not.EqualTo(Errno.None));

        Assert.That((await _brick.LookupAsync("moved")).Stat.Gfid, Is.EqualTo(directory.Gfid));

        Assert.That((await _brick.LookupAsync(directory.Gfid)).Errno, Is.EqualTo(Errno.None));
    }

    [Test]
    public async Task A_file_without_stamps_shows_those_of_the_file_system_until_it_is_written()
    {
        await _brick.FileAsync("f");
        TemporaryBrick.RemoveXattr(_brick.At("f"), "trusted.glusterfs.mdata");
        await _brick.RestartAsync();

        var before = (await _brick.LookupAsync("f")).Stat;
        Assert.That(before.Mtime.Seconds, Is.GreaterThan(1_600_000_000));
        var set = new Xdata { ["set-ctime-mdata"] = XdataValue.Mdata(new MdataTimes(new(1, 2), new(3, 4), new(5, 6))) };
        Assert.That((await _brick.Posix.SetxattrAsync(_brick.Context, new(Loc.Of(_brick.Inodes.Get(before.Gfid)), set))).Errno, Is.EqualTo(Errno.None));

        var after = (await _brick.LookupAsync("f")).Stat;
        Assert.That((after.Atime, after.Mtime, after.Ctime), Is.EqualTo((new Timespec(1, 2), new Timespec(3, 4), new Timespec(5, 6))));
    }

    [Test]
    public async Task What_lies_in_the_landfill_is_deleted_at_the_next_start_however_deep_it_is()
    {
        var path = _brick.At(".glusterfs", "landfill", "tree");
        for (var depth = 0; depth < 300; depth++)
        {
            Directory.CreateDirectory(path);
            await File.WriteAllTextAsync(Path.Combine(path, "file"), "x");
            path = Path.Combine(path, "d");
        }

        await _brick.RestartAsync();

        Assert.That(Directory.EnumerateFileSystemEntries(_brick.At(".glusterfs", "landfill")), Is.Empty);
    }
}
