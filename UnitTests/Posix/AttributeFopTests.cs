using System.Buffers.Binary;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Attributes;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Posix;

public sealed class AttributeFopTests
{
    private TemporaryBrick _brick = null!;
    private Inode _file = null!;

    [SetUp]
    public async Task Start()
    {
        _brick = TemporaryBrick.Start();
        _file = await _brick.FileAsync("f");
    }

    [TearDown]
    public ValueTask Stop() => _brick.DisposeAsync();

    [Test]
    public async Task Flags_of_the_caller_decide_which_stamps_move_and_none_goes_back()
    {
        var fd = await _brick.OpenAsync(_file);
        async Task<Iatt> WriteAt(long seconds, FopTimes times)
        {
            _brick.Context = _brick.Context with { Times = times, Time = new(seconds, 0) };
            return (await _brick.WriteAsync(fd, 0, [1])).Post;
        }

        var both = await WriteAt(2000, FopTimes.Ctime | FopTimes.Mtime);
        Assert.That((both.Ctime.Seconds, both.Mtime.Seconds, both.Atime.Seconds), Is.EqualTo((2000, 2000, 1000)));
        var none = await WriteAt(3000, FopTimes.None);
        Assert.That((none.Ctime.Seconds, none.Mtime.Seconds), Is.EqualTo((2000, 2000)));
        var one = await WriteAt(4000, FopTimes.Mtime);
        Assert.That((one.Ctime.Seconds, one.Mtime.Seconds), Is.EqualTo((2000, 4000)));
        var late = await WriteAt(3500, FopTimes.Ctime | FopTimes.Mtime);
        Assert.That((late.Ctime.Seconds, late.Mtime.Seconds), Is.EqualTo((3500, 4000)), "a racing fop with an earlier clock");
        await _brick.CloseAsync(fd);
        await _brick.RestartAsync();
        Assert.That((await _brick.LookupAsync("f")).Stat.Mtime.Seconds, Is.EqualTo(4000), "from the attribute on disk");
    }

    [Test]
    public async Task The_parents_stamps_move_with_its_names()
    {
        _brick.Context = _brick.Context with { Times = (FopTimes)0x1f, Time = new(7000, 1) };
        await _brick.DirectoryAsync("d");

        var root = (await _brick.LookupAsync(Gfid.Root)).Stat;
        Assert.That((root.Mtime, root.Ctime), Is.EqualTo((new Timespec(7000, 1), new Timespec(7000, 1))));
    }

    [Test]
    public async Task Explicit_times_may_go_back_while_the_change_time_does_not()
    {
        var ctx = _brick.Context with { Times = FopTimes.Ctime, Time = new(9000, 0) };
        var reply = await _brick.Posix.SetattrAsync(ctx, new(
            Loc.Of(_file), new Iatt { Atime = new(10, 11), Mtime = new(20, 21) }, SetattrFields.Atime | SetattrFields.Mtime));

        Assert.That((reply.Post.Atime, reply.Post.Mtime, reply.Post.Ctime), Is.EqualTo((new Timespec(10, 11), new Timespec(20, 21), new Timespec(9000, 0))));
        Assert.That(File.GetLastWriteTimeUtc(_brick.At("f")), Is.EqualTo(DateTime.UnixEpoch.AddSeconds(20)).Within(TimeSpan.FromSeconds(1)), "the file's own times follow");
    }

