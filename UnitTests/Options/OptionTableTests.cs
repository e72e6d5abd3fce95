using BlockProxy.Proxy.Options;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Options;

public sealed class OptionTableTests
{
    [Test]
    public void Options_that_are_not_set_have_their_defaults() =>
        Assert.That(Sample.Table.Bind([]).Options, Is.EqualTo(new Sample()));

    [Test]
    public void Each_kind_is_read_as_GlusterFS_reads_it()
    {
        var bound = Sample.Table.Bind([new("enabled", "Enable"), new("count", "7"), new("cache-size", "10MB"), new("wait", "2min"), new("mode", "fast"), new("old-name", "x")]);

        Assert.That(bound.Options, Is.EqualTo(new Sample
        {
            Enabled = true,
            Count = 7,
            CacheSize = 10 << 20,
            Wait = TimeSpan.FromMinutes(2),
            Mode = SampleMode.Fast,
            Label = "x",
        }));
    }

    [TestCase("enabled", "perhaps", "option 'enabled': 'perhaps' is not a boolean; expected on or off (also 1/0, yes/no, true/false, enable/disable)")]
    [TestCase("count", "11", "option 'count': '11' is out of range; expected an integer from 0 to 10")]
    [TestCase("cache-size", "ten", "option 'cache-size': 'ten' is not such a size; expected a size from 4KiB to 1GiB, such as 64KB, 4MB or 1GB")]
    [TestCase("wait", "soon", "option 'wait': 'soon' is not such a time; expected a time from 0 to 1000000000 seconds, such as 42, 500ms, 5min or 1hr")]
    [TestCase("mode", "medium", "option 'mode': 'medium' is not one of them; expected one of slow, fast")]
    public void A_wrong_value_is_refused_with_its_name_and_what_would_be_right(string key, string value, string message)
    {
        var bound = Sample.Table.Bind([new(key, value)]);

        Assert.That(bound.Error, Is.EqualTo(message));
        Assert.That(bound.Culprit!.Key, Is.EqualTo(key));
    }

    [Test]
    public void An_option_nobody_knows_is_reported_and_not_an_error()
    {
        var bound = Sample.Table.Bind([new("count", "3"), new("from-the-future", "1")]);

        Assert.That(bound.Options!.Count, Is.EqualTo(3));
        Assert.That(bound.Unknown.Select(o => o.Key), Is.EqualTo(new[] { "from-the-future" }));
    }

    [Test]
    public void Help_shows_the_default_of_each_option() =>
        Assert.That(Sample.Table.Describe().Select(o => (o.Key, o.Default)), Is.EqualTo(new[]
        {
            ("enabled", "off"), ("count", "5"), ("cache-size", "64KiB"), ("wait", "30"), ("mode", "slow"), ("label", ""),
        }));

    [TestCase("4096", 4096)]
    [TestCase("64KB", 65536)]
    [TestCase("64kb", 65536)]
    [TestCase("1.5G", 1610612736)]
    [TestCase("10GiB", 10737418240)]
    [TestCase("1 M", 1048576)]
    public void A_size_is_a_number_with_a_binary_unit(string text, long bytes)
    {
        Assert.That(OptionValue.TrySize(text, out var value), Is.True);
        Assert.That(value, Is.EqualTo(bytes));
    }

    [TestCase("")]
    [TestCase("-1")]
    [TestCase("G")]
    [TestCase("1X")]
    [TestCase("9999999999999P")]
    [TestCase("0x10")]
    public void Anything_else_is_not_a_size(string text) => Assert.That(OptionValue.TrySize(text, out _), Is.False);

    private enum SampleMode
    {
        Slow,
        Fast,
    }

    private sealed record Sample : IVolumeOptions<Sample>
    {
        private static readonly Dictionary<string, SampleMode> Modes = new() { ["slow"] = SampleMode.Slow, ["fast"] = SampleMode.Fast };

        public bool Enabled { get; init; }

        public long Count { get; init; } = 5;

        public long CacheSize { get; init; } = 65536;

        public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(30);

        public SampleMode Mode { get; init; }

        public string? Label { get; init; }

        public static OptionTable<Sample> Table { get; } = new OptionTable<Sample>()
            .Bool("enabled", "Whether", o => o.Enabled, (o, v) => o with { Enabled = v })
            .Int("count", "How many", o => o.Count, (o, v) => o with { Count = v }, maximum: 10)
            .Size("cache-size", "How much", o => o.CacheSize, (o, v) => o with { CacheSize = v }, minimum: 4096, maximum: 1 << 30)
            .Seconds("wait", "How long", o => o.Wait, (o, v) => o with { Wait = v })
            .Choice("mode", "How", Modes, o => o.Mode, (o, v) => o with { Mode = v })
            .Text("label", "What", o => o.Label, (o, v) => o with { Label = v }, "old-name");
    }
}
