using System.Text.RegularExpressions;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Source;

/// <summary>
/// Time, chance, threads and the network are injected everywhere, so that the whole stack can run under simulation. The few adapters that
/// implement those interfaces are named here.
/// </summary>
public sealed partial class DeterminismTests
{
    private static readonly string[] Libraries = ["Io", "Block", "Nbd", "Volgen", "Proxy"];

    /// <summary>The adapters: real sockets, real files, real threads.</summary>
    private static readonly string[] Adapters =
    [
        "Io/SocketTransport.cs",
        "Io/SocketChannel.cs",
        "Io/Linux/EpollLoop.cs",
        "Io/BlockingWorkers.cs",
        "Io/MemoryLink.cs", // the thread pool, where no scheduler is given
        "Proxy/Translators/Storage/Posix/Executor/WorkerIoExecutor.cs",
    ];

    [Test]
    public void Nothing_outside_the_adapters_reaches_for_the_real_world()
    {
        var found = new List<string>();
        foreach (var (full, relative) in Sources())
        {
            if (Adapters.Contains(relative))
                continue;
            foreach (var (index, line) in File.ReadLines(full).Index())
            {
                if (Forbidden().Match(Comment().Replace(line, "")) is { Success: true } match)
                    found.Add($"{relative}:{index + 1}: {match.Value}");
            }
        }

        Assert.That(found, Is.Empty);
    }

    [Test]
    public void Every_adapter_named_here_exists() =>
        Assert.That(Adapters.Where(a => !File.Exists(SourceTree.PathOf(a))), Is.Empty);

    [Test]
    public void No_source_file_is_longer_than_600_lines() =>
        Assert.That(Sources().Where(f => File.ReadLines(f.Full).Count() > 600).Select(f => f.Relative), Is.Empty);

    private static IEnumerable<(string Full, string Relative)> Sources() =>
        from library in Libraries
        from full in Directory.EnumerateFiles(SourceTree.PathOf(library), "*.cs", SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(SourceTree.Root, full).Replace('\\', '/')
        where !relative.Contains("/obj/", StringComparison.Ordinal) && !relative.Contains("/bin/", StringComparison.Ordinal)
        select (full, relative);

    [GeneratedRegex(@"Task\.Run\b|Task\.Delay\b|Thread\.Sleep|DateTime(Offset)?\.(Utc)?Now|\bStopwatch\b|Random\.Shared|new Random\(\)|new Socket\(|new Thread\(|new Timer\(|Environment\.TickCount|ThreadPool\.(Unsafe)?Queue")]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"//.*$")]
    private static partial Regex Comment();
}