    [Test]
    public async Task Mode_and_owner_are_set_and_a_links_mode_is_left()
    {
        var reply = await _brick.Posix.SetattrAsync(_brick.Context, new(
            Loc.Of(_file), new Iatt { Mode = 0x89c0, Uid = 5, Gid = 6 }, SetattrFields.Mode | SetattrFields.Uid | SetattrFields.Gid));
        Assert.That((reply.Post.Permissions, reply.Post.Uid, reply.Post.Gid), Is.EqualTo((0x9c0u, 5u, 6u)));

        var link = _brick.NewGfid();
        await _brick.Posix.SymlinkAsync(_brick.Context, new(new(null, _brick.Root, "s"), "t", Xdata: TemporaryBrick.Requesting(link)));
        var set = await _brick.Posix.SetattrAsync(_brick.Context, new(Loc.Of(_brick.Inodes.Get(link)), new Iatt { Mode = 0x180, Uid = 7 }, SetattrFields.Mode | SetattrFields.Uid));
        Assert.That((set.Errno, set.Post.Uid), Is.EqualTo((Errno.None, 7u)));
    }

    [Test]
    public async Task Attributes_are_set_listed_read_and_removed()
    {
        var loc = Loc.Of(_file);
        var values = new Xdata { ["user.a"] = XdataValue.Bytes("hello"u8.ToArray()) };

        Assert.That((await _brick.Posix.SetxattrAsync(_brick.Context, new(loc, values))).Errno, Is.EqualTo(Errno.None));
        Assert.That((await _brick.Posix.SetxattrAsync(_brick.Context, new(loc, values, SetxattrFlags.Create))).Errno, Is.EqualTo(Errno.EEXIST));
        Assert.That((await _brick.Posix.SetxattrAsync(_brick.Context, new(loc, new() { ["user.b"] = XdataValue.Bytes([1]) }, SetxattrFlags.Replace))).Errno, Is.EqualTo(Errno.ENODATA));
        Assert.That((await _brick.Posix.GetxattrAsync(_brick.Context, new(loc, "user.a"))).Values!["user.a"].AsBytes(), Is.EqualTo("hello"u8.ToArray()));
        Assert.That((await _brick.Posix.GetxattrAsync(_brick.Context, new(loc, "user.z"))).Errno, Is.EqualTo(Errno.ENODATA));
        Assert.That((await _brick.Posix.GetxattrAsync(_brick.Context, new(loc))).Values!.Select(v => v.Key), Is.EqualTo(new[] { "user.a" }), "the brick's own are not listed");
        Assert.That((await _brick.Posix.RemovexattrAsync(_brick.Context, new(loc, "user.a"))).Errno, Is.EqualTo(Errno.None));
        Assert.That((await _brick.Posix.RemovexattrAsync(_brick.Context, new(loc, "user.a"))).Errno, Is.EqualTo(Errno.ENODATA));
    }

    [Test]
    public async Task The_bricks_own_attributes_are_out_of_reach()
    {
        var loc = Loc.Of(_file);
        var other = _brick.NewGfid();
        var name = TemporaryBrick.PathsOf(_brick.At("f")).Keys.Single();

        Assert.That((await _brick.Posix.SetxattrAsync(_brick.Context, new(loc, new() { ["trusted.gfid"] = XdataValue.Bytes(other.ToByteArray()) }))).Errno, Is.EqualTo(Errno.None), "dropped");
        Assert.That(TemporaryBrick.Xattr(_brick.At("f"), "trusted.gfid"), Is.EqualTo(_file.Gfid.ToByteArray()));
        Assert.That((await _brick.Posix.SetxattrAsync(_brick.Context, new(loc, new() { [name] = XdataValue.Bytes([1]) }))).Errno, Is.EqualTo(Errno.EOPNOTSUPP));
        Assert.That((await _brick.Posix.RemovexattrAsync(_brick.Context, new(loc, "trusted.gfid"))).Errno, Is.EqualTo(Errno.EPERM));
        Assert.That((await _brick.Posix.RemovexattrAsync(_brick.Context, new(loc, name))).Errno, Is.EqualTo(Errno.ENODATA));
        Assert.That((await _brick.Posix.GetxattrAsync(_brick.Context, new(loc, name))).Errno, Is.EqualTo(Errno.ENODATA));
        Assert.That((await _brick.Posix.GetxattrAsync(_brick.Context, new(loc, "trusted.glusterfs.mdata"))).Errno, Is.EqualTo(Errno.ENODATA));
        Assert.That((await _brick.Posix.XattropAsync(_brick.Context, new(loc, XattropKind.AddArray, new() { ["trusted.gfid"] = XdataValue.Bytes(new byte[16]) }))).Errno, Is.EqualTo(Errno.EPERM));

        var heal = _brick.Context with { Identity = new Caller { Pid = -6 } };
        Assert.That((await _brick.Posix.GetxattrAsync(heal, new(loc, "trusted.glusterfs.mdata"))).Values!["trusted.glusterfs.mdata"].AsBytes(), Has.Length.EqualTo(57));
    }

