using System.Text;
using BlockProxy.Volgen.Definition;
using BlockProxy.Volgen.Graphs;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Volgen;

[TestFixture]
public sealed class VolumeDefinitionTests
{
    private static readonly string Json = """
        {
          "name": "v", "volume_id": "7904e5fe-a2e5-4fd3-a89d-8482094b953e", "type": 2, "replica_count": 2,
          "auth": { "username": "u", "password": "p" },
          "bricks": [ { "host": "a", "path": "/b/1" }, { "host": "b", "path": "/b/2" } ],
          "options": [ ["performance.quick-read", "off"] ]
        }
        """;

    private static IEnumerable<string> VolumeFolders => GoldenVolfiles.VolumeFolders;

    [Test]
    public void What_is_left_out_has_the_value_of_a_new_volume()
    {
        var volume = Read(Json).Definition!;

        Assert.That(volume.Bricks.Select(brick => brick.Id), Is.EqualTo(new[] { "v-client-0", "v-client-1" }));
        Assert.That(volume.ClusterOpVersion, Is.EqualTo(100000));
        Assert.That(volume.Transport, Is.EqualTo(VolumeTransport.Tcp));
        Assert.That(volume.SubvolumeCount, Is.EqualTo(1));
    }

    [TestCase("\"type\": 2", "\"type\": 7", "type: 7 is no type of volume; known are 0 (distribute), 2 (replicate) and 4 (disperse)")]
    [TestCase("\"type\": 2,", "", "type: is missing")]
    [TestCase("\"replica_count\": 2", "\"replica_count\": 3", "bricks: 2 bricks are no multiple of the 3 that a replicate set has")]
    [TestCase("\"replica_count\": 2", "\"brick_count\": 3", "brick_count: is 3, but 2 bricks are listed")]
    [TestCase("\"replica_count\": 2", "\"replica_count\": 2.5", "replica_count: '2.5' is no whole number from 0 to 2147483647")]
    [TestCase("\"replica_count\": 2", "\"replica_count\": \"2\"", "replica_count: expected a number, found '\"2\"'")]
    [TestCase("\"replica_count\": 2", "\"arbiter_count\": 1, \"replica_count\": 2", "arbiter_count: 1: an arbiter is the third brick of a replica set, one in each")]
    [TestCase("\"host\": \"b\", \"path\": \"/b/2\"", "\"host\": \"a\", \"path\": \"/b/1\"", "bricks[1]: 'a:/b/1' is bricks[0] already")]
    [TestCase("\"path\": \"/b/2\"", "\"path\": \"b/2\"", "bricks[1].path: 'b/2' is no absolute path of a directory")]
    [TestCase("\"path\": \"/b/2\"", "\"dir\": \"b/2\"", "bricks[1].path: is missing")]
    [TestCase("\"name\": \"v\"", "\"name\": \"v w\"", "name: 'v w' is no volume name: 1 to 254 letters, digits, '-' and '_'")]
    [TestCase("[\"performance.quick-read\", \"off\"]", "7", "options[0]: expected [\"option\", \"value\"], found '7'")]
    [TestCase("\"off\"", "\"perhaps\"", "options: performance.quick-read: expected boolean, found 'perhaps'")]
    [TestCase("performance.quick-read", "performance.quik-read", "options: there is no option 'performance.quik-read'; nearest are performance.quick-read, performance.nfs.quick-read, performance.read-ahead")]
    [TestCase("\"performance.quick-read\", \"off\"", "\"performance.io-thread-count\", \"65\"", "options: performance.io-thread-count: expected integer 1 to 64, found '65'")]
    [TestCase("\"performance.quick-read\", \"off\"", "\"disperse.shd-max-threads\", \"2\"", "options: disperse.shd-max-threads: only a dispersed volume has it")]
    [TestCase("\"performance.quick-read\", \"off\"", "\"cluster.quorum-count\", \"3\"", "options: cluster.quorum-count: expected integer 1 to 2, found '3'")]
    public void A_wrong_definition_is_refused_with_one_line_that_tells_the_place(string right, string wrong, string error)
    {
        Assert.That(Json.Contains(right, StringComparison.Ordinal), "else nothing is changed");

        var result = Read(Json.Replace(right, wrong, StringComparison.Ordinal));

        Assert.That(result.Definition, Is.Null);
        Assert.That(result.Error?.ToString(), Is.EqualTo(error));
    }

