using System.Net;

namespace BlockProxy.IntegrationTests.Support;

[TestFixture]
public sealed class GlusterLabTests
{
    [Test]
    public async Task A_lab_runs_a_volume_that_commands_mounts_and_sockets_of_this_process_reach()
    {
        var lab = await GlusterLab.SharedAsync();
        await lab.VolumeAsync("single", "single");

        var listed = await lab.CheckAsync("gluster", "volume", "list");
        var mount = await lab.MountAsync("single");
        await File.WriteAllTextAsync(Path.Combine(mount, "hello"), "hello");
        using var glusterd = await lab.Transport.ConnectAsync(new DnsEndPoint(GlusterLab.Address, GlusterLab.GlusterdPort), CancellationToken.None);

        Assert.That(listed, Does.Contain("single"));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(lab.Brick("single", 1), "hello")), Is.EqualTo("hello"));
        Assert.That(glusterd.RemoteName, Does.Contain("24007"));
    }
}