    [Test]
    public async Task All_names_of_a_file_are_told_as_paths()
    {
        var directory = await _brick.DirectoryAsync("d");
        await _brick.Posix.LinkAsync(_brick.Context, new(Loc.Of(_file), new(null, directory, "g")));

        var reply = await _brick.Posix.GetxattrAsync(_brick.Context, new(Loc.Of(_file), "glusterfs.gfidtopath"));

        Assert.That(reply.Values!["glusterfs.gfidtopath"].AsText()!.Split(':'), Is.EquivalentTo(new[] { "/f", "/d/g" }));
    }

    [Test]
    public async Task A_lookup_brings_what_its_xdata_asks_for()
    {
        var fd = await _brick.OpenAsync(_file);
        await _brick.WriteAsync(fd, 0, "small"u8.ToArray());
        TemporaryBrick.SetXattr(_brick.At("f"), "trusted.afr.v-client-0", new byte[12]);
        TemporaryBrick.SetXattr(_brick.At("f"), "trusted.afr.v-client-1", new byte[12]);

        var reply = await _brick.LookupAsync("f", xdata: new Xdata
        {
            ["gfid-req"] = XdataValue.Gfid(_brick.NewGfid()),
            ["glusterfs.content"] = XdataValue.UInt(65536),
            ["glusterfs.open-fd-count"] = XdataValue.UInt(0),
            ["trusted.glusterfs.mdata"] = XdataValue.Int(1),
            ["trusted.afr.*"] = XdataValue.Int(0),
            ["security.ima"] = XdataValue.Int(0),
            ["user.none"] = XdataValue.Int(0),
        });

        Assert.That(reply.Xdata!["glusterfs.content"].AsBytes(), Is.EqualTo("small"u8.ToArray()));
        Assert.That(reply.Xdata!["glusterfs.open-fd-count"].AsUInt, Is.EqualTo(1));
        Assert.That(reply.Xdata!["trusted.glusterfs.mdata"].AsBytes(), Has.Length.EqualTo(57));
        Assert.That(reply.Xdata!.Select(x => x.Key), Is.EquivalentTo(new[]
        {
            "glusterfs.content", "glusterfs.open-fd-count", "trusted.glusterfs.mdata", "trusted.afr.v-client-0", "trusted.afr.v-client-1",
        }));
        await _brick.CloseAsync(fd);
    }

    [Test]
    public async Task Content_is_not_handed_out_beyond_the_clients_wish_or_the_limit()
    {
        await _brick.FileAsync("big", new byte[(1 << 20) + 1]);

        var greedy = await _brick.LookupAsync("big", xdata: new() { ["glusterfs.content"] = XdataValue.UInt(ulong.MaxValue) });
        Assert.That(greedy.Xdata!.Contains("glusterfs.content"), Is.False);
        await _brick.FileAsync("small", new byte[10]);
        var modest = await _brick.LookupAsync("small", xdata: new() { ["glusterfs.content"] = XdataValue.UInt(9) });
        Assert.That(modest.Xdata!.Contains("glusterfs.content"), Is.False);
    }

