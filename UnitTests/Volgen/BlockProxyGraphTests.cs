using BlockProxy.Volgen;
using BlockProxy.Volgen.Graphs;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Volgen;

[TestFixture]
public sealed class BlockProxyGraphTests
{
    [Test]
    public void The_thin_client_of_a_sharded_volume_is_connection_aha_write_behind_and_statistics()
    {
        var volume = GoldenVolfiles.DefinitionOf("041-gfproxyd-shard");

        var types = BlockProxyGraphs.Find(volume, "gfproxy-client")!.Volumes.Select(translator => translator.Type);

        Assert.That(types, Is.EqualTo(new[] { "protocol/client", "features/aha", "performance/write-behind", "debug/io-stats" }));
    }

    [Test]
    public void The_daemon_has_certificates_and_the_rules_about_who_may_connect()
    {
        var volume = GoldenVolfiles.DefinitionOf("042-gfproxyd-ssl");
        volume = volume with { Options = volume.Options.With("auth.reject", "10.9.9.9") };

        var server = BlockProxyGraphs.Find(volume, "gfproxyd")!.Volumes[^1];

        Assert.That(Value(server, "transport.socket.ssl-own-cert"), Is.EqualTo("/etc/ssl/glusterfs.pem"));
        Assert.That(Value(server, "auth.login.gfproxyd-gfproxyd-ssl.ssl-allow"), Is.EqualTo("client1,client2"));
        Assert.That(Value(server, "auth.addr.gfproxyd-gfproxyd-ssl.allow"), Is.EqualTo("*"));
        Assert.That(Value(server, "auth.addr.gfproxyd-gfproxyd-ssl.reject"), Is.EqualTo("10.9.9.9"));
    }

    [Test]
    public void The_thin_client_logs_in_with_what_the_daemon_expects_and_the_bricks_do_not()
    {
        var volume = GoldenVolfiles.DefinitionOf("041-gfproxyd-shard");

        var client = BlockProxyGraphs.Find(volume, "gfproxy-client")!.Volumes[0];
        var server = BlockProxyGraphs.Find(volume, "gfproxyd")!.Volumes[^1];

        var username = Value(client, "username");
        Assert.That(Value(server, "auth.login.gfproxyd-gfproxyd-shard.allow"), Is.EqualTo(username));
        Assert.That(Value(server, $"auth.login.{username}.password"), Is.EqualTo(Value(client, "password")));
        Assert.That(BlockProxyGraphs.Find(volume, "brick-1")!.Text, Does.Not.Contain(username));
    }

    [Test]
    public void Graphs_that_are_not_of_the_pair_are_glusterds()
    {
        var volume = GoldenVolfiles.DefinitionOf("014-plain-distrep");

        foreach (var name in StockGraphs.NamesOf(volume).Where(name => !name.StartsWith("gfproxy", StringComparison.Ordinal)))
            Assert.That(BlockProxyGraphs.Find(volume, name)!.Text, Is.EqualTo(StockGraphs.Find(volume, name)!.Text), name);
    }

    [Test]
    public void Two_debug_options_at_one_place_write_their_translators_twice_as_glusterd_does()
    {
        // Seen with glusterd 10.3, which then cannot load its own file.
        var volume = GoldenVolfiles.DefinitionOf("001-plain-single");
        volume = volume with { Options = volume.Options.With("debug.trace", "posix").With("debug.error-gen", "posix") };

        var graph = StockGraphs.Find(volume, "brick-1")!;

        Assert.That(graph.Volumes.Skip(1).Take(4).Select(translator => translator.Type),
            Is.EqualTo(new[] { "debug/trace", "debug/error-gen", "debug/trace", "debug/error-gen" }));
        Assert.That(graph.ToVolfile(out var fault), Is.Null);
        Assert.That(fault, Does.Contain("is declared twice"));
    }

    [Test]
    public void Translators_of_users_stand_where_they_are_wanted_the_newest_lowest()
    {
        // Seen with glusterd 10.3.
        var volume = GoldenVolfiles.DefinitionOf("001-plain-single");
        foreach (var (name, value) in new[] { ("foo", "posix"), ("foo.k1", "v1"), ("foo.k2", "v2"), ("bar", "posix") })
            volume = volume with { Options = volume.Options.With($"user.xlator.{name}", value) };

        var graph = StockGraphs.Find(volume, "brick-1")!.Volumes;

        Assert.That(graph.Skip(1).Take(2).Select(translator => translator.Name), Is.EqualTo(new[] { "plain-single-bar", "plain-single-foo" }));
        Assert.That(graph[2].Options, Is.EqualTo(new VolfileOption[] { new("k1", "v1"), new("k2", "v2") }));
    }

    private static string? Value(VolumeDeclaration translator, string key) => translator.FindOption(key)?.Value;
}
