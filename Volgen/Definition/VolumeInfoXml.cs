using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace BlockProxy.Volgen.Definition;

/// <summary>
/// What <c>gluster volume info --xml</c> prints. It lacks the pool's credential, thin arbiters, the versions, and the order of the options, which an
/// info file has; without one the credential is a word that no brick accepts. Brick ids are counted from 0.
/// </summary>
public static class VolumeInfoXml
{
    private const string NoCredential = "unknown";

    public static DefinitionResult Read(string xml, string? name, string? info)
    {
        XElement root;
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml), new() { DtdProcessing = DtdProcessing.Prohibit, MaxCharactersFromEntities = 0 });
            root = XElement.Load(reader, LoadOptions.SetLineInfo);
        }
        catch (XmlException error)
        {
            return DefinitionResult.Refused(new($"line {error.LineNumber}, column {error.LinePosition}", $"this is no XML: {VolfileLexis.Printable(error.Message)}"));
        }

        var volumes = root.Descendants("volume").Where(volume => volume.Element("name") is not null).ToList();
        var wanted = volumes.Count == 1 ? volumes[0] : volumes.Find(volume => (string?)volume.Element("name") == name);
        if (wanted is null)
        {
            var names = string.Join(", ", volumes.Select(volume => (string?)volume.Element("name")));
            return DefinitionResult.Refused(new("volInfo", volumes.Count == 0 ? "no volume is in it" : $"several volumes are in it, say which: {VolfileLexis.Printable(names)}"));
        }

        DefinitionError? missing = null;
        var volumeName = Text("name");
        var volume = new VolumeDefinition
        {
            Name = volumeName,
            VolumeId = Text("id"),
            Type = TypeOf(Text("typeStr")),
            Status = (VolumeStatus)Integer("status"),
            Transport = (VolumeTransport)Integer("transport"),
            ReplicaCount = Math.Max(1, Integer("replicaCount")),
            ArbiterCount = Integer("arbiterCount"),
            DisperseCount = Integer("disperseCount"),
            RedundancyCount = Integer("redundancyCount"),
            Auth = new(NoCredential, NoCredential),
            Bricks = [.. wanted.Elements("bricks").Elements("brick").Select((brick, index) => BrickOf(brick, $"{volumeName}-client-{index}"))],
            Options = new(wanted.Elements("options").Elements("option")
                .Select(option => KeyValuePair.Create((string?)option.Element("name") ?? "", (string?)option.Element("value") ?? ""))
                .DistinctBy(option => option.Key)),
        };
        if (missing is { } fault)
            return DefinitionResult.Refused(fault);
        return info is null ? DefinitionResult.Checked(volume) : GlusterdInfo.Complete(volume, info);

        string Text(string element)
        {
            if ((string?)wanted.Element(element) is { } text)
                return text;
            missing ??= new(PlaceOf(wanted), $"<{element}> is missing");
            return "";
        }

        int Integer(string element)
        {
            var text = Text(element);
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return number;
            missing ??= new(PlaceOf(wanted.Element(element)!), $"<{element}>: {VolfileLexis.Show(text)} is no whole number");
            return 0;
        }
    }

    /// <summary>The name tells the type; the code beside it numbers the distributed forms in its own way.</summary>
    private static VolumeType TypeOf(string text) => text switch
    {
        "Distribute" => VolumeType.Distribute,
        "Replicate" or "Distributed-Replicate" => VolumeType.Replicate,
        "Disperse" or "Distributed-Disperse" => VolumeType.Disperse,
        _ => (VolumeType)(-1),
    };

    private static BrickDefinition BrickOf(XElement brick, string id)
    {
        var text = (string?)brick.Element("name") ?? "";
        var colon = text.IndexOf(":/", StringComparison.Ordinal);
        return colon < 0 ? new(text, "", id) : new(text[..colon], text[(colon + 1)..], id);
    }

    private static string PlaceOf(IXmlLineInfo element) => $"line {element.LineNumber}, column {element.LinePosition}";
}
