using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace BlockProxy.Volgen.Definition;

/// <summary>
/// Definitions as JSON, an object with the members that <see cref="Write(VolumeDefinition)"/> writes. Name, volume_id, type, auth and bricks are needed; what else is
/// left out has the value of a new volume. Members of other names are passed over.
/// </summary>
public static class VolumeDefinitionJson
{
    private static readonly string[] Transports = ["tcp", "rdma", "tcp,rdma"];

    public static DefinitionResult Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            // Some editors begin a file with a byte order mark.
            if (json.Span.StartsWith(Encoding.UTF8.Preamble))
                json = json[Encoding.UTF8.Preamble.Length..];
            using var document = JsonDocument.Parse(json, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return DefinitionResult.Refused(new("line 1", "the definition of a volume is an object: { \"name\": …, \"bricks\": … }"));
            return Read(new JsonFields(document.RootElement, ""));
        }
        catch (JsonException error)
        {
            var place = $"line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}";
            return DefinitionResult.Refused(new(place, $"this is no JSON: {Reason(error)}"));
        }
        catch (InvalidOperationException error)
        {
            // A string that is no valid Unicode is noticed only when it is read.
            return DefinitionResult.Refused(new("the definition", $"this is no JSON: {VolfileLexis.Printable(error.Message)}"));
        }
    }

    /// <summary>The definition as indented JSON, which <see cref="Read(ReadOnlyMemory{byte})"/> reads back as the same.</summary>
    public static byte[] Write(VolumeDefinition volume)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Write(json, volume);
        bytes.Write("\n"u8);
        return bytes.WrittenSpan.ToArray();
    }

    private static DefinitionResult Read(JsonFields fields)
    {
        var name = fields.Text("name");
        var auth = fields.Object("auth");
        var volume = new VolumeDefinition
        {
            Name = name ?? "",
            VolumeId = fields.Text("volume_id") ?? "",
            Type = TypeOf(fields),
            Status = StatusOf(fields),
            Transport = TransportOf(fields),
            ReplicaCount = fields.Integer("replica_count", 1),
            ArbiterCount = fields.Integer("arbiter_count", 0),
            ThinArbiterCount = fields.Integer("thin_arbiter_count", 0),
            DisperseCount = fields.Integer("disperse_count", 0),
            RedundancyCount = fields.Integer("redundancy_count", 0),
            QuotaVersion = fields.Integer("quota_version", 0),
            OpVersion = fields.Integer("op_version", 1),
            ClientOpVersion = fields.Integer("client_op_version", 2),
            ClusterOpVersion = fields.Integer("cluster_op_version", VolumeDefinition.CurrentOpVersion),
            Auth = new(auth?.Text("username") ?? "", auth?.Text("password") ?? ""),
            Bricks = [.. fields.Objects("bricks", required: true).Select((brick, index) => BrickOf(brick, $"{name}-client-{index}"))],
            ThinArbiters = [.. fields.Objects("thin_arbiters", required: false).Select(brick => BrickOf(brick, $"{name}-ta-2"))],
            Options = OptionsOf(fields),
        };
        if (fields.Integer("brick_count", volume.Bricks.Count) is var count && count != volume.Bricks.Count)
            fields.Fail("brick_count", $"is {count}, but {volume.Bricks.Count} bricks are listed");
        return fields.Error is { } error ? DefinitionResult.Refused(error) : DefinitionResult.Checked(volume);
    }

    private static VolumeType TypeOf(JsonFields fields)
    {
        var code = fields.Integer("type", -1);
        if (!Enum.IsDefined((VolumeType)code))
            fields.Fail("type", code < 0 ? "is missing" : $"{code} is no type of volume; known are 0 (distribute), 2 (replicate) and 4 (disperse)");
        return (VolumeType)code;
    }

    private static VolumeStatus StatusOf(JsonFields fields)
    {
        var text = fields.Text("status", nameof(VolumeStatus.Created));
        if (Enum.TryParse<VolumeStatus>(text, out var status) && Enum.GetName(status) == text)
            return status;
        fields.Fail("status", $"{VolfileLexis.Show(text!)} is none of Created, Started and Stopped");
        return default;
    }

    private static VolumeTransport TransportOf(JsonFields fields)
    {
        var text = fields.Text("transport", "tcp")!;
        if (Array.IndexOf(Transports, text) is var index and >= 0)
            return (VolumeTransport)index;
        fields.Fail("transport", $"{VolfileLexis.Show(text)} is none of tcp, rdma and tcp,rdma");
        return default;
    }

    private static BrickDefinition BrickOf(JsonFields fields, string id) =>
        new(fields.Text("host") ?? "", fields.Text("path") ?? "", fields.Text("brick_id", id)!)
        {
            SharedBrickCount = fields.Integer("shared_brick_count", 1),
            IsDecommissioned = fields.Flag("decommissioned"),
        };

    private static VolumeOptions OptionsOf(JsonFields fields)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var options = new List<KeyValuePair<string, string>>();
        foreach (var option in fields.Pairs("options"))
        {
            if (names.Add(option.Key))
                options.Add(option);
            else
                fields.Fail("options", $"option {VolfileLexis.Show(option.Key)} is there twice");
        }
        return new(options);
    }

    private static void Write(Utf8JsonWriter json, VolumeDefinition volume)
    {
        json.WriteStartObject();
        json.WriteString("name", volume.Name);
        json.WriteString("volume_id", volume.VolumeId);
        json.WriteNumber("type", (int)volume.Type);
        json.WriteString("status", volume.Status.ToString());
        json.WriteString("transport", volume.TransportText);
        json.WriteNumber("brick_count", volume.Bricks.Count);
        json.WriteNumber("replica_count", volume.ReplicaCount);
        json.WriteNumber("arbiter_count", volume.ArbiterCount);
        json.WriteNumber("thin_arbiter_count", volume.ThinArbiterCount);
        json.WriteNumber("disperse_count", volume.DisperseCount);
        json.WriteNumber("redundancy_count", volume.RedundancyCount);
        json.WriteNumber("quota_version", volume.QuotaVersion);
        json.WriteNumber("op_version", volume.OpVersion);
        json.WriteNumber("client_op_version", volume.ClientOpVersion);
        json.WriteNumber("cluster_op_version", volume.ClusterOpVersion);
        json.WriteStartObject("auth");
        json.WriteString("username", volume.Auth.Username);
        json.WriteString("password", volume.Auth.Password);
        json.WriteEndObject();
        Write(json, "bricks", volume.Bricks);
        Write(json, "thin_arbiters", volume.ThinArbiters);
        json.WriteStartArray("options");
        foreach (var (name, value) in volume.Options)
        {
            json.WriteStartArray();
            json.WriteStringValue(name);
            json.WriteStringValue(value);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<BrickDefinition> bricks)
    {
        json.WriteStartArray(name);
        foreach (var brick in bricks)
        {
            json.WriteStartObject();
            json.WriteString("host", brick.Host);
            json.WriteString("path", brick.Path);
            json.WriteString("brick_id", brick.Id);
            json.WriteNumber("shared_brick_count", brick.SharedBrickCount);
            json.WriteBoolean("decommissioned", brick.IsDecommissioned);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>The first sentence of the parser's message, without the place it repeats behind it.</summary>
    private static string Reason(JsonException error)
    {
        var end = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return VolfileLexis.Printable(end < 0 ? error.Message : error.Message[..end]);
    }
}
