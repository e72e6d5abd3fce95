using BlockProxy.IntegrationTests.Support;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.IntegrationTests.Volumes;

/// <summary>What our stack does on stock bricks, seen by a stock FUSE mount of the same volume, and the reverse.</summary>
[TestFixture]
public sealed class StockInteropTests
{
    [TestCase("single")]
    [TestCase("dist2")]
    [TestCase("dist4")]
    public async Task Files_written_by_us_are_read_by_a_stock_mount_and_the_reverse(string kind)
    {
        var (lab, mount) = await PrepareAsync(kind);
        await using var ours = await LabVolume.OpenAsync(lab, kind);
        Assert.That((await ours.MkdirAsync("/files")).Errno, Is.EqualTo(Errno.None));
        var random = new Random(7);

        for (var i = 0; i < 12; i++)
        {
            var content = new byte[random.Next(1, 3 << 20)];
            random.NextBytes(content);
            await ours.WriteFileAsync($"/files/ours{i}", content);
            Assert.That(await File.ReadAllBytesAsync($"{mount}/files/ours{i}"), Is.EqualTo(content), $"ours{i}");
            await File.WriteAllBytesAsync($"{mount}/files/theirs{i}", content);
            Assert.That(await ours.ReadFileAsync($"/files/theirs{i}"), Is.EqualTo(content), $"theirs{i}");
        }

        var stock = Directory.GetFileSystemEntries($"{mount}/files").Select(Path.GetFileName);
        Assert.That(await ours.ListAsync("/files"), Is.EquivalentTo(stock));
    }

    [TestCase("single")]
    [TestCase("dist2")]
    [TestCase("dist4")]
    public async Task Data_fops_do_on_a_stock_brick_what_they_say(string kind)
    {
        var (lab, mount) = await PrepareAsync(kind);
        await using var ours = await LabVolume.OpenAsync(lab, kind);
        var top = ours.Volume.Top;
        var fd = await ours.CreateAsync("/data");
        var file = $"{mount}/data";

        Assert.That((await top.FtruncateAsync(default, new FtruncateRequest(fd, 1 << 20))).Errno, Is.EqualTo(Errno.None));
        var block = Enumerable.Repeat((byte)0xa5, 256 << 10).ToArray();
        Assert.That((await top.WriteAsync(default, new WriteRequest(fd, 256 << 10, block))).Count, Is.EqualTo(block.Length));
        Assert.That((await top.ZerofillAsync(default, new ZerofillRequest(fd, 256 << 10, 4096))).Errno, Is.EqualTo(Errno.None));
        Assert.That((await top.DiscardAsync(default, new DiscardRequest(fd, 384 << 10, 64 << 10))).Errno, Is.EqualTo(Errno.None));
        var stat = await top.FstatAsync(default, new FstatRequest(fd));
        var data = await top.SeekAsync(default, new SeekRequest(fd, 0, SeekWhat.Data));
        var hole = await top.SeekAsync(default, new SeekRequest(fd, 300 << 10, SeekWhat.Hole));
        var beyond = await top.SeekAsync(default, new SeekRequest(fd, 4 << 20, SeekWhat.Data));
        Assert.That((await top.FsyncAsync(default, new FsyncRequest(fd, DataOnly: true))).Errno, Is.EqualTo(Errno.None));
        var tail = new byte[8192];
        var end = await top.ReadAsync(default, new ReadRequest(fd, (1 << 20) - 4096, tail));

        var expected = new byte[1 << 20];
        expected.AsSpan(256 << 10, block.Length).Fill(0xa5);
        expected.AsSpan(256 << 10, 4096).Clear();
        expected.AsSpan(384 << 10, 64 << 10).Clear();
        Assert.That(await File.ReadAllBytesAsync(file), Is.EqualTo(expected));
        Assert.That((stat.Errno, stat.Stat.Size), Is.EqualTo((Errno.None, 1UL << 20)));
        Assert.That((data.Errno, data.Offset), Is.EqualTo((Errno.None, 256L << 10)));
        Assert.That((hole.Errno, hole.Offset), Is.EqualTo((Errno.None, 384L << 10)));
        Assert.That(beyond.Errno, Is.EqualTo(Errno.ENXIO));
        Assert.That((end.Errno, end.Count, end.EndOfFile), Is.EqualTo((Errno.None, 4096, true)));
        await ours.Volume.CloseAsync(default, fd);
    }

    [Test]
    public async Task A_write_moves_the_modification_time()
    {
        var (lab, mount) = await PrepareAsync("single");
        await using var ours = await LabVolume.OpenAsync(lab, "single");
        await ours.WriteFileAsync("/times", new byte[10]);
        File.SetLastWriteTimeUtc($"{mount}/times", new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var before = DateTime.UtcNow.AddSeconds(-5);

        var fd = await ours.OpenFileAsync("/times");
        await ours.Volume.Top.WriteAsync(default, new WriteRequest(fd, 0, new byte[10]));
        await ours.Volume.CloseAsync(default, fd);

        Assert.That(File.GetLastWriteTimeUtc($"{mount}/times"), Is.GreaterThan(before));
    }

    /// <summary>A fresh directory tree: names of earlier tests are removed.</summary>
    private static async Task<(GlusterLab Lab, string Mount)> PrepareAsync(string kind)
    {
        var lab = await GlusterLab.SharedAsync();
        await lab.VolumeAsync(kind, kind);
        // The mount must show what the bricks have, not what it remembers.
        await lab.SetOptionAsync(kind, "performance.stat-prefetch", "off");
        await lab.SetOptionAsync(kind, "performance.quick-read", "off");
        var mount = await lab.MountAsync(kind);
        foreach (var entry in new[] { "files", "data", "times" })
            await lab.RunAsync("rm", "-rf", Path.Combine(lab.Root, "mnt", kind, entry));
        return (lab, mount);
    }
}
