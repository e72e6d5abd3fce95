using System.Net;
using System.Net.Sockets;
using BlockProxy.Gateway;
using BlockProxy.Gateway.Configuration;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Gateway;

public sealed class ConfigurationTests
{
    [Test]
    public void An_export_of_the_command_line_names_a_volume_and_a_path()
    {
        Assert.That(ExportConfiguration.Parse("disk0=vms:/images/disk0.img,size=10G,create"), Is.EqualTo(new ExportConfiguration
        {
            Name = "disk0",
            Target = ExportTarget.VolumeFile,
            Volume = "vms",
            Path = "/images/disk0.img",
            Size = 10L << 30,
            Create = true,
        }));
        Assert.That(ExportConfiguration.Parse("a=/b,ro"), Is.EqualTo(new ExportConfiguration
        {
            Name = "a",
            Target = ExportTarget.VolumeFile,
            Path = "/b",
            ReadOnly = true,
        }));
        Assert.That(ExportConfiguration.Parse("m=memory:1GiB").Size, Is.EqualTo(1L << 30));
        Assert.That(ExportConfiguration.Parse("f=file:/dev/sdb").Path, Is.EqualTo("/dev/sdb"));
    }

    [TestCase("disk0", "export 'disk0': it has no name; expected NAME=VOL:/PATH, NAME=/PATH, NAME=memory:SIZE or NAME=file:/PATH")]
    [TestCase("a=b", "export 'a=b': 'b' is not a target; expected VOL:/PATH, /PATH, memory:SIZE or file:/PATH")]
    [TestCase("a=v:/p,sise=1G", "export 'a=v:/p,sise=1G': 'sise=1G' is not an export option; expected size=SIZE, create or ro")]
    [TestCase("a=v:/p,create", "export 'a': 'create' needs a size, such as size=10G")]
    [TestCase("a=v:/p,size=1G", "export 'a': 'size' is for 'create'; an existing file has its own size")]
    [TestCase("a=v:/p,size=1G,create,ro", "export 'a': 'create' and 'ro' contradict each other")]
    [TestCase("a=v:/", "export 'a': '/' is not an absolute path to a file")]
    [TestCase("a=memory:lots", "export 'a=memory:lots': 'lots' is not a size; expected such as 512M, 10G or 10GiB")]
    public void A_wrong_export_is_refused_with_what_would_be_right(string text, string message) =>
        Assert.That(() => ExportConfiguration.Parse(text), Throws.TypeOf<GatewayException>().With.Message.EqualTo(message));

    [TestCase("127.0.0.1:1234", "127.0.0.1:1234")]
    [TestCase("10.1.2.3", "10.1.2.3:10809")]
    [TestCase("[::1]:99", "[::1]:99")]
    [TestCase("::1", "[::1]:10809")]
    [TestCase(":5", "[::]:5")]
    [TestCase("localhost:7", "127.0.0.1:7")]
    public void An_address_to_listen_on_has_a_port_or_gets_the_usual_one(string text, string expected) =>
        Assert.That(EndPoints.ParseListen(text, EndPoints.NbdPort), Is.EqualTo(IPEndPoint.Parse(expected)));

    [Test]
    public void A_unix_address_is_an_absolute_path()
    {
        Assert.That(EndPoints.ParseListen("unix:/run/x.sock", 1), Is.TypeOf<UnixDomainSocketEndPoint>());
        Assert.That(() => EndPoints.ParseListen("unix:x.sock", 1), Throws.TypeOf<GatewayException>());
        Assert.That(() => EndPoints.ParseListen("unix:/" + new string('x', 107), 1), Throws.TypeOf<GatewayException>().With.Message.Contains("at most 107 bytes"));
    }

    [TestCase("gluster.example:24007x")]
    [TestCase("1.2.3.4:70000")]
    [TestCase("example.org:80")]
    public void A_wrong_address_is_refused(string text) =>
        Assert.That(() => EndPoints.ParseListen(text, EndPoints.NbdPort), Throws.TypeOf<GatewayException>().With.Message.StartsWith($"address '{text}': "));

