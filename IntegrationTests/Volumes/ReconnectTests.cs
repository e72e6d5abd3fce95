using BlockProxy.IntegrationTests.Support;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.IntegrationTests.Volumes;

/// <summary>A brick's process dies and comes back while our stack uses it.</summary>
[TestFixture]
public sealed class ReconnectTests
{
    private const int BlockBytes = 4096;
    private const int Blocks = 256;

    [Test]
    public async Task Writes_wait_for_a_brick_that_is_killed_and_restarted_and_nothing_acknowledged_is_lost([Values("single", "dist2")] string kind)
    {
        var lab = await GlusterLab.SharedAsync();
        await lab.VolumeAsync(kind, kind);
        await using var ours = await LabVolume.OpenAsync(lab, kind, reconnectWait: "60");
        await lab.RunAsync("rm", "-f", lab.Brick(kind, 1) + "/wait");
        var path = await NameOnFirstBrickAsync(lab, ours, kind, "wait");
        var fd = await ours.OpenFileAsync(path);
        var acknowledged = new int[Blocks];
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 8).Select(w => WriteAsync(ours, fd, w, acknowledged, stop.Token)).ToArray();

        for (var round = 0; round < 2; round++)
        {
            var seen = acknowledged.Sum();
            await UntilAsync(() => acknowledged.Sum() > seen + 200);
            await lab.KillBrickAsync(kind, 1);
            await lab.RestartBricksAsync(kind);
            var after = acknowledged.Sum();
            await UntilAsync(() => acknowledged.Sum() > after + 200);
        }

        await stop.CancelAsync();
        var errors = (await Task.WhenAll(writers)).Where(e => e != Errno.None).ToList();
        Assert.That((await ours.Volume.Top.FsyncAsync(default, new FsyncRequest(fd))).Errno, Is.EqualTo(Errno.None));
        var content = await File.ReadAllBytesAsync(lab.Brick(kind, 1) + path);

        Assert.That(errors, Is.Empty);
        for (var block = 0; block < Blocks; block++)
        {
            if (acknowledged[block] > 0)
                Assert.That(BitConverter.ToInt32(content, block * BlockBytes), Is.EqualTo(acknowledged[block]), $"block {block}");
        }
    }

    [Test]
    public async Task Without_a_wait_fops_fail_at_once_and_the_same_fd_works_again_after_the_reconnect()
    {
        var lab = await GlusterLab.SharedAsync();
        await lab.VolumeAsync("single", "single");
        await using var ours = await LabVolume.OpenAsync(lab, "single");
        await lab.RunAsync("rm", "-f", lab.Brick("single", 1) + "/nowait");
        var fd = await ours.CreateAsync("/nowait");

        await lab.KillBrickAsync("single", 1);
        await UntilAsync(() => ours.Clients.All(c => !c.IsConnected));
        var away = await ours.Volume.Top.WriteAsync(default, new WriteRequest(fd, 0, new byte[] { 1 }));
        await lab.RestartBricksAsync("single");
        await ours.WhenAllConnectedAsync();
        var back = await ours.Volume.Top.WriteAsync(default, new WriteRequest(fd, 0, new byte[] { 2 }));
        var size = await ours.Volume.Top.FstatAsync(default, new FstatRequest(fd));

        Assert.That(away.Errno, Is.EqualTo(Errno.ENOTCONN));
        Assert.That((back.Errno, back.Count), Is.EqualTo((Errno.None, 1)));
        Assert.That((size.Errno, size.Stat.Size), Is.EqualTo((Errno.None, 1UL)));
    }

    private static async Task<Errno> WriteAsync(LabVolume volume, Fd fd, int writer, int[] acknowledged, CancellationToken stop)
    {
        var block = new byte[BlockBytes];
        for (var sequence = 1; !stop.IsCancellationRequested; sequence++)
        {
            for (var at = writer; at < Blocks; at += 8)
            {
                BitConverter.TryWriteBytes(block, sequence);
                var reply = await volume.Volume.Top.WriteAsync(default, new WriteRequest(fd, at * BlockBytes, block));
                if (reply.Errno != Errno.None)
                    return reply.Errno;
                Volatile.Write(ref acknowledged[at], sequence);
            }
        }

        return Errno.None;
    }

    private static async Task<string> NameOnFirstBrickAsync(GlusterLab lab, LabVolume volume, string kind, string prefix)
    {
        for (var i = 0; ; i++)
        {
            var path = $"/{prefix}{i}";
            if (await volume.LookupAsync(path) == Errno.ENOENT)
                await volume.WriteFileAsync(path, [0]);
            if (File.Exists(lab.Brick(kind, 1) + path))
                return path;
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
            await poll.WaitForNextTickAsync(deadline.Token);
    }
}
