using BlockProxy.IntegrationTests.Support;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.IntegrationTests.Volumes;

/// <summary>cluster/distribute against stock bricks, compared with what a stock client makes of the same names.</summary>
[TestFixture]
public sealed class DistributeTests
{
    private GlusterLab _lab = null!;
    private string _mount = "";

    // First: after the rebalance below, stock clients write its commit hash into new layouts, and ours leave it 0, which only costs them a wider lookup.
    [Test]
    [Order(1)]
    public async Task The_layout_of_a_directory_made_by_us_is_that_of_a_stock_client_byte_for_byte([Values("dist2", "dist4")] string kind)
    {
        await PrepareAsync(kind);
        await using var ours = await LabVolume.OpenAsync(_lab, kind);

        for (var i = 0; i < 6; i++)
        {
            var path = $"/layouts/sub{i}";
            Assert.That((await ours.MkdirAsync(path)).Errno, Is.EqualTo(Errno.None));
            var byUs = await XattrsAsync(kind, path);
            await _lab.CheckAsync("rmdir", Inside(kind, path));
            await _lab.CheckAsync("mkdir", Inside(kind, path));
            var byStock = await XattrsAsync(kind, path);

            Assert.That(byUs, Is.EqualTo(byStock), path);
        }
    }

    [Test]
    public async Task Every_name_lies_on_the_brick_where_a_stock_client_puts_it([Values("dist2", "dist4")] string kind)
    {
        await PrepareAsync(kind);
        await using var ours = await LabVolume.OpenAsync(_lab, kind);
        string[] names = ["a", "plain.txt", ".rsync.txt.Ab12Cd", "..hidden", ".x", "fünf", "中文名字", new string('n', 200), "with space", .. Enumerable.Range(0, 40).Select(i => $"f{i}")];

        foreach (var name in names)
        {
            await ours.WriteFileAsync($"/layouts/{name}", [1]);
            var byUs = Holders(kind, $"/layouts/{name}");
            File.Delete($"{_mount}/layouts/{name}");
            await File.WriteAllBytesAsync($"{_mount}/layouts/{name}", [1]);

            Assert.That(byUs, Is.EqualTo(Holders(kind, $"/layouts/{name}")), name);
        }
    }

    [Test]
    public async Task Names_renamed_linked_and_removed_by_us_leave_the_bricks_as_a_stock_client_does([Values("dist2", "dist4")] string kind)
    {
        await PrepareAsync(kind);
        await using var ours = await LabVolume.OpenAsync(_lab, kind);
        Assert.That((await ours.MkdirAsync("/layouts/ours")).Errno, Is.EqualTo(Errno.None));
        // The same names in two directories with the same layout: one is worked on by us, the other by the stock mount.
        await _lab.CheckAsync("mkdir", Inside(kind, "/layouts/stock"));
        await CopyLayoutAsync(kind, "/layouts/ours", "/layouts/stock");
        await using var fresh = await LabVolume.OpenAsync(_lab, kind);
        await _lab.UnmountAsync(kind);
        _mount = await _lab.MountAsync(kind);
        var random = new Random(42);
        var names = Enumerable.Range(0, 24).Select(i => $"n{i}").ToList();
        var alive = new HashSet<string>();

        for (var step = 0; step < 150; step++)
        {
            var one = names[random.Next(names.Count)];
            var other = names[random.Next(names.Count)];
            var what = random.Next(4);
            if (!alive.Contains(one))
            {
                await fresh.WriteFileAsync($"/layouts/ours/{one}", [(byte)step]);
                await File.WriteAllBytesAsync($"{_mount}/layouts/stock/{one}", [(byte)step]);
                alive.Add(one);
            }
            else if (what == 0)
            {
                Assert.That(await fresh.UnlinkAsync($"/layouts/ours/{one}"), Is.EqualTo(Errno.None), $"step {step}: unlink {one}");
                File.Delete($"{_mount}/layouts/stock/{one}");
                alive.Remove(one);
            }
            else if (what == 1 && !alive.Contains(other))
            {
                Assert.That(await fresh.LinkAsync($"/layouts/ours/{one}", $"/layouts/ours/{other}"), Is.EqualTo(Errno.None), $"step {step}: link {one} {other}");
                await _lab.CheckAsync("ln", Inside(kind, $"/layouts/stock/{one}"), Inside(kind, $"/layouts/stock/{other}"));
                alive.Add(other);
            }
            else if (one != other)
            {
                Assert.That(await fresh.RenameAsync($"/layouts/ours/{one}", $"/layouts/ours/{other}"), Is.EqualTo(Errno.None), $"step {step}: rename {one} {other}");
                await _lab.CheckAsync("mv", "-fT", Inside(kind, $"/layouts/stock/{one}"), Inside(kind, $"/layouts/stock/{other}"));
                // rename(2) of one file's two names does nothing; mv(1) then removes the old one.
                if (File.Exists($"{_mount}/layouts/stock/{one}") || await fresh.LookupAsync($"/layouts/ours/{one}") == Errno.None)
                {
                    Assert.That(await fresh.UnlinkAsync($"/layouts/ours/{one}"), Is.EqualTo(Errno.None), $"step {step}: unlink {one}");
                    File.Delete($"{_mount}/layouts/stock/{one}");
                }

                alive.Remove(one);
                alive.Add(other);
            }

            Assert.That(Bricks(kind, "/layouts/ours"), Is.EqualTo(Bricks(kind, "/layouts/stock")), $"step {step}: {what} {one} {other}");
        }

        Assert.That(await fresh.ListAsync("/layouts/ours"), Is.EquivalentTo(alive));
        Assert.That(Directory.GetFiles($"{_mount}/layouts/ours").Select(Path.GetFileName), Is.EquivalentTo(alive));
        foreach (var name in alive)
            Assert.That(await fresh.ReadFileAsync($"/layouts/ours/{name}"), Is.EqualTo(await File.ReadAllBytesAsync($"{_mount}/layouts/stock/{name}")), name);
    }

