using System.Diagnostics;
using BlockProxy.Volgen;

namespace BlockProxy.IntegrationTests.Volgen;

/// <summary>The parser of a stock glusterfsd reads what our writer quotes.</summary>
[TestFixture]
public sealed class StockParserTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("blockproxy-volgen-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    [CancelAfter(30_000)]
    public async Task Glusterfsd_reads_quoted_words_as_they_were_meant_and_runs_none(CancellationToken stop)
    {
        var marker = Path.Combine(_folder, "ran");
        string[] words =
        [
            "plain", "two words", "tab\there", "#leading", "inner#hash", "say \"hi\"", @"(.*)\.tmp", @"\", @"\\", "volume", "end-volume",
            $"`touch {marker}`", $@"\`touch {marker}\`", "'single'", "zażółć", "\U0001F600",
        ];
        var volfile = new Volfile(
        [
            new("a \"client\"", "protocol/client",
                [new("remote-host", "127.0.0.1"), .. words.Select((word, index) => new VolfileOption($"word {index}", word))], []),
            new("top", "debug/io-stats", [], ["a \"client\""]),
        ]);
        Assert.That(VolfileWriter.TryWriteQuoted(volfile, out var text, out var reason), reason);

        var graph = await LoadAsync(text!, stop);

        Assert.That(graph, Does.Contain("volume a \"client\"").And.Contain("    subvolumes a \"client\""));
        Assert.That(words.Select((word, index) => $"    option word {index} {word}"), Is.SubsetOf(graph));
        Assert.That(marker, Does.Not.Exist);
    }

    /// <summary>Starts glusterfsd with a volfile and ends it once it has logged the graph it loaded; the lines of that graph.</summary>
    private async Task<List<string>> LoadAsync(string volfile, CancellationToken stop)
    {
        var path = Path.Combine(_folder, "quoted.vol");
        await File.WriteAllTextAsync(path, volfile, stop);

        using var glusterfsd = Start("glusterfsd", "-N", "-f", path, "-l", "-", "-p", Path.Combine(_folder, "pid"));
        try
        {
            var (graph, log) = (new List<string>(), new List<string>());
            var rulers = 0;
            while (rulers < 2)
            {
                var line = await glusterfsd.StandardError.ReadLineAsync(stop)
                    ?? throw new AssertionException($"glusterfsd ended before it loaded the graph:\n{string.Join('\n', log)}");
                log.Add(line);
                if (line.StartsWith("+---", StringComparison.Ordinal))
                    rulers++;
                else if (rulers == 1)
                    graph.Add(line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
            }
            return graph;
        }
        finally
        {
            glusterfsd.Kill();
            await glusterfsd.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static Process Start(string program, params string[] arguments)
    {
        var folders = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin".Split(':');
        if (folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) is not { } file)
        {
            Assert.Ignore($"{program} is not installed");
            throw new UnreachableException();
        }
        return Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardError = true })!;
    }
}
