using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Data;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Posix;

public sealed class DataFopTests
{
    private const uint DSync = 0x1000; // O_DSYNC in a WRITE's flag

    private TemporaryBrick _brick = null!;

    [SetUp]
    public void Start() => _brick = TemporaryBrick.Start();

    [TearDown]
    public ValueTask Stop() => _brick.DisposeAsync();

    [Test]
    public async Task A_read_says_where_the_file_ends()
    {
        var fd = await _brick.CreateAsync("f");
        await _brick.WriteAsync(fd, 0, "0123456789"u8.ToArray());

        var memory = new byte[4];
        var inside = await _brick.Posix.ReadAsync(_brick.Context, new(fd, 0, memory));
        var across = await _brick.Posix.ReadAsync(_brick.Context, new(fd, 8, memory));
        var behind = await _brick.Posix.ReadAsync(_brick.Context, new(fd, 100, memory));

        Assert.That((inside.Count, inside.EndOfFile), Is.EqualTo((4, false)));
        Assert.That((across.Count, across.EndOfFile), Is.EqualTo((2, true)));
        Assert.That((behind.Count, behind.EndOfFile, behind.Stat.Size), Is.EqualTo((0, true, 10ul)));
        await _brick.CloseAsync(fd);
    }

    [TestCase(0u)]
    [TestCase(DSync)]
    public async Task A_write_answers_the_attributes_before_and_after(uint flag)
    {
        var fd = await _brick.CreateAsync("f");
        _brick.Context = _brick.Context with { Times = FopTimes.Ctime | FopTimes.Mtime, Time = new(2000, 7) };

        var reply = await _brick.WriteAsync(fd, 4096, new byte[4096], flag);

        Assert.That((reply.Errno, reply.Count, reply.Pre.Size, reply.Post.Size), Is.EqualTo((Errno.None, 4096, 0ul, 8192ul)));
        Assert.That((reply.Post.Gfid, reply.Post.Ino, reply.Post.Nlink), Is.EqualTo((fd.Inode.Gfid, fd.Inode.Gfid.Low, 1u)));
        Assert.That((reply.Pre.Mtime, reply.Post.Mtime, reply.Post.Atime), Is.EqualTo((new Timespec(1000, 5), new Timespec(2000, 7), new Timespec(1000, 5))));
        Assert.That((ulong)reply.Post.Fields, Is.EqualTo(0x17ff));
        await _brick.CloseAsync(fd);
    }

    [Test]
    public async Task An_anonymous_fd_reads_and_writes_by_gfid_and_keeps_at_most_so_many_files_open()
    {
        await _brick.DisposeAsync();
        _brick = TemporaryBrick.Start(o => o with { FdCacheLimit = 3 });
        List<Inode> files = [];
        for (var i = 0; i < 10; i++)
            files.Add(await _brick.FileAsync($"f{i}"));
        var before = OpenFiles();

        for (var round = 0; round < 2; round++)
        {
            foreach (var (i, file) in files.Index())
                Assert.That((await _brick.WriteAsync(Fd.Anonymous(file), round, [(byte)i])).Errno, Is.EqualTo(Errno.None));
        }

        Assert.That(OpenFiles() - before, Is.LessThanOrEqualTo(3));
        foreach (var (i, file) in files.Index())
            Assert.That(await _brick.ReadAsync(Fd.Anonymous(file), 0, 10), Is.EqualTo(new[] { (byte)i, (byte)i }));
    }

    [Test]
    public async Task An_anonymous_fd_does_not_keep_a_removed_file()
    {
        var file = await _brick.FileAsync("f", "x"u8.ToArray());
        await _brick.ReadAsync(Fd.Anonymous(file), 0, 1);
        await _brick.UnlinkAsync("f");

        Assert.That((await _brick.WriteAsync(Fd.Anonymous(file), 0, [1])).Errno, Is.EqualTo(Errno.ESTALE));
    }

