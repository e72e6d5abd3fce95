using System.Text;
using BlockProxy.Volgen.Definition;
using BlockProxy.Volgen.Graphs;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Volgen;

/// <summary>The graphs we make from the definitions of real volumes, beside those that glusterd 10.3 made.</summary>
[TestFixture]
public sealed class GoldenGraphTests
{
    private static IEnumerable<string> VolumeFolders => GoldenVolfiles.VolumeFolders;

    [TestCaseSource(nameof(VolumeFolders))]
    public void Every_graph_is_the_file_that_glusterd_wrote_byte_for_byte(string folder)
    {
        var volume = GoldenVolfiles.DefinitionOf(folder);
        foreach (var path in GoldenVolfiles.VolfilesIn(folder))
        {
            var graph = StockGraphs.Find(volume, GoldenVolfiles.GraphOf(path));

            Assert.That(graph?.Text, Is.EqualTo(Encoding.UTF8.GetString(GoldenVolfiles.Files[path])), path);
        }
    }

    [Test]
    public void The_whole_corpus_comes_out_equal()
    {
        var equal = GoldenVolfiles.VolumeFolders.Sum(folder =>
        {
            var volume = GoldenVolfiles.DefinitionOf(folder);
            return GoldenVolfiles.VolfilesIn(folder).Count(path =>
                StockGraphs.Find(volume, GoldenVolfiles.GraphOf(path))?.Text == Encoding.UTF8.GetString(GoldenVolfiles.Files[path]));
        });

        TestContext.Out.WriteLine($"{equal} of {GoldenVolfiles.Volfiles.Count()} volfiles equal, byte for byte");
        Assert.That(equal, Is.EqualTo(1497));
    }

    [TestCaseSource(nameof(VolumeFolders))]
    public void The_names_of_graphs_and_files_are_those_that_glusterd_keeps(string folder)
    {
        var volume = GoldenVolfiles.DefinitionOf(folder);
        using var recorded = System.Text.Json.JsonDocument.Parse(GoldenVolfiles.Files[$"{folder}/volume.json"]);
        var files = recorded.RootElement.GetProperty("files").EnumerateObject()
            .ToDictionary(file => Path.GetFileNameWithoutExtension(file.Name), file => file.Value.GetString());

        // The corpus leaves out some bricks of large volumes.
        var names = StockGraphs.NamesOf(volume).ToList();
        Assert.That(names.Where(name => files.ContainsKey(name) || !name.StartsWith("brick-", StringComparison.Ordinal)), Is.EquivalentTo(files.Keys));
        Assert.That(files.Keys.Select(name => StockGraphs.FileNameOf(volume, name)), Is.EqualTo(files.Values));
    }

    [TestCaseSource(nameof(VolumeFolders))]
    public void A_definition_written_as_JSON_reads_back_as_the_same(string folder)
    {
        var volume = GoldenVolfiles.DefinitionOf(folder);

        var again = VolumeDefinitionJson.Read(VolumeDefinitionJson.Write(volume));

        Assert.That(again.Definition, Is.EqualTo(volume), again.Error?.ToString());
    }
}
