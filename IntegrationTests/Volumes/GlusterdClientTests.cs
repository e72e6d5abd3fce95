using System.Net;
using BlockProxy.IntegrationTests.Support;
using BlockProxy.Proxy.Mgmt;
using Microsoft.Extensions.Logging.Abstractions;

namespace BlockProxy.IntegrationTests.Volumes;

[TestFixture]
public sealed class GlusterdClientTests
{
    [Test]
    public async Task Glusterd_gives_the_volfile_of_a_volume_and_tells_of_its_changes()
    {
        var lab = await GlusterLab.SharedAsync();
        await lab.VolumeAsync("single", "single");
        await using var client = Client(lab, "single");
        var changed = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.VolfileChanged += text => changed.TrySetResult(text);

        var answer = await client.FetchAsync(CancellationToken.None);
        client.Watch();
        await lab.SetOptionAsync("single", "network.ping-timeout", "33");
        var changedText = await changed.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.That(answer.Message, Is.Empty);
        Assert.That(answer.Text, Does.Contain("type protocol/client").And.Contain("option ping-timeout 42"));
        Assert.That(changedText, Does.Contain("option ping-timeout 33"));
    }

    [Test]
    public async Task A_volume_that_does_not_exist_is_said_to_be_so()
    {
        var lab = await GlusterLab.SharedAsync();
        await using var client = Client(lab, "nowhere");

        var answer = await client.FetchAsync(CancellationToken.None);

        Assert.That(answer.Error, Is.EqualTo(VolfileError.NoSuchVolume));
        Assert.That(answer.Message, Is.EqualTo("volfile server 10.77.0.1:24007 has no volume 'nowhere'"));
    }

    [Test]
    public async Task A_server_that_is_not_there_is_said_to_be_so()
    {
        var lab = await GlusterLab.SharedAsync();
        await using var client = new GlusterdClient(new DnsEndPoint(GlusterLab.Address, 9), "single", lab.Transport, TimeProvider.System, NullLogger.Instance);

        var answer = await client.FetchAsync(CancellationToken.None);

        Assert.That(answer.Error, Is.EqualTo(VolfileError.ServerNotThere));
        Assert.That(answer.Message, Does.Contain("10.77.0.1:9").And.Contain("connection refused"));
    }

    [Test]
    public async Task A_brick_is_not_taken_for_a_glusterd()
    {
        var lab = await GlusterLab.SharedAsync();
        await lab.VolumeAsync("single", "single");
        var port = int.Parse((await lab.CheckAsync("sh", "-c", "gluster volume status single --xml | sed -n 's:.*<port>\\([0-9]*\\)</port>.*:\\1:p' | head -n 1")).Trim(), System.Globalization.CultureInfo.InvariantCulture);
        await using var client = new GlusterdClient(new DnsEndPoint(GlusterLab.Address, port), "single", lab.Transport, TimeProvider.System, NullLogger.Instance);

        var answer = await client.FetchAsync(CancellationToken.None);

        Assert.That(answer.Error, Is.Not.EqualTo(VolfileError.None));
        Assert.That(answer.Message, Does.StartWith($"volfile server 10.77.0.1:{port}"));
    }

    private static GlusterdClient Client(GlusterLab lab, string volume) =>
        new(new DnsEndPoint(GlusterLab.Address, GlusterLab.GlusterdPort), volume, lab.Transport, TimeProvider.System, NullLogger.Instance);
}
