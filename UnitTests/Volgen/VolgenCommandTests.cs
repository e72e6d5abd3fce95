using System.Text;
using BlockProxy.Gateway;
using BlockProxy.Gateway.Cli;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Volgen;

[TestFixture]
public sealed class VolgenCommandTests
{
    private string _folder = "";

    [SetUp]
    public void Make_a_folder_with_a_definition()
    {
        _folder = Directory.CreateTempSubdirectory("blockproxy-volgen-").FullName;
        File.WriteAllBytes(Definition, GoldenVolfiles.Files["003-plain-dist3/volume.json"]);
    }

    [TearDown]
    public void Remove_the_folder() => Directory.Delete(_folder, recursive: true);

    private string Definition => Path.Combine(_folder, "volume.json");

    [Test]
    public void A_graph_is_printed_to_the_byte() =>
        Assert.That(Run("volgen", Definition, "--graph", "client", "--flavour", "stock"), Is.EqualTo(Golden("client")));

    [Test]
    public void All_graphs_are_written_to_a_directory()
    {
        var directory = Path.Combine(_folder, "out");

        Run("volgen", Definition, "--out", directory, "--flavour", "stock");

        var written = Directory.GetFiles(directory).Select(file => Path.GetFileName(file));
        Assert.That(written, Is.EquivalentTo(GoldenVolfiles.VolfilesIn("003-plain-dist3").Select(path => Path.GetFileName(path))));
        Assert.That(File.ReadAllText(Path.Combine(directory, "gfproxyd.vol")), Is.EqualTo(Golden("gfproxyd")));
    }

    [Test]
    public void A_truncated_definition_is_one_line_with_the_place()
    {
        File.WriteAllBytes(Definition, GoldenVolfiles.Files["003-plain-dist3/volume.json"][..500]);

        var error = Assert.Throws<GatewayException>(() => Run("volgen", Definition, "--graph", "client"));

        Assert.That(error!.Message, Does.StartWith($"{Definition}: line 22, byte ").And.Not.Contain("\n"));
    }

    [Test]
    public void A_graph_that_is_not_there_is_refused_with_those_that_are()
    {
        var error = Assert.Throws<GatewayException>(() => Run("volgen", Definition, "--graph", "shd"));

        Assert.That(error!.Message, Is.EqualTo(
            "volume 'plain-dist3' has no graph 'shd'; it has client, trusted-client, gfproxy-client, gfproxyd, brick-1, brick-2, brick-3, rebalance"));
    }

    [Test]
    public void A_plan_from_a_definition_to_itself_is_empty() => Assert.That(Run("plan", Definition, Definition), Is.Empty);

    [Test]
    public void A_volfile_is_drawn_as_a_tree_and_for_Graphviz()
    {
        var volfile = Path.Combine(_folder, "x.vol");
        File.WriteAllText(volfile, "volume a\n type t/x\n option k v\nend-volume\nvolume \"b \\\"q\\\"\"\n type t/y\n subvolumes a\nend-volume\n");

        Assert.That(Run("volfile", "show", volfile), Is.EqualTo("b \"q\" (t/y)\n└─ a (t/x)\n"));
        Assert.That(Run("volfile", "show", volfile, "--dot"), Is.EqualTo("""
            digraph volfile {
                node [shape=box];
                "b \"q\"" [label="b \"q\"\nt/y", style=bold];
                "b \"q\"" -> "a";
                "a" [label="a\nt/x"];
            }

            """));
    }

    [Test]
    public void Options_are_listed_by_pattern()
    {
        Assert.That(Run("volgen", "options", "auth.reject"), Does.StartWith("auth.reject  addresses  -  Addresses, names"));
        Assert.That(() => Run("volgen", "options", "auth.rejekt"), Throws.TypeOf<GatewayException>().With.Message.Contains("nearest are auth.reject"));
    }

    private static string Golden(string graph) => Encoding.UTF8.GetString(GoldenVolfiles.Files[$"003-plain-dist3/{graph}.vol"]);

    private static string Run(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var exit = CommandLine.Create().Parse(arguments).Invoke(new() { EnableDefaultExceptionHandler = false, Output = output, Error = TextWriter.Null });
        Assert.That(exit, Is.Zero);
        return output.ToString();
    }
}
