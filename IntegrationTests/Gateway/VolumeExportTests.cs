using BlockProxy.IntegrationTests.Support;

namespace BlockProxy.IntegrationTests.Gateway;

/// <summary>Files on volumes of stock bricks, served over NBD to stock clients, and seen by stock GlusterFS clients at the same time.</summary>
[TestFixture("single", 11001)]
[TestFixture("dist2", 11002)]
[TestFixture("dist4", 11003)]
public sealed class VolumeExportTests(string kind, int port)
{
    private GlusterLab _lab = null!;
    private GatewayProcess _gateway = null!;

    private string Volume => $"export-{kind}";

    private string Uri(string export) => $"nbd://{GlusterLab.Address}:{port}/{export}";

    [OneTimeSetUp]
    public async Task Start_a_volume_and_a_gateway()
    {
        Command.Require("qemu-img", "qemu-io", "nbdinfo", "nbdcopy", "fio");
        _lab = await GlusterLab.SharedAsync();
        await _lab.VolumeAsync(Volume, kind);
        await _lab.SetOptionAsync(Volume, "server.allow-insecure", "on");
        var mount = await _lab.MountAsync(Volume);
        Directory.CreateDirectory(Path.Combine(mount, "images"));
        await File.WriteAllBytesAsync(Path.Combine(mount, "images", "written-by-fuse"), Pattern(3 << 20));
        _gateway = await GatewayProcess.StartAsync(_lab,
            "serve", "--volfile-server", GlusterLab.Address, "--nbd", $"{GlusterLab.Address}:{port}",
            "--export", $"disk0={Volume}:/images/disk0,size=256M,create",
            "--export", $"scratch={Volume}:/images/scratch,size=64M,create",
            "--export", $"fuse={Volume}:/images/written-by-fuse,ro");
    }

    [OneTimeTearDown]
    public async Task Stop_the_gateway()
    {
        if (_gateway is null)
            return;
        var exit = await _gateway.StopAsync();
        await _gateway.DisposeAsync();
        Assert.That(exit, Is.Zero, () => string.Join('\n', _gateway.Log));
    }

    [Test]
    public async Task A_real_image_converted_onto_the_disk_is_the_same_for_every_stock_reader()
    {
        var image = await DiskImage.Ext4Async();

        await _lab.CheckAsync("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", image, Uri("disk0"));

        await _lab.CheckAsync("qemu-img", "compare", "-f", "raw", "-F", "raw", image, Uri("disk0"));
        var mount = await _lab.MountAsync(Volume);
        await Command.RunAsync(["cmp", image, Path.Combine(mount, "images", "disk0")]).ContinueWith(t => t.Result.Expect(), TaskScheduler.Default);
        if (File.Exists("/usr/lib/x86_64-linux-gnu/qemu/block-gluster.so"))
            await _lab.CheckAsync("qemu-img", "compare", "-f", "raw", "-F", "raw", image, $"gluster://{GlusterLab.Address}/{Volume}/images/disk0");
        else
            Assert.Ignore("not installed: qemu-block-extra (all but qemu's gluster:// driver agreed)");
    }

    [Test]
    public async Task A_file_written_by_a_stock_fuse_mount_is_read_through_the_export()
    {
        var copy = Path.Combine(_lab.Root, "tmp", $"{Volume}-copy");

        await _lab.CheckAsync("nbdcopy", Uri("fuse"), copy);

        Assert.That(await File.ReadAllBytesAsync(copy), Is.EqualTo(Pattern(3 << 20)));
    }

    [Test]
    public async Task A_read_only_export_refuses_writes()
    {
        var info = await _lab.CheckAsync("nbdinfo", Uri("fuse"));
        var write = await _lab.RunAsync("qemu-io", "-f", "raw", "-c", "write 0 4k", Uri("fuse"));

        Assert.That(info, Does.Contain("is_read_only: true"));
        Assert.That(write.ExitCode, Is.Not.Zero);
    }

    [Test]
    public async Task Random_writes_at_depth_32_verify()
    {
        var result = await _lab.RunAsync(
            "fio", "--name=verify", "--ioengine=nbd", $"--uri={Uri("scratch")}", "--rw=randrw", "--bs=4k", "--iodepth=32", "--size=64M", "--io_size=48M",
            "--verify=crc32c", "--verify_state_save=0", "--randseed=7");

        Assert.That(result.ExitCode, Is.Zero, () => result.Output + result.Errors);
    }

    [Test]
    public async Task Holes_are_described_as_holes_and_discards_make_them()
    {
        await _lab.CheckAsync("qemu-io", "-f", "raw", "-c", "discard 0 64M", "-c", "write -P 5 16M 1M", "-c", "flush", Uri("scratch"));
        var map = await _lab.CheckAsync("nbdinfo", "--map", "--totals", Uri("scratch"));
        await _lab.CheckAsync("qemu-io", "-f", "raw", "-c", "read -P 0 0 16M", "-c", "read -P 5 16M 1M", "-c", "read -P 0 17M 16M", Uri("scratch"));

        Assert.That(map, Does.Match(@"66060288\s+98\.4%\s+3").And.Match(@"1048576\s+1\.6%\s+0"));
    }

    /// <summary>Bytes that differ from block to block, the same in every run.</summary>
    private static byte[] Pattern(int length)
    {
        var bytes = new byte[length];
        new Random(42).NextBytes(bytes);
        return bytes;
    }
}