    [Test]
    public async Task An_fd_that_was_never_opened_is_a_bad_one()
    {
        var file = await _brick.FileAsync("f");

        Assert.That((await _brick.WriteAsync(new Fd(file, OpenFlags.ReadWrite), 0, [1])).Errno, Is.EqualTo(Errno.EBADF));
        var open = await _brick.OpenAsync(file, OpenFlags.ReadOnly);
        Assert.That((await _brick.WriteAsync(open, 0, [1])).Errno, Is.EqualTo(Errno.EBADF), "opened for reading");
        await _brick.CloseAsync(open);
        Assert.That((await _brick.WriteAsync(open, 0, [1])).Errno, Is.EqualTo(Errno.EBADF), "closed");
        Assert.That((await _brick.CloseAsync(open)).Errno, Is.EqualTo(Errno.None), "closing twice does no harm");
    }

    [Test]
    public async Task Direct_files_want_aligned_offsets_and_take_payloads_of_any_memory()
    {
        var fd = await _brick.CreateAsync("f", flags: OpenFlags.ReadWrite | OpenFlags.Direct);
        var data = new byte[600 * 1024]; // more than one piece of aligned memory
        new Random(1).NextBytes(data);

        var first = await _brick.WriteAsync(fd, 4096, data);
        if (first.Errno == Errno.EINVAL)
            Assert.Ignore("this file system has no O_DIRECT");
        Assert.That((first.Errno, first.Count), Is.EqualTo((Errno.None, data.Length)));
        Assert.That((await _brick.WriteAsync(fd, 3, new byte[100])).Errno, Is.EqualTo(Errno.EINVAL));
        Assert.That(await _brick.ReadAsync(fd, 4096, data.Length), Is.EqualTo(data));
        await _brick.CloseAsync(fd);
    }

    [Test]
    public async Task Opening_with_truncate_empties_the_file()
    {
        var file = await _brick.FileAsync("f", "content"u8.ToArray());
        await _brick.CloseAsync(await _brick.OpenAsync(file, OpenFlags.ReadWrite | OpenFlags.Truncate));

        Assert.That((await _brick.LookupAsync("f")).Stat.Size, Is.Zero);
    }

    [Test]
    public async Task Space_is_allocated_punched_zeroed_and_found()
    {
        var fd = await _brick.CreateAsync("f");
        await _brick.WriteAsync(fd, 0, Enumerable.Repeat((byte)7, 1 << 20).ToArray());

        var punched = await _brick.Posix.DiscardAsync(_brick.Context, new(fd, 256 << 10, 256 << 10));
        if (punched.Errno == Errno.EOPNOTSUPP)
            Assert.Ignore("this file system punches no holes");
        Assert.That(punched.Post.Blocks, Is.LessThan(punched.Pre.Blocks));
        Assert.That((await _brick.ReadAsync(fd, (256 << 10) - 1, 2)), Is.EqualTo(new byte[] { 7, 0 }));
        Assert.That((await _brick.Posix.SeekAsync(_brick.Context, new(fd, 0, SeekWhat.Hole))).Offset, Is.EqualTo(256 << 10));
        Assert.That((await _brick.Posix.SeekAsync(_brick.Context, new(fd, 300 << 10, SeekWhat.Data))).Offset, Is.EqualTo(512 << 10));
        Assert.That((await _brick.Posix.SeekAsync(_brick.Context, new(fd, 2 << 20, SeekWhat.Data))).Errno, Is.EqualTo(Errno.ENXIO));

        var zeroed = await _brick.Posix.ZerofillAsync(_brick.Context, new(fd, (1 << 20) - 100, 200));
        Assert.That((zeroed.Errno, zeroed.Post.Size), Is.EqualTo((Errno.None, (1ul << 20) + 100)), "it extends the file");
        Assert.That(await _brick.ReadAsync(fd, (1 << 20) - 101, 300), Is.EqualTo(new byte[] { 7 }.Concat(new byte[200])));

        var kept = await _brick.Posix.FallocateAsync(_brick.Context, new(fd, FallocateFlags.KeepSize, 2 << 20, 4096));
        Assert.That((kept.Errno, kept.Post.Size), Is.EqualTo((Errno.None, kept.Pre.Size)));
        var grown = await _brick.Posix.FallocateAsync(_brick.Context, new(fd, FallocateFlags.None, 2 << 20, 4096));
        Assert.That(grown.Post.Size, Is.EqualTo((2ul << 20) + 4096));
        await _brick.CloseAsync(fd);
    }

