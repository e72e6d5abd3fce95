using BlockProxy.IntegrationTests.Support;

namespace BlockProxy.IntegrationTests.Gateway;

/// <summary>The Linux kernel's own NBD client, in a virtual machine, on the embedded disk.</summary>
public sealed class KernelClientTests
{
    private static readonly TimeSpan GuestTimeout = TimeSpan.FromMinutes(4);

    [Test]
    public async Task A_file_system_made_by_the_kernel_over_four_connections_is_clean_after_a_restart_of_the_gateway()
    {
        Command.Require("qemu-system-x86_64", "busybox", "nbd-client", "modprobe", "cpio", "mkfs.ext4");
        if (!Directory.Exists("/boot") || !Directory.EnumerateFiles("/boot", "vmlinuz-*").Any())
            Assert.Ignore("not installed: linux-image-amd64");
        var directory = Directory.CreateTempSubdirectory("blockproxy-guest-").FullName;
        try
        {
            var guest = Path.Combine(AppContext.BaseDirectory, "tools", "nbd-guest");
            (await Command.RunAsync(["bash", guest, "build", directory])).Expect();
            string[] gateway = ["--data", Path.Combine(directory, "store"), "--nbd", "127.0.0.1:11120"];

            await using (var first = await GatewayProcess.StartAsync(null, gateway))
            {
                var filled = await Command.RunAsync(["bash", guest, "fill", directory, "11120", "disk0"], GuestTimeout);
                Assert.That(filled.Output, Does.Contain("guest: ok"), () => filled.Output + filled.Errors);
                Assert.That(await first.StopAsync(), Is.Zero);
            }

            await using var second = await GatewayProcess.StartAsync(null, gateway);
            var check = await Command.RunAsync(["bash", guest, "check", directory, "11120", "disk0"], GuestTimeout);

            Assert.That(check.Output, Does.Contain("random: OK").And.Contain("guest: ok"), () => check.Output + check.Errors);
            Assert.That(await second.StopAsync(), Is.Zero);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