    [Test]
    public void The_configuration_file_says_what_the_command_line_can_say()
    {
        var read = ConfigurationFile.Parse("""
            {
              // comments are allowed
              "volfileServer": "gluster1:24008",
              "exports": [
                { "name": "disk0", "volume": "vms", "path": "/disk0.img", "size": "10GiB", "create": true },
                { "name": "scratch", "memory": "1G", "description": "gone tomorrow" },
              ],
              "nbd": ["127.0.0.1:10810", "unix:/run/blockproxy.sock"],
              "brickWait": "5min",
              "log": { "level": "debug", "format": "json" },
            }
            """);

        Assert.That(read.VolfileServer, Is.EqualTo(new DnsEndPoint("gluster1", 24008)));
        Assert.That(read.Exports[0], Is.EqualTo(ExportConfiguration.Parse("disk0=vms:/disk0.img,size=10G,create")));
        Assert.That(read.Exports[1].Description, Is.EqualTo("gone tomorrow"));
        Assert.That(read.NbdListeners, Has.Count.EqualTo(2));
        Assert.That(read.BrickWait, Is.EqualTo(TimeSpan.FromMinutes(5)));
        Assert.That(read.Log, Is.EqualTo(new LogConfiguration { Level = Serilog.Events.LogEventLevel.Debug, Format = LogFormat.Json }));
    }

    [TestCase("""{ "volfileserver": "x" }""", "key 'volfileserver' is not known; the nearest is 'volfileServer'")]
    [TestCase("""{ "exports": [ { "name": "a", "readonly": true } ] }""", "key 'exports.readonly' is not known; the nearest is 'readOnly'")]
    [TestCase("""{ "brickWait": "soon" }""", "key 'brickWait': expected a time such as \"30s\", found \"soon\"")]
    [TestCase("""{ "exports": [ { "path": "/a" } ] }""", "key 'exports': an export has no \"name\"")]
    [TestCase("""{ "exports": [ { "name": "a", "path": "/a", "memory": "1G" } ] }""", "key 'exports': export 'a' has 2 targets; expected one of \"path\", \"file\" and \"memory\"")]
    [TestCase("""{ "nbd": "x" }""", "key 'nbd': expected a list, found \"x\"")]
    [TestCase("""{ "nbd": [], "nbd": [] }""", "key 'nbd' is given twice")]
    [TestCase("[]", "the file: expected an object, found []")]
    [TestCase("{\n  \"nbd\": [,]\n}", "line 2, column 11: not JSON here")]
    public void A_wrong_configuration_is_refused_by_key_and_place(string json, string message) =>
        Assert.That(() => ConfigurationFile.Parse(json), Throws.TypeOf<GatewayException>().With.Message.EqualTo(message));

    [Test]
    public void Every_key_is_in_the_documentation()
    {
        var page = File.ReadAllText(SourceTree.PathOf("docs/configuration.md"));
        var rows = ConfigurationKeys.Root.Select(k => Row(k.Name, k.Kind, k.Description))
            .Concat(ConfigurationKeys.Export.Select(k => Row(k.Name, k.Kind, k.Description)))
            .Concat(ConfigurationKeys.Log.Select(k => Row(k.Name, k.Kind, k.Description)));

        Assert.That(rows.Where(row => !page.Contains(row, StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void A_server_without_exports_or_with_two_of_one_name_is_refused()
    {
        Assert.That(() => new ServeConfiguration().Check(), Throws.TypeOf<GatewayException>().With.Message.StartsWith("there is nothing to serve"));
        var twice = new ServeConfiguration { Exports = [ExportConfiguration.Parse("a=memory:1M"), ExportConfiguration.Parse("a=memory:2M")] };
        Assert.That(twice.Check, Throws.TypeOf<GatewayException>().With.Message.EqualTo("export 'a' is given 2 times; names are unique"));
        var nowhere = new ServeConfiguration { Exports = [ExportConfiguration.Parse("a=v:/x")] };
        Assert.That(nowhere.Check, Throws.TypeOf<GatewayException>().With.Message.EqualTo("export 'a' is on a volume; give --volfile-server HOST or --volfile FILE"));
    }

    private static string Row(string name, string kind, string description) => $"| `{name}` | {kind} | {description} |";
}