    [Test]
    public async Task Appending_and_atomic_writes_report_what_was_asked()
    {
        var fd = await _brick.CreateAsync("f");
        var asked = new Xdata
        {
            ["glusterfs.write-is-append"] = XdataValue.Int(0),
            ["glusterfs.open-fd-count"] = XdataValue.Int(0),
            ["glusterfs.write-update-atomic"] = XdataValue.Int(1),
        };

        var first = await _brick.WriteAsync(fd, 0, new byte[10], xdata: asked);
        var again = await _brick.WriteAsync(fd, 0, new byte[10], xdata: asked);

        Assert.That(first.Xdata!["glusterfs.write-is-append"].AsUInt, Is.EqualTo(1));
        Assert.That(again.Xdata!["glusterfs.write-is-append"].AsUInt, Is.Zero);
        Assert.That(again.Xdata!["glusterfs.open-fd-count"].AsUInt, Is.EqualTo(1));
        await _brick.CloseAsync(fd);
    }

    [Test]
    public async Task Checksums_are_the_rolling_sum_over_signed_bytes_and_sha_256()
    {
        var fd = await _brick.CreateAsync("f");
        byte[] data = [1, 0xff, 3, 0x80];
        await _brick.WriteAsync(fd, 0, data);

        var reply = await _brick.Posix.RchecksumAsync(_brick.Context, new(fd, 0, 4096, new Xdata { ["check-zero-filled"] = XdataValue.Int(1) }));

        // sums: 1, 0, 3, -125; of those: 1, 1, 4, -121
        Assert.That(reply.Weak, Is.EqualTo(unchecked(((uint)-125 & 0xffff) + ((uint)-121 << 16))));
        Assert.That(reply.Strong, Is.EqualTo(System.Security.Cryptography.SHA256.HashData(data)));
        Assert.That(reply.Xdata!["buf-has-zeroes"].AsUInt, Is.Zero);
        Assert.That(reply.Xdata!["fips-mode-rchecksum"].AsInt, Is.EqualTo(1));
        Assert.That(ChecksumFops.Weak(new byte[4096]), Is.Zero);
        await _brick.CloseAsync(fd);
    }

    [Test]
    public async Task A_full_reserve_refuses_new_data_but_not_what_is_there_already()
    {
        await _brick.DisposeAsync();
        _brick = TemporaryBrick.Start(o => o with { Reserve = 99.99 }); // nearly everything is to be kept free
        var heal = _brick.Context with { Identity = new Caller { Pid = -6 } };
        var fd = new Fd(_brick.Inodes.Get(_brick.NewGfid()), OpenFlags.ReadWrite);
        var xdata = TemporaryBrick.Requesting(fd.Inode.Gfid);
        var loc = new Loc(fd.Inode, _brick.Root, "f");

        Assert.That((await _brick.Posix.CreateAsync(_brick.Context, new(loc, fd, OpenFlags.ReadWrite, 0x1a4, Xdata: xdata))).Errno, Is.EqualTo(Errno.ENOSPC));
        Assert.That((await _brick.Posix.CreateAsync(heal, new(loc, fd, OpenFlags.ReadWrite, 0x1a4, Xdata: xdata))).Errno, Is.EqualTo(Errno.None));
        Assert.That((await _brick.Posix.WriteAsync(heal, new(fd, 0, new byte[8192]))).Errno, Is.EqualTo(Errno.None));
        Assert.That((await _brick.Posix.FsyncAsync(heal, new(fd))).Errno, Is.EqualTo(Errno.None)); // so that its blocks are allocated
        Assert.That((await _brick.WriteAsync(fd, 4096, new byte[4096])).Errno, Is.EqualTo(Errno.None));
        Assert.That((await _brick.WriteAsync(fd, 8192, new byte[4096])).Errno, Is.EqualTo(Errno.ENOSPC));
        await _brick.CloseAsync(fd);
    }

