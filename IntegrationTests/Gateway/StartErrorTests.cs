using BlockProxy.IntegrationTests.Support;

namespace BlockProxy.IntegrationTests.Gateway;

/// <summary>What an operator gets wrong gives one clear line and exit code 1.</summary>
public sealed class StartErrorTests
{
    private static IEnumerable<TestCaseData> Mistakes()
    {
        var directory = Directory.CreateTempSubdirectory("blockproxy-mistakes-").FullName;
        string Write(string name, string text)
        {
            var path = Path.Combine(directory, name);
            File.WriteAllText(path, text);
            return path;
        }

        var unknown = Write("unknown.vol", "volume a\n    type features/teleport\n    option x y\nend-volume\n");
        var broken = Write("broken.vol", "volume a\n    type\nend-volume\n");
        var config = Write("bad.json", "{ \"export\": [] }");
        yield return Mistake("no exports", "blockproxy: there is nothing to serve; *", "serve");
        yield return Mistake("no such volfile", "blockproxy: volfile '/nowhere.vol' cannot be read: *", "serve", "--volfile", "/nowhere.vol", "--export", "a=/a");
        yield return Mistake("an unknown translator", $"blockproxy: volume 'a': file '{unknown}': line 1, column 1: volume 'a': translator 'features/teleport' is not one that blockproxy has*",
            "serve", "--volfile", unknown, "--export", "a=/a");
        yield return Mistake("a volfile that is none", $"blockproxy: file '{broken}': line 3, column 1: *", "serve", "--volfile", broken, "--export", "a=/a");
        yield return Mistake("a check of it", $"blockproxy: {unknown}: line 1, column 1: volume 'a': translator 'features/teleport' is not *", "volfile", "check", unknown);
        yield return Mistake("an unknown key", $"blockproxy: configuration '{config}': key 'export' is not known; the nearest is 'exports'", "serve", "--config", config);
        yield return Mistake("a server that is not there", "blockproxy: volfile server 127.0.0.1:1: *", "serve", "--volfile-server", "127.0.0.1:1", "--connect-timeout", "1", "--export", "a=v:/a");
        yield return Mistake("a directory as a file", $"blockproxy: export 'a': {directory} is a directory; *", "serve", "--export", $"a=file:{directory}");
        yield return Mistake("a file that is not there", "blockproxy: export 'a': /nowhere.img: no such file; add ',create,size=SIZE' to make it", "serve", "--export", "a=file:/nowhere.img");
        yield return Mistake("an address that is not ours", "blockproxy: cannot listen on 192.0.2.1:10809: *", "serve", "--export", "a=memory:1M", "--nbd", "192.0.2.1");
    }

    [TestCaseSource(nameof(Mistakes))]
    public async Task A_mistake_gives_one_line_and_exit_code_1(string[] arguments, string line)
    {
        var result = await GatewayProcess.RunAsync(null, arguments);
        var own = result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.StartsWith("blockproxy:", StringComparison.Ordinal)).ToList();

        Assert.That(result.ExitCode, Is.EqualTo(1), () => result.Errors);
        Assert.That(own, Has.Count.EqualTo(1), () => result.Errors);
        Assert.That(own[0], line.EndsWith('*') ? Does.StartWith(line[..^1]) : Is.EqualTo(line));
        Assert.That(result.Errors, Does.Not.Contain("   at "));
    }

    [Test]
    public async Task A_port_in_use_gives_one_line_and_exit_code_1()
    {
        await using var first = await GatewayProcess.StartAsync(null, "serve", "--export", "a=memory:1M", "--nbd", "127.0.0.1:11090");

        var second = await GatewayProcess.RunAsync(null, "serve", "--export", "a=memory:1M", "--nbd", "127.0.0.1:11090");

        Assert.That(second.ExitCode, Is.EqualTo(1));
        Assert.That(second.Errors, Does.Contain("blockproxy: cannot listen on 127.0.0.1:11090: the address is already in use"));
        Assert.That(await first.StopAsync(), Is.Zero);
    }

    [Test]
    public async Task A_volume_or_a_path_that_is_not_there_gives_one_line_and_exit_code_1()
    {
        var lab = await GlusterLab.SharedAsync();
        await lab.VolumeAsync("mistakes", "single");
        Directory.CreateDirectory(Path.Combine(await lab.MountAsync("mistakes"), "directory"));

        var volume = await ServeAsync("a=nosuch:/a");
        var path = await ServeAsync("a=mistakes:/nosuch");
        var directory = await ServeAsync("a=mistakes:/directory");
        var parent = await ServeAsync("a=mistakes:/no/such,create,size=1M");

        Assert.That(volume, Is.EqualTo("blockproxy: volfile server 10.77.0.1:24007 has no volume 'nosuch'"));
        Assert.That(path, Is.EqualTo("blockproxy: export 'a': mistakes:/nosuch: no such file; add ',create,size=SIZE' to make it"));
        Assert.That(directory, Is.EqualTo("blockproxy: export 'a': mistakes:/directory is a directory; only regular files are served"));
        Assert.That(parent, Is.EqualTo("blockproxy: export 'a': mistakes:/no: no such file; the directory of a new image must exist"));

        async Task<string> ServeAsync(string export)
        {
            var result = await GatewayProcess.RunAsync(lab, "serve", "--volfile-server", GlusterLab.Address, "--export", export);
            Assert.That(result.ExitCode, Is.EqualTo(1), () => result.Errors);
            return result.Errors.Split('\n').Single(line => line.StartsWith("blockproxy:", StringComparison.Ordinal));
        }
    }

    private static TestCaseData Mistake(string name, string line, params string[] arguments) =>
        new TestCaseData(arguments, line).SetArgDisplayNames(name);
}
