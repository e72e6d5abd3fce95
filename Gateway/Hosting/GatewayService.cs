using System.Net;
using BlockProxy.Block;
using BlockProxy.Gateway.Configuration;
using BlockProxy.Gateway.Devices;
using BlockProxy.Io;
using BlockProxy.Nbd;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Gateway.Hosting;

/// <summary>
/// The life of a gateway: volumes, then exports, then the NBD server; and back in the opposite order, so that what clients sent is on the bricks
/// before the bricks are let go.
/// </summary>
public sealed class GatewayService(
    ServeConfiguration configuration, VolumeManager volumes, ITransport transport, TimeProvider time, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger("gateway");
    private readonly ExportTable _exports = new();
    private NbdServer? _nbd;

    /// <summary>The addresses in use, with the ports that the system chose.</summary>
    public IReadOnlyList<EndPoint> NbdAddresses { get; private set; } = [];

    public IReadOnlyList<OpenExport> Exports => _exports.All;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var export in configuration.Exports)
                _exports.Add(new OpenExport(export, await OpenAsync(export, cancellationToken)));
            _nbd = new NbdServer(transport, _exports, time: time, logger: loggers.CreateLogger("nbd"));
            NbdAddresses = [.. configuration.NbdListeners.Select(_nbd.Listen)];
        }
        catch (Exception error)
        {
            await StopAsync(CancellationToken.None);
            if (error is IOException)
                throw new GatewayException(error.Message, error);
            throw;
        }

        GatewayLog.Serving(_logger, _exports.All.Count, string.Join(", ", NbdAddresses.Select(Text)));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_nbd is not null)
        {
            GatewayLog.Stopping(_logger, configuration.DrainTimeout.TotalSeconds);
            await _nbd.StopAsync(configuration.DrainTimeout);
        }

        foreach (var export in _exports.All)
        {
            if (!export.Device.Info.ReadOnly && await export.Device.FlushAsync() is var error && error != BlockError.None)
                GatewayLog.CloseFailed(_logger, export.Configuration.Name, error.ToString());
            await export.Device.DisposeAsync();
        }

        await volumes.StopAsync();
        GatewayLog.Stopped(_logger);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _nbd, null) is { } nbd)
            await nbd.DisposeAsync();
    }

    /// <summary>An address as clients write it.</summary>
    public static string Text(EndPoint address) =>
        address is System.Net.Sockets.UnixDomainSocketEndPoint ? $"unix:{address}" : address.ToString() ?? "";

    private async ValueTask<IBlockDevice> OpenAsync(ExportConfiguration export, CancellationToken stop)
    {
        switch (export.Target)
        {
            case ExportTarget.Memory:
                return new MemoryDevice(export.Size!.Value);
            case ExportTarget.LocalFile:
                return FileDeviceOpener.Open(export);
            default:
                var volume = await volumes.OpenAsync(configuration.VolumeOf(export), stop);
                return await new VolumeFileOpener(volume, Environment.ProcessId, loggers.CreateLogger("export")).OpenAsync(export);
        }
    }
}