    [Test]
    public async Task Changelogs_are_added_in_big_endian_lanes_and_zeros_only_ask()
    {
        const string Key = "trusted.afr.v-client-0";
        async Task<byte[]?> Add(params int[] lanes)
        {
            var operand = new byte[lanes.Length * 4];
            foreach (var (i, lane) in lanes.Index())
                BinaryPrimitives.WriteInt32BigEndian(operand.AsSpan(i * 4), lane);
            var reply = await _brick.Posix.XattropAsync(_brick.Context, new(Loc.Of(_file), XattropKind.AddArray, new() { [Key] = XdataValue.Bytes(operand) }));
            Assert.That(reply.Errno, Is.EqualTo(Errno.None));
            return reply.Values![Key].AsBytes();
        }

        Assert.That(await Add(0, 0, 0), Is.EqualTo(new byte[12]));
        Assert.That(TemporaryBrick.Xattr(_brick.At("f"), Key), Is.Null, "zeros create nothing");
        Assert.That(await Add(1, 0, 258), Is.EqualTo(Convert.FromHexString("000000010000000000000102")));
        Assert.That(await Add(-1, 2, 0), Is.EqualTo(Convert.FromHexString("000000000000000200000102")));
        Assert.That(TemporaryBrick.Xattr(_brick.At("f"), Key), Is.EqualTo(Convert.FromHexString("000000000000000200000102")));
        Assert.That(await Add(1), Is.EqualTo(Convert.FromHexString("00000001")), "the operand's length governs");
    }

    [TestCase(XattropKind.AddArray64, "0000000000000001", "00000000000000ff", "0000000000000100")]
    [TestCase(XattropKind.OrArray, "f0f0", "0f01", "fff1")]
    [TestCase(XattropKind.AndArray, "f0f0", "8f01", "8000")]
    [TestCase(XattropKind.AddArrayWithDefault, "00000000", "0000000300000007", "0000000a")]
    [TestCase(XattropKind.AddArrayWithDefault, "00000001", "0000000300000007", "00000004")]
    [TestCase(XattropKind.AddArray64WithDefault, "0000000000000000", "00000000000000030000000000000007", "000000000000000a")]
    public void Each_kind_of_arithmetic_combines_as_described(XattropKind kind, string stored, string operand, string result)
    {
        var value = Convert.FromHexString(stored);

        Assert.That(XattropFops.Combine(kind, value, Convert.FromHexString(operand)), Is.True);

        Assert.That(Convert.ToHexStringLower(value), Is.EqualTo(result));
    }

    [Test]
    public async Task Get_and_set_answers_the_old_value()
    {
        var loc = Loc.Of(_file);
        var operand = new Xdata { ["trusted.x"] = XdataValue.Bytes([1, 2, 3, 4]) };

        var first = await _brick.Posix.XattropAsync(_brick.Context, new(loc, XattropKind.GetAndSet, operand));
        Assert.That(first.Values!.Contains("trusted.x"), Is.False);
        var second = await _brick.Posix.XattropAsync(_brick.Context, new(loc, XattropKind.GetAndSet, new() { ["trusted.x"] = XdataValue.Bytes([9, 9, 9, 9]) }));
        Assert.That(second.Values!["trusted.x"].AsBytes(), Is.EqualTo(new byte[] { 1, 2, 3, 4 }));
    }

    [Test]
    public async Task Concurrent_additions_are_all_counted()
    {
        var operand = new Xdata { ["trusted.count"] = XdataValue.Bytes([0, 0, 0, 1]) };
        const int Each = 200;

        await Parallel.ForAsync(0, 4, async (_, _) =>
        {
            for (var i = 0; i < Each; i++)
                await _brick.Posix.XattropAsync(_brick.Context, new(Loc.Of(_file), XattropKind.AddArray, operand));
        });

        Assert.That(BinaryPrimitives.ReadInt32BigEndian(TemporaryBrick.Xattr(_brick.At("f"), "trusted.count")), Is.EqualTo(4 * Each));
    }
}