    [Test]
    public void JSON_cut_short_anywhere_is_refused_with_a_line()
    {
        for (var length = 0; length < Json.TrimEnd().Length; length++)
        {
            var result = Read(Json[..length]);

            Assert.That(result.Error?.Place, Does.StartWith("line "), $"cut at {length}");
            Assert.That(result.Error!.Message, Does.Not.Contain('\n'));
        }
    }

    [TestCaseSource(nameof(VolumeFolders))]
    public void An_info_file_and_XML_of_a_real_volume_give_the_graphs_that_its_JSON_gives(string folder)
    {
        var expected = GoldenVolfiles.DefinitionOf(folder);
        var info = Encoding.UTF8.GetString(GoldenVolfiles.Files[$"{folder}/glusterd-info.txt"]);

        var fromInfo = VolumeDefinitionReader.Read(GoldenVolfiles.Files[$"{folder}/glusterd-info.txt"], expected.Name, null, BrickFile);
        var fromXml = VolumeDefinitionReader.Read(GoldenVolfiles.Files[$"{folder}/info.xml"], expected.Name, info, _ => null);

        Assert.That(fromInfo.Error, Is.Null);
        Assert.That(fromXml.Error, Is.Null);
        foreach (var graph in new[] { "client", "gfproxyd", "brick-1" })
        {
            var wanted = StockGraphs.Find(expected, graph)!.Text;
            Assert.That(StockGraphs.Find(Complete(fromInfo.Definition!), graph)!.Text, Is.EqualTo(wanted));
            Assert.That(StockGraphs.Find(Complete(fromXml.Definition!), graph)!.Text, Is.EqualTo(wanted));
        }

        string? BrickFile(string stored) => expected.Bricks.Concat(expected.ThinArbiters)
            .Where(brick => stored == $"{brick.Host}:{brick.Path.Replace('/', '-')}")
            .Select(brick => $"hostname={brick.Host}\npath={brick.Path}\nbrick-id={brick.Id}\ndecommissioned={(brick.IsDecommissioned ? 1 : 0)}\n")
            .FirstOrDefault();

        // Neither form tells the cluster's version, file systems, or (XML) the ids of bricks that stayed after others went.
        VolumeDefinition Complete(VolumeDefinition volume) => volume with
        {
            ClusterOpVersion = expected.ClusterOpVersion,
            Bricks = [.. volume.Bricks.Zip(expected.Bricks, (brick, known) => brick with
            {
                Id = known.Id,
                SharedBrickCount = known.SharedBrickCount,
                IsDecommissioned = known.IsDecommissioned,
            })],
        };
    }

    [TestCase("type=0\nnonsense\n", "line 2: expected key=value, found 'nonsense'")]
    [TestCase("type=x\nvolume-id=1\nusername=u\npassword=p\n", "line 1: type: 'x' is no whole number")]
    [TestCase("type=0\n", "volume-id: is missing")]
    public void A_wrong_info_file_is_refused_with_its_line(string text, string error) =>
        Assert.That(VolumeDefinitionReader.Read(Encoding.UTF8.GetBytes(text), "v", null, _ => null).Error?.ToString(), Is.EqualTo(error));

    [Test]
    public void XML_cut_short_is_refused_with_its_line()
    {
        var error = VolumeDefinitionReader.Read("<cliOutput>\n <volInfo>"u8.ToArray(), "v", null, _ => null).Error;

        Assert.That(error?.Place, Is.EqualTo("line 2, column 11"));
    }

    private static DefinitionResult Read(string json) => VolumeDefinitionJson.Read(Encoding.UTF8.GetBytes(json));
}
