using BlockProxy.Volgen;

namespace BlockProxy.Gateway.Embedded;

/// <summary>The client graph of an embedded volume: what glusterd would write for the same bricks, less what blockproxy passes through.</summary>
internal static class EmbeddedVolfile
{
    /// <param name="volume">The volume's name.</param>
    /// <param name="bricks">Where each brick listens, and its directory.</param>
    public static Volfile Create(string volume, IReadOnlyList<(string Host, int Port, string Directory)> bricks)
    {
        List<VolumeDeclaration> volumes = [];
        List<string> clients = [];
        foreach (var (index, (host, port, directory)) in bricks.Index())
        {
            var name = $"{volume}-client-{index}";
            clients.Add(name);
            volumes.Add(new VolumeDeclaration(name, "protocol/client",
            [
                new("remote-host", host),
                new("remote-port", port.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                new("remote-subvolume", directory),
                new("transport-type", "tcp"),
            ], []));
        }

        volumes.Add(new VolumeDeclaration($"{volume}-dht", "cluster/distribute", [], clients));
        volumes.Add(new VolumeDeclaration($"{volume}-utime", "features/utime", [], [$"{volume}-dht"]));
        volumes.Add(new VolumeDeclaration(volume, "debug/io-stats", [], [$"{volume}-utime"]));
        return new Volfile(volumes);
    }
}