    [Test]
    public async Task A_large_listing_has_each_name_once_however_small_its_pieces([Values("dist2", "dist4")] string kind)
    {
        await PrepareAsync(kind);
        await _lab.CheckAsync("sh", "-c", $"cd {Inside(kind, "/layouts")} && for i in $(seq 300); do : > f$i; done; for i in $(seq 20); do mkdir d$i; done");
        await using var ours = await LabVolume.OpenAsync(_lab, kind);
        for (var i = 1; i <= 40; i++)
            Assert.That(await ours.RenameAsync($"/layouts/f{i}", $"/layouts/renamed{i}"), Is.EqualTo(Errno.None));
        var stock = Directory.GetFileSystemEntries($"{_mount}/layouts").Select(Path.GetFileName).ToList();

        foreach (var size in new[] { 512, 4096, 128 << 10 })
        {
            var listed = await ours.ListAsync("/layouts", size);
            Assert.That(listed, Is.Unique);
            Assert.That(listed, Is.EquivalentTo(stock), $"in pieces of {size} bytes");
        }

        Assert.That(stock, Has.Count.EqualTo(320));
    }

    [Test]
    public async Task Directories_are_renamed_and_removed_on_all_bricks([Values("dist2", "dist4")] string kind)
    {
        await PrepareAsync(kind);
        await using var ours = await LabVolume.OpenAsync(_lab, kind);
        await ours.MkdirAsync("/layouts/one");
        await ours.WriteFileAsync("/layouts/one/file", [1, 2, 3]);
        await ours.MkdirAsync("/layouts/occupied");
        await ours.WriteFileAsync("/layouts/occupied/file", [1]);

        Assert.That(await ours.RenameAsync("/layouts/one", "/layouts/two"), Is.EqualTo(Errno.None));
        Assert.That(await ours.RenameAsync("/layouts/two", "/layouts/occupied"), Is.EqualTo(Errno.ENOTEMPTY));
        Assert.That(await ours.RmdirAsync("/layouts/two"), Is.EqualTo(Errno.ENOTEMPTY));
        Assert.That(await ours.ReadFileAsync("/layouts/two/file"), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(Directory.GetFiles($"{_mount}/layouts/two").Select(Path.GetFileName), Is.EqualTo(new[] { "file" }));
        Assert.That(await ours.UnlinkAsync("/layouts/two/file"), Is.EqualTo(Errno.None));
        Assert.That(await ours.RmdirAsync("/layouts/two"), Is.EqualTo(Errno.None));

        for (var brick = 1; brick <= Count(kind); brick++)
            Assert.That(Directory.GetDirectories(_lab.Brick(kind, brick) + "/layouts").Select(Path.GetFileName), Is.EqualTo(new[] { "occupied" }), $"brick {brick}");
    }

    [Test]
    public async Task A_file_whose_brick_is_down_is_away_and_not_gone()
    {
        await PrepareAsync("dist2");
        await using var ours = await LabVolume.OpenAsync(_lab, "dist2");
        await ours.WriteFileAsync("/layouts/here", [1]);
        var names = Enumerable.Range(0, 40).Select(i => $"/layouts/x{i}").ToList();
        foreach (var name in names)
            await ours.WriteFileAsync(name, [1]);
        var onSecond = names.Where(n => File.Exists(_lab.Brick("dist2", 2) + n)).ToList();
        var onFirst = names.Except(onSecond).ToList();

        await _lab.KillBrickAsync("dist2", 2);
        try
        {
            await using var late = await LabVolume.OpenAsync(_lab, "dist2");
            Assert.That(await late.LookupAsync(onSecond[0]), Is.EqualTo(Errno.ENOTCONN));
            Assert.That(await late.LookupAsync(onFirst[0]), Is.EqualTo(Errno.None));
            Assert.That(await late.ReadFileAsync(onFirst[0]), Is.EqualTo(new byte[] { 1 }));
        }
        finally
        {
            await RestartAsync("dist2");
        }
    }

    [Test]
    public async Task A_directory_made_while_a_brick_was_down_is_healed_when_it_is_back()
    {
        await PrepareAsync("dist2");
        await _lab.KillBrickAsync("dist2", 2);
        try
        {
            await _lab.CheckAsync("sh", "-c", $"cd {Inside("dist2", "/layouts")}; for i in $(seq 20); do mkdir late$i 2>/dev/null; done; ls | grep -q late");
        }
        finally
        {
            await RestartAsync("dist2");
        }

        var late = Directory.GetDirectories(_lab.Brick("dist2", 1) + "/layouts", "late*").Select(d => Path.GetFileName(d)!).First();
        Assert.That(Directory.Exists(_lab.Brick("dist2", 2) + "/layouts/" + late), Is.False);
        await using var ours = await LabVolume.OpenAsync(_lab, "dist2");
        await ours.WhenAllConnectedAsync();

        var (inode, _) = await ours.ResolveAsync("/layouts/" + late);

        Assert.That(await GetXattrAsync(_lab.Brick("dist2", 2) + "/layouts/" + late, "trusted.gfid"), Is.EqualTo(Convert.ToHexStringLower(inode.Gfid.ToByteArray())));
        Assert.That(await GetXattrAsync(_lab.Brick("dist2", 2) + "/layouts/" + late, "trusted.glusterfs.dht"), Is.EqualTo(new string('0', 32)));
    }

    [Test]
    public async Task An_open_file_that_a_rebalance_moves_is_written_where_it_is_afterwards()
    {
        await PrepareAsync("dist2");
        await using var ours = await LabVolume.OpenAsync(_lab, "dist2");
        var content = new byte[1 << 20];
        new Random(11).NextBytes(content);
        // A file whose data is on one brick and whose name belongs to the other: a rebalance brings them together.
        string moved;
        for (var i = 0; ; i++)
        {
            moved = $"/layouts/moved{i}";
            await ours.WriteFileAsync("/layouts/before", content);
            Assert.That(await ours.RenameAsync("/layouts/before", moved), Is.EqualTo(Errno.None));
            if (Holders("dist2", moved).Count == 2)
                break;
        }

        var from = Holders("dist2", moved).Single(h => h.Size > 0).Brick;
        var fd = await ours.OpenFileAsync(moved);
        await _lab.CheckAsync("gluster", "--mode=script", "volume", "rebalance", "dist2", "start", "force");
        await _lab.CheckAsync("sh", "-c", "for i in $(seq 300); do gluster volume rebalance dist2 status | grep -q completed && exit 0; sleep 0.1; done; exit 1");
        var holders = Holders("dist2", moved);
        Assert.That(holders.Single().Brick, Is.Not.EqualTo(from), "it was moved");

        var written = await ours.Volume.Top.WriteAsync(default, new WriteRequest(fd, 4096, new byte[8192]));
        var synced = await ours.Volume.Top.FsyncAsync(default, new FsyncRequest(fd));
        var shortened = await ours.Volume.Top.FtruncateAsync(default, new FtruncateRequest(fd, 512 << 10));

        content.AsSpan(4096, 8192).Clear();
        Assert.That((written.Errno, synced.Errno, shortened.Errno), Is.EqualTo((Errno.None, Errno.None, Errno.None)));
        Assert.That(await File.ReadAllBytesAsync(_lab.Brick("dist2", holders[0].Brick) + moved), Is.EqualTo(content[..(512 << 10)]));
        await ours.Volume.CloseAsync(default, fd);
    }

    private static int Count(string kind) => kind[^1] - '0';

    private string Inside(string kind, string path) => Path.Combine(_lab.Root, "mnt", kind) + path;

    /// <summary>Starts dead bricks again; a mount that has seen them die is replaced, since it would take its time to notice.</summary>
    private async Task RestartAsync(string kind)
    {
        await _lab.RestartBricksAsync(kind);
        await _lab.UnmountAsync(kind);
        _mount = await _lab.MountAsync(kind);
    }

    private async Task PrepareAsync(string kind)
    {
        _lab = await GlusterLab.SharedAsync();
        await _lab.VolumeAsync(kind, kind);
        await _lab.SetOptionAsync(kind, "performance.stat-prefetch", "off");
        await _lab.SetOptionAsync(kind, "performance.quick-read", "off");
        _mount = await _lab.MountAsync(kind);
        await _lab.CheckAsync("rm", "-rf", Inside(kind, "/layouts"));
        await _lab.CheckAsync("mkdir", Inside(kind, "/layouts"));
    }

    /// <summary>The brick numbers that have a path, with the size there.</summary>
    private List<(int Brick, long Size)> Holders(string kind, string path) =>
        [.. Enumerable.Range(1, Count(kind)).Where(b => File.Exists(_lab.Brick(kind, b) + path)).Select(b => (b, new FileInfo(_lab.Brick(kind, b) + path).Length))];

    /// <summary>What the bricks have in a directory: names, modes, sizes.</summary>
    private List<string> Bricks(string kind, string path) =>
        [.. Enumerable.Range(1, Count(kind)).SelectMany(b => Directory.GetFiles(_lab.Brick(kind, b) + path)
            .Select(f => new FileInfo(f)).Select(f => $"{b}: {f.Name} {f.Length} {f.UnixFileMode & UnixFileMode.StickyBit}").Order(StringComparer.Ordinal))];

    private async Task<List<string>> XattrsAsync(string kind, string path)
    {
        var all = new List<string>();
        for (var brick = 1; brick <= Count(kind); brick++)
        {
            foreach (var name in new[] { "trusted.glusterfs.dht", "trusted.glusterfs.dht.mds" })
                all.Add($"{brick} {name} {await GetXattrAsync(_lab.Brick(kind, brick) + path, name)}");
        }

        return all;
    }

    private async Task CopyLayoutAsync(string kind, string from, string to)
    {
        for (var brick = 1; brick <= Count(kind); brick++)
        {
            var layout = await GetXattrAsync(_lab.Brick(kind, brick) + from, "trusted.glusterfs.dht");
            await _lab.CheckAsync("setfattr", "-n", "trusted.glusterfs.dht", "-v", "0x" + layout, _lab.Brick(kind, brick) + to);
        }
    }

    private static async Task<string> GetXattrAsync(string path, string name)
    {
        Command.Require("getfattr");
        var result = await Command.RunAsync(["getfattr", "--absolute-names", "-e", "hex", "-n", name, path]);
        return result.ExitCode != 0 ? "absent" : result.Output.Split('\n').First(l => l.StartsWith(name + "=", StringComparison.Ordinal)).Split("=0x")[1];
    }
}
