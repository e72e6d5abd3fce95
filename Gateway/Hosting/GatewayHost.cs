using BlockProxy.Gateway.Configuration;
using BlockProxy.Io;
using BlockProxy.Proxy.Graph;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog;

namespace BlockProxy.Gateway.Hosting;

/// <summary>Puts a gateway together and runs it until SIGTERM, SIGINT or a failure. The one place that hands out the real clock and network.</summary>
internal static class GatewayHost
{
    /// <summary>Runs until stopped; answers the exit code.</summary>
    /// <param name="configuration">What to serve.</param>
    /// <param name="stop">Stops it, as a signal does.</param>
    /// <param name="transport">The network to the bricks; the system's unless the bricks are in this process.</param>
    /// <param name="started">Called when everything serves.</param>
    public static async Task<int> RunAsync(
        ServeConfiguration configuration, CancellationToken stop, ITransport? transport = null, Action<GatewayService>? started = null)
    {
        using var serilog = LoggingSetup.Create(configuration.Log);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddSerilog(serilog);
        builder.Services.AddSingleton(configuration);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(IdentifyProcess());
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<VolumeManager>(services, transport ?? SystemTransport.Default));
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<GatewayService>(services, SystemTransport.Default));
        builder.Services.AddHostedService(services => services.GetRequiredService<GatewayService>());
        // The drain has its own deadline; the host must not cut it short.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = configuration.DrainTimeout + TimeSpan.FromSeconds(30));
        using var host = builder.Build();
        await host.StartAsync(stop);
        started?.Invoke(host.Services.GetRequiredService<GatewayService>());
        await host.WaitForShutdownAsync(stop);
        return 0;
    }

    public static ProcessIdentity IdentifyProcess() => new(Guid.NewGuid(), Environment.MachineName, Environment.ProcessId);
}
