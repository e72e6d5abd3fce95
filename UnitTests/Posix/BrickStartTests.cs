using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Posix;

public sealed class BrickStartTests
{
    private string _parent = "";

    [SetUp]
    public void Make_a_place() => _parent = Directory.CreateTempSubdirectory("blockproxy-start-").FullName;

    [TearDown]
    public void Remove_it() => Directory.Delete(_parent, recursive: true);

    [Test]
    public void A_directory_that_is_not_there_is_refused() =>
        Assert.That(RefusalOf(Path.Combine(_parent, "none")), Is.EqualTo("the directory cannot be opened: ENOENT"));

    [Test]
    public void A_directory_that_is_no_brick_is_refused_unless_it_is_to_become_one()
    {
        RequireTrusted();
        Assert.That(RefusalOf(_parent), Is.EqualTo("it is not a brick: trusted.glusterfs.volume-id is absent"));
    }

    [Test]
    public void A_directory_with_other_content_does_not_become_a_brick()
    {
        RequireTrusted();
        File.WriteAllText(Path.Combine(_parent, "precious"), "data");

        Assert.That(RefusalOf(_parent, initialize: true), Is.EqualTo("it is to be initialised, but it is not empty"));
        Assert.That(Directory.Exists(Path.Combine(_parent, ".glusterfs")), Is.False);
    }

    [Test]
    public async Task A_brick_of_another_volume_is_refused_and_one_without_a_stated_volume_is_taken_as_it_is()
    {
        await using var brick = TemporaryBrick.Start();
        await brick.Posix.StopAsync();

        var other = Gfid.Parse("11111111-2222-3333-4444-555555555555");
        Assert.That(RefusalOf(brick.Directory, volume: other), Is.EqualTo($"it belongs to volume {TemporaryBrick.Volume}, not to {other}"));
        var taken = TemporaryBrick.Make(new PosixOptions { Directory = brick.Directory });
        Assert.That((taken.Refusal, taken.VolumeId), Is.EqualTo(((string?)null, TemporaryBrick.Volume)));
        await taken.StopAsync();
    }

    [Test]
    public async Task Two_cannot_serve_one_directory()
    {
        await using var brick = TemporaryBrick.Start();

        Assert.That(RefusalOf(brick.Directory, volume: TemporaryBrick.Volume), Is.EqualTo("another process serves it"));
    }

    [Test]
    public async Task A_directory_inside_a_brick_is_no_brick()
    {
        await using var brick = TemporaryBrick.Start();
        await brick.DirectoryAsync("d");
        TemporaryBrick.SetXattr(brick.At("d"), "trusted.glusterfs.volume-id", TemporaryBrick.Volume.ToByteArray());

        Assert.That(RefusalOf(brick.At("d"), volume: TemporaryBrick.Volume), Does.StartWith("it is a part of another brick"));
    }

    [Test]
    public void A_file_system_without_attributes_is_refused_in_words()
    {
        if (!Directory.Exists("/proc/sys"))
            Assert.Ignore("/proc is not mounted");

        Assert.That(RefusalOf("/proc/sys"), Does.Contain("extended attributes"));
    }

    [Test]
    public async Task Without_privileges_a_brick_keeps_its_attributes_under_user()
    {
        await using var brick = TemporaryBrick.Start(o => o with { XattrNamespace = XattrNamespace.User });
        var fd = await brick.CreateAsync("f");
        await brick.WriteAsync(fd, 0, "data"u8.ToArray());

        Assert.That(TemporaryBrick.Xattr(brick.At("f"), "user.trusted.gfid"), Is.EqualTo(fd.Inode.Gfid.ToByteArray()));
        Assert.That(TemporaryBrick.Xattr(brick.At("f"), "trusted.gfid"), Is.Null);
        Assert.That((await brick.LookupAsync("f")).Stat.Gfid, Is.EqualTo(fd.Inode.Gfid));
        var link = await brick.Posix.SymlinkAsync(brick.Context, new(new(null, brick.Root, "s"), "t", Xdata: TemporaryBrick.Requesting(brick.NewGfid())));
        Assert.That(link.Errno, Is.EqualTo(Errno.EOPNOTSUPP), "links cannot carry user attributes");
        var listed = await brick.Posix.GetxattrAsync(brick.Context with { Identity = new Caller { Pid = -6 } }, new(Loc.Of(fd.Inode)));
        Assert.That(listed.Values!.Select(v => v.Key), Has.All.Not.StartsWith("user.trusted."));
        await brick.CloseAsync(fd);
    }

    [Test]
    public async Task Files_that_were_unlinked_while_open_are_removed_at_the_next_start()
    {
        await using var brick = TemporaryBrick.Start();
        var fd = await brick.CreateAsync("f");
        await brick.UnlinkAsync("f");
        var aside = brick.At(".glusterfs", "unlink", fd.Inode.Gfid.ToString());
        Assert.That(File.Exists(aside), Is.True);

        await brick.RestartAsync();

        Assert.That(File.Exists(aside), Is.False);
    }

    [Test]
    public async Task A_stopped_brick_answers_that_it_is_not_connected()
    {
        await using var brick = TemporaryBrick.Start();
        await brick.Posix.StopAsync();

        Assert.That((await brick.LookupAsync(Gfid.Root)).Errno, Is.EqualTo(Errno.ENOTCONN));
    }

    private static string? RefusalOf(string directory, Gfid volume = default, bool initialize = false)
    {
        var posix = TemporaryBrick.Make(new PosixOptions { Directory = directory, VolumeId = volume.IsNull ? TemporaryBrick.Volume : volume, Initialize = initialize });
        return posix.Refusal;
    }

    private static void RequireTrusted()
    {
        if (!BlockProxy.Proxy.Translators.Storage.Posix.Native.Sys.IsPrivileged)
            Assert.Ignore("trusted extended attributes need root");
    }
}
