using BlockProxy.Volgen.Definition;
using BlockProxy.Volgen.Planning;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Volgen;

[TestFixture]
public sealed class VolumePlanTests
{
    private static VolumeDefinition Volume => GoldenVolfiles.DefinitionOf("003-plain-dist3");

    [Test]
    public void An_option_of_a_running_translator_is_bound_in_place_where_that_translator_is()
    {
        var plan = VolumePlan.Compare(Volume, With("cluster.min-free-disk", "5%"));

        Assert.That(plan.Select(change => (change.Graph, change.Effect)), Is.EqualTo(new[]
        {
            ("client", GraphEffect.Bind), ("trusted-client", GraphEffect.Bind), ("gfproxyd", GraphEffect.Bind), ("rebalance", GraphEffect.Bind),
        }));
        Assert.That(plan[0].Details, Is.EqualTo(new[] { "plain-dist3-dht: min-free-disk (not set) becomes '5%'" }));
    }

    [Test]
    public void A_translator_more_is_a_graph_switch()
    {
        var plan = VolumePlan.Compare(Volume, With("performance.read-ahead", "on"));

        Assert.That(plan.Select(change => (change.Graph, change.Effect)), Is.EqualTo(new[]
        {
            ("client", GraphEffect.Switch), ("trusted-client", GraphEffect.Switch), ("gfproxyd", GraphEffect.Switch),
        }));
        Assert.That(plan[0].Details, Does.Contain("+ plain-dist3-read-ahead (performance/read-ahead)"));
    }

    [Test]
    public void A_brick_less_moves_data()
    {
        var plan = VolumePlan.Compare(Volume, Volume with { Bricks = [.. Volume.Bricks.Take(2)] });

        Assert.That(plan.Single(change => change.Graph == "client").Effect, Is.EqualTo(GraphEffect.MoveData));
        Assert.That(plan.Single(change => change.Graph == "brick-3").Details, Is.EqualTo(new[] { "the graph is gone" }));
    }

    [Test]
    public void A_password_is_not_shown()
    {
        var plan = VolumePlan.Compare(Volume, Volume with { Auth = Volume.Auth with { Password = "other" } });

        Assert.That(plan.SelectMany(change => change.Details), Has.None.Contains("other").And.None.Contains(Volume.Auth.Password));
        Assert.That(plan, Is.Not.Empty);
    }

    private static VolumeDefinition With(string name, string value) => Volume with { Options = Volume.Options.With(name, value) };
}
