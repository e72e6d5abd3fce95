using System.Security.Cryptography;
using System.Text;
using BlockProxy.Volgen.Definition;

namespace BlockProxy.Volgen.Graphs;

/// <summary>
/// The graphs for our own daemons. They are glusterd's, but for the pair of a thin client and its gfproxyd, whose differences docs/volgen.md lists
/// with their reasons.
/// </summary>
public static class BlockProxyGraphs
{
    private const string Shard = "features/shard";
    private const string Utime = "features/utime";

    /// <summary>
    /// Translators of the pair's client side that the gfproxyd has. In a thin client utime would set times that gfproxyd sets again, shard would cut
    /// pieces into pieces, and the cloud's client would fetch twice.
    /// </summary>
    private static readonly string[] OfTheDaemonAlone = [Shard, Utime, "features/cloudsync", "features/snapview-client"];

    /// <summary>One graph by its name, or null where a volume of this shape has none; see <see cref="StockGraphs.NamesOf"/>.</summary>
    public static VolumeGraph? Find(VolumeDefinition volume, string name) => name switch
    {
        "gfproxyd" => new(name, Daemon(volume)),
        "gfproxy-client" or "gfproxy-client.rdma" => new(name, Thin(volume)),
        _ => StockGraphs.Find(volume, name),
    };

    public static IEnumerable<VolumeGraph> All(VolumeDefinition volume) => StockGraphs.NamesOf(volume).Select(name => Find(volume, name)!);

    /// <summary>
    /// What a thin client logs in with. It is made from the pool's password, but does not tell it: who has only this can reach the gfproxyd,
    /// not the bricks.
    /// </summary>
    public static PoolCredential ThinCredentialOf(VolumeDefinition volume)
    {
        var key = Encoding.UTF8.GetBytes(volume.Auth.Password);
        var subject = Encoding.UTF8.GetBytes($"gfproxy-client {volume.VolumeId} {volume.Auth.Username}");
        var password = new Guid(HMACSHA256.HashData(key, subject).AsSpan(0, 16));
        return new($"gfproxy-{volume.VolumeId}", password.ToString());
    }

    private static List<VolumeDeclaration> Daemon(VolumeDefinition volume)
    {
        var path = $"gfproxyd-{volume.Name}";
        var stock = StockGraphs.Find(volume, "gfproxyd")!.Volumes;
        var credential = ThinCredentialOf(volume);
        var server = new TranslatorDraft(stock[^1].Name, stock[^1].Type, stock[^1].Subvolumes);
        foreach (var option in stock[^1].Options.Reverse().Where(option => !option.Key.StartsWith("auth", StringComparison.Ordinal)))
            server.Set(option.Key, option.Value);
        server.Set("transport.address-family", volume.Options.Find("transport.address-family"));
        server.SetTlsFiles(volume.Options).SetLogin(credential, path);
        server.Set($"auth.login.{path}.ssl-allow", volume.Options.Find("auth.ssl-allow"));
        server.SetAddresses(volume.Options, path);
        return [.. stock.SkipLast(1), server.Build()];
    }

    private static List<VolumeDeclaration> Thin(VolumeDefinition volume)
    {
        var credential = ThinCredentialOf(volume);
        var graph = new List<VolumeDeclaration>();
        var replacements = new Dictionary<string, string>();
        foreach (var translator in StockGraphs.Find(volume, "gfproxy-client")!.Volumes)
        {
            var children = translator.Subvolumes.Select(child => replacements.GetValueOrDefault(child, child)).ToList();
            if (OfTheDaemonAlone.Contains(translator.Type))
            {
                replacements[translator.Name] = children[0];
                continue;
            }
            if (translator.Type == "protocol/client" && translator.Name != $"{volume.Name}-gfproxy-client")
                continue;
            graph.Add(translator.Type switch
            {
                "protocol/client" => translator with { Options = [.. translator.Options.Select(option => Credential(option, credential))] },
                "features/quiesce" => Aha(volume, translator, children, replacements),
                _ => translator with { Subvolumes = children },
            });
        }
        return graph;
    }

    private static VolfileOption Credential(VolfileOption option, PoolCredential credential) => option.Key switch
    {
        "username" => new(option.Key, credential.Username),
        "password" => new(option.Key, credential.Password),
        _ => option,
    };

    /// <summary>Aha holds requests while it turns to another gfproxyd, as quiesce does, and asks each host again until the time is over.</summary>
    private static VolumeDeclaration Aha(
        VolumeDefinition volume, VolumeDeclaration quiesce, IReadOnlyList<string> children, Dictionary<string, string> replacements)
    {
        var name = $"{volume.Name}-aha";
        replacements[quiesce.Name] = name;
        return new(name, "features/aha", quiesce.Options, children);
    }
}
