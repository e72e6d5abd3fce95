using BlockProxy.Volgen;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Volgen;

[TestFixture]
public sealed class VolfileTests
{
    private static readonly VolumeDeclaration Leaf = new("leaf", "storage/posix", [new("directory", "/b")], []);
    private static readonly VolumeDeclaration Top = new("top", "debug/io-stats", [], ["leaf"]);

    [Test]
    public void Volumes_and_options_are_found_by_name_or_not()
    {
        var volfile = new Volfile([Leaf, Top]);

        Assert.That(volfile.Top, Is.SameAs(Top));
        Assert.That(volfile.FindVolume("leaf"), Is.SameAs(Leaf));
        Assert.That(volfile.FindVolume("Leaf"), Is.Null);
        Assert.That(Leaf.FindOption("directory")?.Value, Is.EqualTo("/b"));
        Assert.That(Leaf.FindOption("Directory"), Is.Null);
        Assert.That(volfile.SubvolumesOf(Top), Is.EqualTo(new[] { Leaf }));
        Assert.That(volfile.SubvolumesOf(Leaf), Is.Empty);
    }

    [Test]
    public void Volfiles_are_equal_if_they_say_the_same_wherever_it_stands()
    {
        const string text = "volume leaf type storage/posix option directory /b end-volume "
            + "volume top type debug/io-stats subvolumes leaf end-volume";

        var read = VolfileParser.Parse(text).Volfile!;
        var readElsewhere = VolfileParser.Parse(text.Replace(" ", "\n", StringComparison.Ordinal)).Volfile!;

        Assert.That(read.Top.Position, Is.Not.EqualTo(readElsewhere.Top.Position));
        Assert.That(read, Is.EqualTo(readElsewhere));
        Assert.That(read, Is.EqualTo(new Volfile([Leaf, Top])));
        Assert.That(read.GetHashCode(), Is.EqualTo(readElsewhere.GetHashCode()));
    }

    private static IEnumerable<VolumeDeclaration> OtherTops =>
    [
        Top with { Name = "other" },
        Top with { Type = "other" },
        Top with { Options = [new("k", "v")] },
        Top with { Subvolumes = ["leaf", "leaf"] },
    ];

    [TestCaseSource(nameof(OtherTops))]
    public void Volfiles_differ_by_anything_they_say(VolumeDeclaration otherTop)
    {
        Assert.That(new Volfile([Leaf, otherTop]), Is.Not.EqualTo(new Volfile([Leaf, Top])));
    }

    [Test]
    public void Options_differ_by_key_by_value_and_by_order()
    {
        VolfileOption a = new("a", "1"), b = new("b", "1");

        Assert.That(a, Is.Not.EqualTo(b));
        Assert.That(a, Is.Not.EqualTo(a with { Value = "2" }));
        Assert.That(Leaf with { Options = [a, b] }, Is.Not.EqualTo(Leaf with { Options = [b, a] }));
    }

    private static IEnumerable<TestCaseData> NoGraphs =>
    [
        new(Array.Empty<VolumeDeclaration>(), "a volfile declares at least one volume"),
        new(new[] { Leaf with { Name = "" } }, "volume '' has no name"),
        new(new[] { Leaf with { Type = "" } }, "volume 'leaf' has no type"),
        new(new[] { Leaf, Leaf }, "volume 'leaf' is declared twice"),
        new(new[] { Leaf with { Options = [new("k", "1"), new("k", "2")] } }, "volume 'leaf' sets option 'k' twice"),
        new(new[] { Top, Leaf }, "volume 'top' names subvolume 'leaf', which is not declared before it"),
        new(new[] { Leaf, Top with { Subvolumes = ["top"] } }, "volume 'top' names subvolume 'top', which is not declared before it"),
    ];

    [TestCaseSource(nameof(NoGraphs))]
    public void Volumes_that_form_no_graph_make_no_volfile(VolumeDeclaration[] volumes, string reason)
    {
        Assert.That(() => new Volfile(volumes), Throws.ArgumentException.With.Message.StartsWith(reason));
    }

    [Test]
    public void A_volfile_does_not_change_with_the_list_it_was_made_from()
    {
        var volumes = new List<VolumeDeclaration> { Leaf, Top };
        var volfile = new Volfile(volumes);

        volumes.Clear();

        Assert.That(volfile.Volumes, Is.EqualTo(new[] { Leaf, Top }));
    }
}
