using BlockProxy.Volgen.Definition;
using BlockProxy.Volgen.Options;

namespace BlockProxy.Volgen.Graphs;

/// <summary>The <c>protocol/client</c> translators of stock graphs, and what connections of both ends share.</summary>
internal static class Connections
{
    private const string PingTimeout = "42";

    /// <summary>A client of each brick, that of a thin arbiter behind its set's.</summary>
    public static void AddBrickClients(this GraphDraft graph, VolumeDefinition volume, string transport, bool trusted)
    {
        foreach (var (index, brick) in volume.Bricks.Index())
        {
            graph.AddBrickClient(volume, brick, transport, trusted);
            var set = index / volume.LeafSize;
            if ((index + 1) % volume.LeafSize == 0 && set < volume.ThinArbiters.Count)
                graph.AddBrickClient(volume, volume.ThinArbiters[set], transport, trusted);
        }
    }

    public static void AddBrickClient(this GraphDraft graph, VolumeDefinition volume, BrickDefinition brick, string transport, bool trusted) =>
        graph.AddClient(volume, brick.Id, brick.Host, brick.Path, transport, trusted);

    /// <summary>A client. Without a host it asks the server that its volfile came from. The port is asked from the portmapper of the host.</summary>
    public static TranslatorDraft AddClient(
        this GraphDraft graph, VolumeDefinition volume, string name, string? host, string subvolume, string transport, bool trusted)
    {
        var client = graph.AddOver("protocol/client", name, [])
            .Set("ping-timeout", PingTimeout)
            .Set("remote-host", host)
            .Set("remote-subvolume", subvolume)
            .Set("transport-type", transport)
            .Set("transport.address-family", volume.Options.Find("transport.address-family"));
        if (trusted)
            client.Set("username", volume.Auth.Username).Set("password", volume.Auth.Password);
        if (volume.Options.IsOn("client.ssl"))
            client.Set("transport.socket.ssl-enabled", "true");
        return client.SetTlsFiles(volume.Options);
    }

    /// <summary>Certificates and ciphers, as far as the volume names them.</summary>
    public static TranslatorDraft SetTlsFiles(this TranslatorDraft translator, VolumeOptions options)
    {
        foreach (var row in OptionTable.Rows.Where(row => row.Rule == OptionRule.Tls))
            translator.Set(row.Key!, options.Find(row.Name));
        return translator;
    }

    /// <summary>Who logs in to a server's volume: the nodes of the pool, by the volume's name and password.</summary>
    public static TranslatorDraft SetLogin(this TranslatorDraft server, PoolCredential credential, string path) => server
        .Set($"auth.login.{path}.allow", credential.Username)
        .Set($"auth.login.{credential.Username}.password", credential.Password)
        .Set("auth-path", path);

    /// <summary>From where one may connect to a server's volume.</summary>
    public static void SetAddresses(this TranslatorDraft server, VolumeOptions options, string path)
    {
        foreach (var row in OptionTable.Rows.Where(row => row.Rule == OptionRule.ServerAuthentication))
            server.Set($"auth.addr.{path}.{row.Key}", row.ValueIn(options));
    }
}
