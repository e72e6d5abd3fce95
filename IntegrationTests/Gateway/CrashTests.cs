using BlockProxy.IntegrationTests.Support;

namespace BlockProxy.IntegrationTests.Gateway;

/// <summary>
/// Processes die at any moment. <code>
/// client   write write write flush ............ write ...
/// gateway  ------------------------ X (kill -9)      start again --- check
/// brick    ---------------- X (kill -9)  start again ---------------- check
/// </code> What was acknowledged and flushed is there afterwards.
/// </summary>
public sealed class CrashTests
{
    private static string Tool => Path.Combine(AppContext.BaseDirectory, "tools", "acknowledged-writes.py");

    [Test]
    public async Task Killing_the_gateway_under_load_loses_no_flushed_write_on_stock_bricks([Values("single", "dist2")] string kind)
    {
        await RequireLibnbdAsync();
        var lab = await GlusterLab.SharedAsync();
        var volume = $"crash-{kind}";
        await lab.VolumeAsync(volume, kind);
        string[] serve =
        [
            "serve", "--volfile-server", GlusterLab.Address, "--nbd", $"{GlusterLab.Address}:11010", "--export", $"disk={volume}:/disk,size=64M,create",
        ];
        const string uri = "nbd://10.77.0.1:11010/disk";
        var journal = Path.Combine(lab.Root, "tmp", $"{volume}.journal");
        var gateway = await GatewayProcess.StartAsync(lab, serve);
        using (var writer = lab.Start("/usr/bin/python3", Tool, "write", uri, journal))
        {
            await UnderLoadAsync(writer);
            await gateway.KillAsync();
            await writer.WaitForExitAsync();
        }

        await gateway.DisposeAsync();
        await using var again = await GatewayProcess.StartAsync(lab, serve);
        var check = await lab.RunAsync("/usr/bin/python3", Tool, "check", uri, journal);

        Assert.That(check.ExitCode, Is.Zero, () => check.Output + check.Errors);
        Assert.That(await again.StopAsync(), Is.Zero);
    }

    [Test]
    public async Task Killing_a_brick_under_load_is_a_pause_and_loses_nothing([Values("single", "dist2")] string kind)
    {
        await RequireLibnbdAsync();
        var lab = await GlusterLab.SharedAsync();
        var volume = $"brickloss-{kind}";
        await lab.VolumeAsync(volume, kind);
        await using var gateway = await GatewayProcess.StartAsync(lab,
            "serve", "--volfile-server", GlusterLab.Address, "--nbd", $"{GlusterLab.Address}:11011", "--brick-wait", "60s",
            "--export", $"disk={volume}:/disk,size=64M,create");
        const string uri = "nbd://10.77.0.1:11011/disk";
        var journal = Path.Combine(lab.Root, "tmp", $"{volume}.journal");
        var brick = File.Exists(Path.Combine(lab.Brick(volume, 1), "disk")) ? 1 : 2;
        using (var writer = lab.Start("/usr/bin/python3", Tool, "write", uri, journal, "400"))
        {
            await UnderLoadAsync(writer);
            await lab.KillBrickAsync(volume, brick);
            await lab.RestartBricksAsync(volume);
            await writer.WaitForExitAsync();
            Assert.That(await writer.StandardOutput.ReadToEndAsync(), Is.Empty, "the writer saw an error");
        }

        var check = await lab.RunAsync("/usr/bin/python3", Tool, "check", uri, journal);

        Assert.That(check.Output, Does.Contain("400 rounds flushed, 0 blocks wrong"));
        Assert.That(gateway.Log, Has.Some.Contains("connected at").And.Some.Contains("lost"));
        Assert.That(await gateway.StopAsync(), Is.Zero);
    }

    [Test]
    public async Task Without_a_wait_a_lost_brick_is_an_error_at_once_and_io_goes_on_after_its_return()
    {
        await RequireLibnbdAsync();
        Command.Require("qemu-io");
        var lab = await GlusterLab.SharedAsync();
        await lab.VolumeAsync("nowait", "single");
        await using var gateway = await GatewayProcess.StartAsync(lab,
            "serve", "--volfile-server", GlusterLab.Address, "--nbd", $"{GlusterLab.Address}:11012", "--brick-wait", "0",
            "--export", "disk=nowait:/disk,size=16M,create");
        const string uri = "nbd://10.77.0.1:11012/disk";
        await lab.CheckAsync("qemu-io", "-f", "raw", "-c", "write -P 1 0 1M", "-c", "flush", uri);

        await lab.KillBrickAsync("nowait", 1);
        await gateway.WaitForLogAsync(line => line.Contains("graph 0 is down", StringComparison.Ordinal), TimeSpan.FromSeconds(30));
        var down = await lab.RunAsync("qemu-io", "-f", "raw", "-c", "write -P 2 0 1M", uri);
        await lab.RestartBricksAsync("nowait");
        await gateway.WaitForLogAsync(line => line.Contains("graph 0 is up", StringComparison.Ordinal) && gateway.Log.Count(l => l.Contains("graph 0 is up", StringComparison.Ordinal)) > 1, TimeSpan.FromSeconds(60));
        var up = await lab.RunAsync("qemu-io", "-f", "raw", "-c", "read -P 1 0 1M", "-c", "write -P 3 0 1M", "-c", "flush", "-c", "read -P 3 0 1M", uri);

        Assert.That(down.Output + down.Errors, Does.Contain("Input/output error"));
        Assert.That(up.ExitCode, Is.Zero, () => up.Output + up.Errors);
        Assert.That(up.Output, Does.Not.Contain("verification failed"));
        Assert.That(await gateway.StopAsync(), Is.Zero);
    }

    /// <summary>Completes when the writer has flushed its first twenty rounds.</summary>
    private static async Task UnderLoadAsync(System.Diagnostics.Process writer)
    {
        var line = await writer.StandardOutput.ReadLineAsync();
        Assert.That(line, Is.EqualTo("under load"));
    }

    private static async Task RequireLibnbdAsync()
    {
        Command.Require("python3", "kill");
        if ((await Command.RunAsync(["/usr/bin/python3", "-c", "import nbd"])).ExitCode != 0)
            Assert.Ignore("not installed: python3-libnbd");
    }
}