    [Test]
    public async Task Totals_leave_the_reserve_out_and_are_shared_between_bricks()
    {
        var all = (await _brick.Posix.StatfsAsync(_brick.Context, new(Loc.Of(_brick.Root)))).StatFs;
        await _brick.RestartAsync(o => o with { Reserve = 10, SharedBrickCount = 2 });
        var half = (await _brick.Posix.StatfsAsync(_brick.Context, new(Loc.Of(_brick.Root)))).StatFs;

        Assert.That(half.Blocks, Is.EqualTo(all.Blocks / 2));
        var expected = (all.BlocksFree - (all.Blocks * 0.10)) / 2;
        Assert.That((double)half.BlocksFree, Is.EqualTo(expected).Within(all.Blocks * 0.01));
        Assert.That(half.NameMax, Is.EqualTo(255));
    }

    [Test]
    public async Task Copying_between_files_leaves_the_sources_time_stamps_alone()
    {
        var source = await _brick.CreateAsync("s");
        var target = await _brick.CreateAsync("t");
        await _brick.WriteAsync(source, 0, "copied"u8.ToArray());
        _brick.Context = _brick.Context with { Times = FopTimes.Ctime | FopTimes.Mtime, Time = new(5000, 0) };

        var reply = await _brick.Posix.CopyFileRangeAsync(_brick.Context, new(source, 1, target, 3, 4));

        if (reply.Errno == Errno.EXDEV)
            Assert.Ignore("this file system copies no ranges");
        Assert.That((reply.Errno, reply.Count, reply.PostDestination.Size), Is.EqualTo((Errno.None, 4, 7ul)));
        Assert.That((reply.Source.Mtime.Seconds, reply.PostDestination.Mtime.Seconds), Is.EqualTo((1000, 5000)));
        Assert.That(await _brick.ReadAsync(target, 0, 10), Is.EqualTo("\0\0\0opie"u8.ToArray()));
        await _brick.CloseAsync(source);
        await _brick.CloseAsync(target);
    }

    [TestCase(0, TestName = "A_4_KiB_write_and_read_on_the_callers_thread_allocate_nothing")]
    [TestCase(1, TestName = "A_4_KiB_write_and_read_through_the_executor_allocate_nothing")]
    public async Task A_4_KiB_write_and_read_allocate_nothing(int offset)
    {
        _brick.Clock.EverythingIsFast = true;
        var fd = await _brick.CreateAsync("f");
        var data = new byte[4096];
        var context = _brick.Context with { Times = FopTimes.Ctime | FopTimes.Mtime };
        for (var i = 0; i < 100; i++)
            Run(i);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 100; i < 1100; i++)
            Run(i);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(allocated, Is.Zero);
        await _brick.CloseAsync(fd);

        void Run(int i)
        {
            var write = _brick.Posix.WriteAsync(context with { Time = new(2000 + i, 0) }, new(fd, offset, data));
            var read = _brick.Posix.ReadAsync(context with { Times = offset == 0 ? FopTimes.None : FopTimes.Atime }, new(fd, offset, data));
            if (write.Result.Errno != Errno.None || read.Result.Errno != Errno.None)
                throw new InvalidOperationException("the fop failed");
        }
    }

    private static int OpenFiles() => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();
}
