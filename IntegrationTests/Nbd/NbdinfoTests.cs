using System.Text.Json;

namespace BlockProxy.IntegrationTests.Nbd;

[TestFixture]
internal sealed class NbdinfoTests() : NbdFixture("nbdinfo")
{
    [Test]
    public async Task Json_tells_what_the_export_can_do([Values] bool unix)
    {
        var export = await InfoAsync(Host.Uri("mem", unix));

        Assert.Multiple(() =>
        {
            Assert.That(export.GetProperty("export-name").GetString(), Is.EqualTo("mem"));
            Assert.That(export.GetProperty("description").GetString(), Is.EqualTo("sparse memory"));
            Assert.That(export.GetProperty("export-size").GetInt64(), Is.EqualTo(NbdHost.Size));
            Assert.That(export.GetProperty("contexts").EnumerateArray().Select(context => context.GetString()), Is.EqualTo(new[] { "base:allocation" }));
            Assert.That(export.GetProperty("block_size_minimum").GetInt64(), Is.EqualTo(1));
            Assert.That(export.GetProperty("block_size_preferred").GetInt64(), Is.EqualTo(4096));
            Assert.That(export.GetProperty("block_size_maximum").GetInt64(), Is.EqualTo(32 << 20));
            Assert.That(export.GetProperty("is_read_only").GetBoolean(), Is.False);
            foreach (var ability in new[] { "can_cache", "can_df", "can_fast_zero", "can_flush", "can_fua", "can_multi_conn", "can_trim", "can_zero" })
                Assert.That(export.GetProperty(ability).GetBoolean(), Is.True, ability);
        });
    }

    [Test]
    public async Task A_read_only_export_says_so()
    {
        var export = await InfoAsync(Host.Uri("ro"));

        Assert.That(export.GetProperty("is_read_only").GetBoolean(), Is.True);
        Assert.That(export.GetProperty("can_trim").GetBoolean(), Is.False);
        Assert.That(export.GetProperty("can_zero").GetBoolean(), Is.False);
    }

    [Test]
    public async Task Sector_sizes_are_announced()
    {
        var export = await InfoAsync(Host.Uri("sectors"));

        Assert.That(export.GetProperty("block_size_minimum").GetInt64(), Is.EqualTo(4096));
        Assert.That(export.GetProperty("block_size_maximum").GetInt64(), Is.EqualTo(1 << 20));
    }

    [Test]
    public async Task The_default_export_has_its_name()
    {
        var export = await InfoAsync(Host.Uri(""));

        Assert.That(export.GetProperty("description").GetString(), Is.EqualTo("sparse memory"));
    }

    [Test]
    public async Task List_gives_every_export()
    {
        using var json = JsonDocument.Parse(await RunAsync("nbdinfo", "--list", "--json", Host.Uri("")));

        var names = json.RootElement.GetProperty("exports").EnumerateArray().Select(export => export.GetProperty("export-name").GetString());
        Assert.That(names, Is.EquivalentTo(new[] { "mem", "ro", "file", "slow", "broken", "sectors" }));
    }

    [Test]
    public async Task Map_shows_data_between_holes([Values("mem", "file")] string export)
    {
        await RunAsync("/usr/bin/python3", "-c", $"import nbd; h=nbd.NBD(); h.connect_uri('{Host.Uri(export)}'); h.pwrite(b'x' * 65536, 1 << 20); h.flush(); h.shutdown()");

        using var json = JsonDocument.Parse(await RunAsync("nbdinfo", "--map", "--json", Host.Uri(export)));

        var extents = json.RootElement.EnumerateArray()
            .Select(extent => (extent.GetProperty("offset").GetInt64(), extent.GetProperty("length").GetInt64(), extent.GetProperty("description").GetString()));
        Assert.That(extents, Is.EqualTo(new[]
        {
            (0L, 1L << 20, "hole,zero"), (1L << 20, 64L << 10, "data"), ((1L << 20) + (64 << 10), NbdHost.Size - (1 << 20) - (64 << 10), "hole,zero"),
        }));
    }

    private static async Task<JsonElement> InfoAsync(string uri)
    {
        using var json = JsonDocument.Parse(await RunAsync("nbdinfo", "--json", uri));
        Assert.That(json.RootElement.GetProperty("protocol").GetString(), Is.EqualTo("newstyle-fixed"));
        Assert.That(json.RootElement.GetProperty("structured").GetBoolean(), Is.True);
        return json.RootElement.GetProperty("exports")[0].Clone();
    }
}
