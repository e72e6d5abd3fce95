using System.Text.Json;

namespace BlockProxy.IntegrationTests.Nbd;

[TestFixture]
internal sealed class FioTests() : NbdFixture("fio")
{
    [TestCase("mem", false, "4k")]
    [TestCase("mem", true, "512-256k")]
    [TestCase("file", true, "4k")]
    [TestCase("file", false, "512-256k")]
    [TestCase("slow", true, "16k")]
    public async Task Random_reads_and_writes_at_depth_32_verify(string export, bool unix, string blocks)
    {
        var report = Host.Scratch("fio.json");
        await RunAsync(
            "fio", "--name=verify", "--ioengine=nbd", $"--uri={Host.Uri(export, unix)}", "--rw=randrw", blocks.Contains('-', StringComparison.Ordinal) ? $"--bsrange={blocks}" : $"--bs={blocks}",
            "--iodepth=32", "--size=48M", "--verify=crc32c", "--verify_backlog=256", "--verify_fatal=1", "--runtime=4", "--time_based",
            "--fsync=64", $"--aux-path={Path.GetDirectoryName(report)}", "--output-format=json", $"--output={report}");

        var text = await File.ReadAllTextAsync(report);
        using var json = JsonDocument.Parse(text[text.IndexOf('{', StringComparison.Ordinal)..]);
        var job = json.RootElement.GetProperty("jobs")[0];
        Assert.That(job.GetProperty("error").GetInt32(), Is.Zero);
        Assert.That(job.GetProperty("write").GetProperty("total_ios").GetInt64(), Is.GreaterThan(100));
    }

    [Test]
    public async Task Four_clients_on_ranges_of_their_own_verify()
    {
        await RunAsync(
            "fio", "--ioengine=nbd", $"--uri={Host.Uri("mem")}", "--rw=randwrite", "--bs=4k", "--iodepth=16", "--size=16M", "--offset_increment=16M", "--numjobs=4", "--name=many",
            "--verify=crc32c", "--verify_fatal=1", "--do_verify=1", $"--aux-path={Path.GetDirectoryName(Host.UnixPath)}", "--output-format=json", $"--output={Host.Scratch("many.json")}");
    }
}
