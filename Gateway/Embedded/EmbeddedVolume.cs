using System.Net;
using BlockProxy.Gateway.Hosting;
using BlockProxy.Io;
using BlockProxy.Proxy.Bricks;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Graph;
using BlockProxy.Volgen;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Gateway.Embedded;

/// <summary>
/// The bricks of an embedded volume, running in this process, and the volfile that leads to them. The graph talks to them over a transport inside
/// the process, in the protocol it would use to a brick elsewhere.
/// </summary>
internal sealed class EmbeddedVolume : IAsyncDisposable
{
    /// <summary>One disk needs one brick; more on the same file system would add files, not safety.</summary>
    public const int BrickCount = 1;

    public const string Name = "embedded";

    private readonly List<EmbeddedBrick> _bricks = [];

    /// <summary>Starts the bricks and writes the volfile beside them.</summary>
    /// <exception cref="GatewayException">A brick cannot start; the message says why.</exception>
    public static async Task<EmbeddedVolume> StartAsync(DataDirectory data, ITransport transport, ILoggerFactory loggers)
    {
        var volume = new EmbeddedVolume();
        try
        {
            var addresses = new List<(string Host, int Port, string Directory)>();
            for (var number = 0; number < BrickCount; number++)
            {
                var (directory, isNew) = data.Brick(number);
                var address = new DnsEndPoint(Name, number + 1);
                addresses.Add((address.Host, address.Port, directory));
                volume._bricks.Add(await StartBrickAsync(new EmbeddedBrickOptions
                {
                    Directory = directory,
                    Listen = address,
                    VolumeId = Gfid.Parse(data.VolumeId.ToString()),
                    Initialize = isNew,
                    VolumeName = Name,
                }, transport, loggers));
            }

            await File.WriteAllTextAsync(data.VolfilePath, VolfileWriter.Write(EmbeddedVolfile.Create(Name, addresses)));
            return volume;
        }
        catch
        {
            await volume.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one brick in this process.</summary>
    /// <exception cref="GatewayException">It cannot start; the message says why.</exception>
    public static async Task<EmbeddedBrick> StartBrickAsync(EmbeddedBrickOptions options, ITransport transport, ILoggerFactory loggers)
    {
        var (brick, refusal) = await EmbeddedBrick.StartAsync(options, new TranslatorEnvironment
        {
            Transport = transport,
            Loggers = loggers,
            Random = Random.Shared,
            Process = GatewayHost.IdentifyProcess(),
            VolumeName = options.VolumeName ?? "",
        });
        return brick ?? throw new GatewayException(refusal!);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var brick in _bricks)
            await brick.DisposeAsync();
    }
}
