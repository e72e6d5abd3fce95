using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Features.AccessControl;
using BlockProxy.UnitTests.Posix;
using NUnit.Framework;

namespace BlockProxy.UnitTests.AccessControl;

public sealed class AccessControlTests
{
    private static readonly Caller Owner = new() { Uid = 10, Gid = 20, Pid = 1 };
    private static readonly Caller Member = new() { Uid = 11, Gid = 99, Groups = [5, 20], Pid = 1 };
    private static readonly Caller Stranger = new() { Uid = 12, Gid = 99, Pid = 1 };

    private TemporaryBrick _brick = null!;
    private AccessControlTranslator _access = null!;

    [SetUp]
    public void Start()
    {
        _brick = TemporaryBrick.Start();
        _access = new AccessControlTranslator { Name = "access-control" };
        _access.Adopt([_brick.Posix]);
    }

    [TearDown]
    public ValueTask Stop() => _brick.DisposeAsync();

    // mode, owner / member of the group / stranger may read, write, execute
    [TestCase(0x1ff, "rwx", "rwx", "rwx")] // 0777
    [TestCase(0x1e8, "rwx", "r-x", "---")] // 0750
    [TestCase(0x038, "---", "rwx", "---")] // 0070: the owner is judged as owner only
    [TestCase(0x007, "---", "---", "rwx")] // 0007
    public void The_class_of_the_caller_decides(int mode, string owner, string member, string stranger)
    {
        var file = new Iatt { Uid = 10, Gid = 20, Mode = 0x8000u | (uint)mode };

        foreach (var (caller, allowed) in new[] { (Owner, owner), (Member, member), (Stranger, stranger) })
        {
            Assert.That(Permission.Allows(in file, caller, Want.Read), Is.EqualTo(allowed[0] == 'r'));
            Assert.That(Permission.Allows(in file, caller, Want.Write), Is.EqualTo(allowed[1] == 'w'));
            Assert.That(Permission.Allows(in file, caller, Want.Execute), Is.EqualTo(allowed[2] == 'x'));
        }

        Assert.That(Permission.Allows(in file, new Caller { Uid = 0 }, Want.Read | Want.Write), Is.True);
        Assert.That(Permission.Allows(in file, new Caller { Uid = 12, Pid = -6 }, Want.Read | Want.Write), Is.True, "gluster's own processes");
    }

    [Test]
    public async Task A_stranger_makes_removes_and_reads_nothing_in_a_private_directory()
    {
        var directory = await MakeDirectoryAsync(Owner, 0x1c0);
        var file = await _brick.FileAsync("f", parent: directory);
        var ctx = new FopContext(Stranger);

        Assert.That(await CreateAsync(Stranger, directory, "g"), Is.EqualTo(Errno.EACCES));
        Assert.That(await CreateAsync(Owner, directory, "g"), Is.EqualTo(Errno.None));
        Assert.That((await _access.LookupAsync(ctx, new(new(null, directory, "f")))).Errno, Is.EqualTo(Errno.EACCES));
        Assert.That((await _access.UnlinkAsync(ctx, new(new(null, directory, "f")))).Errno, Is.EqualTo(Errno.EACCES));
        Assert.That((await _access.OpendirAsync(ctx, new(Loc.Of(directory), new Fd(directory, OpenFlags.Directory)))).Errno, Is.EqualTo(Errno.EACCES));
        Assert.That((await _access.RenameAsync(ctx, new(new(null, directory, "f"), new(null, _brick.Root, "f")))).Errno, Is.EqualTo(Errno.EACCES));
        Assert.That((await _access.OpenAsync(ctx, new(Loc.Of(file), new Fd(file, OpenFlags.ReadWrite), OpenFlags.ReadWrite))).Errno, Is.EqualTo(Errno.EACCES));
        Assert.That((await _access.TruncateAsync(ctx, new(Loc.Of(file), 0))).Errno, Is.EqualTo(Errno.EACCES));
        Assert.That((await _access.AccessAsync(ctx, new(Loc.Of(file), 2))).Errno, Is.EqualTo(Errno.EACCES));
        Assert.That((await _access.AccessAsync(ctx, new(Loc.Of(file), 4))).Errno, Is.EqualTo(Errno.None), "mode 0644");
    }

    [Test]
    public async Task In_a_sticky_directory_entries_are_removed_by_their_owner_only()
    {
        var directory = await MakeDirectoryAsync(Caller.Root, 0x3ff);
        Assert.That(await CreateAsync(Owner, directory, "mine"), Is.EqualTo(Errno.None));

        Assert.That((await _access.UnlinkAsync(new FopContext(Stranger), new(new(null, directory, "mine")))).Errno, Is.EqualTo(Errno.EACCES));
        Assert.That((await _access.UnlinkAsync(new FopContext(Owner), new(new(null, directory, "mine")))).Errno, Is.EqualTo(Errno.None));
    }

    [Test]
    public async Task Attributes_are_changed_by_the_owner_within_bounds()
    {
        var directory = await MakeDirectoryAsync(Owner, 0x1ff);
        async Task<PrePostReply> Set(Caller caller, SetattrFields valid, Iatt to) =>
            await _access.SetattrAsync(new FopContext(caller), new(Loc.Of(directory), to, valid));

        Assert.That((await Set(Stranger, SetattrFields.Mode, new Iatt { Mode = 0x1ff })).Errno, Is.EqualTo(Errno.EPERM));
        Assert.That((await Set(Stranger, SetattrFields.Mtime, new Iatt { Mtime = new(1, 0) })).Errno, Is.EqualTo(Errno.None), "it may write");
        Assert.That((await Set(Owner, SetattrFields.Uid, new Iatt { Uid = 12 })).Errno, Is.EqualTo(Errno.EPERM));
        Assert.That((await Set(Owner, SetattrFields.Gid, new Iatt { Gid = 99 })).Errno, Is.EqualTo(Errno.EPERM), "not a group of its own");
        var other = Owner with { Gid = 7 };
        Assert.That((await Set(other, SetattrFields.Mode, new Iatt { Mode = 0x5ff })).Post.Permissions, Is.EqualTo(0x1ff), "set-gid needs the group");
        Assert.That((await _access.SetxattrAsync(new FopContext(Owner), new(Loc.Of(directory), new() { ["trusted.x"] = XdataValue.Bytes([1]) }))).Errno, Is.EqualTo(Errno.EPERM));
        Assert.That((await _access.SetxattrAsync(new FopContext(Owner), new(Loc.Of(directory), new() { ["user.x"] = XdataValue.Bytes([1]) }))).Errno, Is.EqualTo(Errno.None));
    }

    private async Task<Inode> MakeDirectoryAsync(Caller owner, uint mode)
    {
        var gfid = _brick.NewGfid();
        var made = await _brick.Posix.MkdirAsync(new FopContext(owner), new(new(null, _brick.Root, "d"), mode, Xdata: TemporaryBrick.Requesting(gfid)));
        Assert.That(made.Errno, Is.EqualTo(Errno.None));
        return _brick.Inodes.Get(gfid);
    }

    private async Task<Errno> CreateAsync(Caller caller, Inode directory, string name)
    {
        var gfid = _brick.NewGfid();
        var fd = new Fd(_brick.Inodes.Get(gfid), OpenFlags.ReadWrite);
        var reply = await _access.CreateAsync(new FopContext(caller), new(
            new(fd.Inode, directory, name), fd, OpenFlags.ReadWrite, 0x1a4, Xdata: TemporaryBrick.Requesting(gfid)));
        if (reply.Errno == Errno.None)
            await _brick.CloseAsync(fd);
        return reply.Errno;
    }
}
