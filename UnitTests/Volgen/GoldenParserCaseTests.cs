using System.Text;
using System.Text.Json;
using BlockProxy.Volgen;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Volgen;

/// <summary>Small texts that were put to glusterfsd 10.3: we give the verdict it gave, and see the graph it saw.</summary>
[TestFixture]
public sealed class GoldenParserCaseTests
{
    /// <summary>The cases in which glusterfsd accepts what we refuse, on purpose.</summary>
    private static readonly Dictionary<string, string> Deviations = new()
    {
        // It ran "echo x" in a shell. No volfile runs anything here.
        ["backtick-in-comment"] = "line 5, column 3: a backtick, with which GlusterFS would run a command; "
            + "no command is run here, a backtick meant as text is written \"\\`\"",

        // It cut the value at the NUL, so "a\0b" became "a". Half a value is worse than none.
        ["nul-byte"] = "line 7, column 23: a NUL character; a volfile is text",
    };

    private static IEnumerable<string> Cases => GoldenVolfiles.Files.Keys
        .Where(path => path.StartsWith("parse/", StringComparison.Ordinal) && path.EndsWith(".json", StringComparison.Ordinal))
        .Select(path => Path.GetFileNameWithoutExtension(path));

    [Test]
    public void The_archive_holds_all_cases()
    {
        Assert.That(Cases.Count(), Is.EqualTo(49));
        Assert.That(Deviations.Keys, Is.SubsetOf(Cases));
    }

    [TestCaseSource(nameof(Cases))]
    public void The_verdict_and_the_graph_are_those_of_glusterfsd(string name)
    {
        using var recorded = JsonDocument.Parse(GoldenVolfiles.Files[$"parse/{name}.json"]);

        var result = VolfileParser.Parse(GoldenVolfiles.Files[$"parse/{name}.vol"]);

        if (Deviations.TryGetValue(name, out var error))
        {
            Assert.That(recorded.RootElement.GetProperty("accepted").GetBoolean(), Is.True, "else this is no deviation");
            Assert.That(result.Error?.ToString(), Is.EqualTo(error));
            return;
        }
        Assert.That(result.IsAccepted, Is.EqualTo(recorded.RootElement.GetProperty("accepted").GetBoolean()), result.Error?.ToString());
        if (result.Volfile is { } volfile)
            Assert.That(PrintAsGlusterfsd(volfile), Is.EqualTo(recorded.RootElement.GetProperty("graph").GetString()));
    }

    /// <summary>
    /// glusterfsd prints the loaded graph from the top down to the leaves and leaves first, a shared volume as often as it is named,
    /// the newest option first, and a line with a blank between volumes.
    /// </summary>
    private static string PrintAsGlusterfsd(Volfile volfile)
    {
        var blocks = new List<string>();
        Print(volfile.Top);
        return string.Join(" \n", blocks);

        void Print(VolumeDeclaration volume)
        {
            foreach (var child in volfile.SubvolumesOf(volume))
                Print(child);

            var block = new StringBuilder($"volume {volume.Name}\n    type {volume.Type}\n");
            foreach (var option in volume.Options.Reverse())
                block.Append($"    option {option.Key} {option.Value}\n");
            if (volume.Subvolumes.Count > 0)
                block.Append($"    subvolumes {string.Join(' ', volume.Subvolumes)}\n");
            blocks.Add(block.Append("end-volume\n").ToString());
        }
    }
}
