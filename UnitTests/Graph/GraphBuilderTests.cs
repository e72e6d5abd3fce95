using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Options;
using BlockProxy.Volgen;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Graph;

public sealed class GraphBuilderTests
{
    private static readonly ProcessIdentity Process = new(Guid.Empty, "host", 1);

    private readonly List<string> _made = [];
    private readonly List<string> _started = [];
    private TranslatorRegistry _registry = new();

    [SetUp]
    public void Register()
    {
        _made.Clear();
        _started.Clear();
        _registry = new TranslatorRegistry()
            .Add<LeafOptions>("test/leaf", (context, options) =>
            {
                _made.Add($"{context.Name}={options.Port}");
                return new Leaf(options, _started);
            })
            .AddPassThrough("performance/read-ahead", "reads are not reordered");
    }

    [Test]
    public void Translators_are_made_children_first_with_their_options()
    {
        var graph = Build("volume a\n type test/leaf\n option port 1\nend-volume\nvolume top\n type performance/read-ahead\n subvolumes a\nend-volume\n").Graph!;

        Assert.That(_made, Is.EqualTo(new[] { "a=1" }));
        Assert.That(graph.Translators.Select(t => (t.Name, t.Slot)), Is.EqualTo(new[] { ("a", 0), ("top", 1) }));
        Assert.That(graph.Top.Next, Is.SameAs(graph.Translators[0]));
    }

    [Test]
    public void Volumes_that_the_top_does_not_reach_are_not_made()
    {
        Build("volume idle\n type test/leaf\n option port 1\nend-volume\nvolume top\n type test/leaf\n option port 2\nend-volume\n");

        Assert.That(_made, Is.EqualTo(new[] { "top=2" }));
    }

    [TestCase("volume a\n type cluster/replicate\n option x y\nend-volume\n",
        "line 1, column 1: volume 'a': translator 'cluster/replicate' is not one that blockproxy has")]
    [TestCase("volume a\n type test/leef\n option x y\nend-volume\n",
        "line 1, column 1: volume 'a': translator 'test/leef' is not one that blockproxy has (of this family it has test/leaf)")]
    [TestCase("volume a\n type test/leaf\n option port many\nend-volume\n",
        "line 3, column 9: volume 'a' (test/leaf): option 'port': 'many' is out of range; expected an integer from 0 to 65535")]
    [TestCase("volume a\n type performance/read-ahead\n option x y\nend-volume\n",
        "line 1, column 1: volume 'a' (performance/read-ahead) has 0 subvolumes; it takes one")]
    public void A_volfile_that_cannot_be_built_is_refused_by_name_and_place(string volfile, string message) =>
        Assert.That(Build(volfile).Error!.ToString(), Is.EqualTo(message));

    [Test]
    public void An_override_wins_over_the_volfile()
    {
        Build("volume a\n type test/leaf\n option port 1\nend-volume\n", new OptionOverride("test/leaf", "port", "9"));

        Assert.That(_made, Is.EqualTo(new[] { "a=9" }));
    }

    [Test]
    public async Task A_graph_is_up_when_its_top_says_so()
    {
        var graph = Build("volume a\n type test/leaf\n option port 1\nend-volume\nvolume top\n type performance/read-ahead\n subvolumes a\nend-volume\n").Graph!;
        var up = graph.WhenUpAsync();
        Assert.That(up.IsCompleted, Is.False);

        ((Leaf)graph.Translators[0]).Say(ChildEvent.Up);

        await up;
        Assert.That(graph.IsUp, Is.True);
    }

    [Test]
    public void Parents_are_started_before_their_children_so_that_they_hear_every_event()
    {
        var graph = Build(TwoLeaves(1, "2")).Graph!;

        graph.Start();

        Assert.That(_started, Is.EqualTo(new[] { "top", "a" }));
    }

    [Test]
    public void A_changed_option_of_the_same_tree_is_bound_in_place_and_a_new_tree_is_not()
    {
        var volume = new Volume(_registry, Environment());
        var one = Parse("volume a\n type test/leaf\n option port 1\nend-volume\n");
        Assert.That(volume.Load(one), Is.Null);
        var graph = volume.Graph!;

        volume.Apply(Parse("volume a\n type test/leaf\n option port 2\nend-volume\n"));
        Assert.That(((Leaf)graph.Top).Options.Port, Is.EqualTo(2));

        volume.Apply(Parse("volume b\n type test/leaf\n option port 3\nend-volume\n"));
        Assert.That(volume.Graph, Is.SameAs(graph));
        Assert.That(((Leaf)graph.Top).Options.Port, Is.EqualTo(2));
    }

    [Test]
    public void New_options_that_are_wrong_leave_every_translator_as_it_was()
    {
        var volume = new Volume(_registry, Environment());
        Assert.That(volume.Load(Parse(TwoLeaves(1, "2"))), Is.Null);

        volume.Apply(Parse(TwoLeaves(7, "no-number")));

        Assert.That(volume.Graph!.Translators.OfType<Leaf>().Select(l => l.Options.Port), Is.EqualTo(new[] { 1, 2 }));
    }

    private static string TwoLeaves(int first, string second) =>
        $"volume a\n type test/leaf\n option port {first}\nend-volume\nvolume top\n type test/leaf\n option port {second}\n subvolumes a\nend-volume\n";

    private static Volfile Parse(string text) => VolfileParser.Parse(text).Volfile!;

    private static TranslatorEnvironment Environment(params OptionOverride[] overrides) =>
        new() { Random = new Random(1), Process = Process, VolumeName = "v", Overrides = overrides };

    private GraphBuildResult Build(string volfile, params OptionOverride[] overrides)
    {
        var slots = 0;
        return new GraphBuilder(_registry, Environment(overrides)).Build(Parse(volfile), 0, () => slots++);
    }

    private sealed record LeafOptions : IVolumeOptions<LeafOptions>
    {
        public int Port { get; init; }

        public static OptionTable<LeafOptions> Table { get; } = new OptionTable<LeafOptions>()
            .Int("port", "Where", o => o.Port, (o, v) => o with { Port = (int)v }, maximum: 65535);
    }

    private sealed class Leaf(LeafOptions options, List<string> started) : Translator<LeafOptions>(options)
    {
        public override void Start() => started.Add(Name);

        public void Say(ChildEvent change) => RaiseEvent(change);
    }
}
