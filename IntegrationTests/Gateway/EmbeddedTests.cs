using BlockProxy.IntegrationTests.Support;

namespace BlockProxy.IntegrationTests.Gateway;

/// <summary>The README's first command: a disk on embedded bricks, used by stock NBD clients, kept across restarts and crashes.</summary>
public sealed class EmbeddedTests
{
    private string _data = "";

    [SetUp]
    public void Make_a_data_directory() => _data = Directory.CreateTempSubdirectory("blockproxy-embedded-").FullName;

    [TearDown]
    public void Remove_it() => Directory.Delete(_data, recursive: true);

    [Test]
    public async Task A_file_system_made_through_nbdfuse_survives_a_restart()
    {
        Command.Require("nbdfuse", "mkfs.ext4", "debugfs", "fsck.ext4", "fusermount3", "sha256sum");
        const string uri = "nbd://127.0.0.1:11101/disk0";
        var mount = Directory.CreateDirectory(Path.Combine(_data, "mnt")).FullName;
        var image = Path.Combine(mount, "nbd");
        const string payload = "/usr/bin/qemu-img";
        Command.Require("qemu-img");
        await using (var first = await StartAsync(11101))
        {
            await MountedAsync(uri, mount, async () =>
            {
                (await Command.RunAsync(["mkfs.ext4", "-q", "-F", image])).Expect();
                (await Command.RunAsync(["debugfs", "-w", "-R", $"write {payload} payload", image])).Expect();
            });
            Assert.That(await first.StopAsync(), Is.Zero);
        }

        await using var second = await StartAsync(11101);
        await MountedAsync(uri, mount, async () =>
        {
            Assert.That((await Command.RunAsync(["fsck.ext4", "-f", "-n", image])).ExitCode, Is.Zero);
            var copy = Path.Combine(_data, "copy");
            (await Command.RunAsync(["debugfs", "-R", $"dump payload {copy}", image])).Expect();
            Assert.That(await File.ReadAllBytesAsync(copy), Is.EqualTo(await File.ReadAllBytesAsync(payload)));
        });
        Assert.That(await second.StopAsync(), Is.Zero);
    }

    [Test]
    public async Task A_real_image_is_the_same_after_conversion_and_restart()
    {
        Command.Require("qemu-img");
        var image = await DiskImage.Ext4Async();
        await using (var first = await StartAsync(11102, "--size", "256M"))
        {
            (await Command.RunAsync(["qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", image, "nbd://127.0.0.1:11102/disk0"])).Expect();
            Assert.That(await first.StopAsync(), Is.Zero);
        }

        await using var second = await StartAsync(11102);
        (await Command.RunAsync(["qemu-img", "compare", "-f", "raw", "-F", "raw", image, "nbd://127.0.0.1:11102/disk0"])).Expect();
        Assert.That(await second.StopAsync(), Is.Zero);
    }

    [Test]
    public async Task Killing_the_gateway_under_load_loses_no_flushed_write()
    {
        Command.Require("python3");
        var tool = Path.Combine(AppContext.BaseDirectory, "tools", "acknowledged-writes.py");
        var journal = Path.Combine(_data, "journal");
        const string uri = "nbd://127.0.0.1:11103/disk0";
        if ((await Command.RunAsync(["/usr/bin/python3", "-c", "import nbd"])).ExitCode != 0)
            Assert.Ignore("not installed: python3-libnbd");
        await using (var first = await StartAsync(11103))
        using (var writer = Command.Start(["/usr/bin/python3", tool, "write", uri, journal]))
        {
            Assert.That(await writer.StandardOutput.ReadLineAsync(), Is.EqualTo("under load"));
            await first.KillAsync();
            await writer.WaitForExitAsync();
        }

        await using var second = await StartAsync(11103);
        var check = await Command.RunAsync(["/usr/bin/python3", tool, "check", uri, journal]);

        Assert.That(check.ExitCode, Is.Zero, () => check.Output + check.Errors);
        Assert.That(await second.StopAsync(), Is.Zero);
    }

    [Test]
    public async Task Random_writes_at_depth_32_verify()
    {
        Command.Require("fio");
        await using var gateway = await StartAsync(11104);

        var result = await Command.RunAsync(
        [
            "fio", "--name=verify", "--ioengine=nbd", "--uri=nbd://127.0.0.1:11104/disk0", "--rw=randrw", "--bs=4k", "--iodepth=32", "--size=64M", "--io_size=48M",
            "--verify=crc32c", "--verify_state_save=0", "--randseed=7",
        ]);

        Assert.That(result.ExitCode, Is.Zero, () => result.Output + result.Errors);
        Assert.That(await gateway.StopAsync(), Is.Zero);
    }

    [Test]
    public async Task A_second_gateway_on_the_same_data_is_refused()
    {
        await using var first = await StartAsync(11105);

        var second = await GatewayProcess.RunAsync(null, "--data", Path.Combine(_data, "store"), "--nbd", "127.0.0.1:11106");

        Assert.That(second.ExitCode, Is.EqualTo(1));
        Assert.That(second.Errors, Does.Contain("is in use by another blockproxy; give this one another with --data DIR"));
        Assert.That(await first.StopAsync(), Is.Zero);
    }

    [Test]
    public async Task A_brick_alone_stops_on_SIGTERM_with_exit_code_0()
    {
        await using var brick = await GatewayProcess.StartAsync(null, "brick", "--dir", Path.Combine(_data, "brick"), "--listen", "127.0.0.1:11108");

        Assert.That(await brick.StopAsync(), Is.Zero);
    }

    [Test]
    public async Task An_existing_disk_is_not_resized_silently()
    {
        await using (var first = await StartAsync(11107, "--size", "64M"))
            Assert.That(await first.StopAsync(), Is.Zero);

        var other = await GatewayProcess.RunAsync(null, "--data", Path.Combine(_data, "store"), "--size", "128M");

        Assert.That(other.ExitCode, Is.EqualTo(1));
        Assert.That(other.Errors, Does.Contain("blockproxy: export 'disk0': embedded:/disk0 exists with 67108864 bytes, not the 134217728 that 'size' asks for"));
    }

    private Task<GatewayProcess> StartAsync(int port, params string[] more) =>
        GatewayProcess.StartAsync(null, ["--data", Path.Combine(_data, "store"), "--nbd", $"127.0.0.1:{port}", .. more]);

    /// <summary>Runs something while nbdfuse shows the disk as a file.</summary>
    private static async Task MountedAsync(string uri, string mount, Func<Task> work)
    {
        var pidFile = Path.Combine(Path.GetDirectoryName(mount)!, $"nbdfuse-{Guid.NewGuid():N}.pid");
        using var nbdfuse = Command.Start(["nbdfuse", "-P", pidFile, mount, uri]);
        using var watcher = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        // nbdfuse writes its pid file when the mount is ready.
        while (!File.Exists(pidFile) && !nbdfuse.HasExited)
            await Task.Delay(20, watcher.Token);
        Assert.That(nbdfuse.HasExited, Is.False, "nbdfuse could not mount");
        try
        {
            await work();
        }
        finally
        {
            (await Command.RunAsync(["fusermount3", "-u", mount])).Expect();
            await nbdfuse.WaitForExitAsync(watcher.Token);
        }
    }
}
