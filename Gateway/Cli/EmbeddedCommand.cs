using System.CommandLine;
using BlockProxy.Gateway.Configuration;
using BlockProxy.Gateway.Embedded;
using BlockProxy.Gateway.Hosting;
using BlockProxy.Io;

namespace BlockProxy.Gateway.Cli;

/// <summary><c>blockproxy</c> without a command: a disk on embedded bricks in this process, ready in seconds, kept across restarts.</summary>
internal static class EmbeddedCommand
{
    private const string DiskName = "disk0";

    public static void AddTo(RootCommand root)
    {
        var data = new Option<string>("--data") { Description = "Where the bricks live", HelpName = "DIR", DefaultValueFactory = _ => "./blockproxy-data" };
        var nbd = new Option<string[]>("--nbd") { Description = "Where NBD clients connect (default 127.0.0.1:10809)", HelpName = "ADDR:PORT|unix:/PATH" };
        var size = new Option<string?>("--size") { Description = "The size of disk0 when it is made (default 1GiB); an existing disk0 must have it", HelpName = "SIZE" };
        var log = new LogOptions();
        root.Options.Add(data);
        root.Options.Add(nbd);
        root.Options.Add(size);
        root.Options.Add(log.Level);
        root.Options.Add(log.Format);
        root.SetAction(async (result, stop) =>
        {
            var addresses = result.GetValue(nbd) is { Length: > 0 } given ? given : ["127.0.0.1"];
            var export = ExportConfiguration.Parse($"{DiskName}=/{DiskName},create,size={result.GetValue(size) ?? "1GiB"}");
            var logging = log.Apply(result, new LogConfiguration());
            using var serilog = LoggingSetup.Create(logging);
            using var loggers = LoggingSetup.Factory(serilog);
            using var directory = DataDirectory.Open(result.GetRequiredValue(data));
            var transport = new MemoryTransport();
            await using var volume = await EmbeddedVolume.StartAsync(directory, transport, loggers);
            var settings = new ServeConfiguration
            {
                VolfilePath = directory.VolfilePath,
                Exports = [export with { KeepExistingSize = result.GetValue(size) is null }],
                NbdListeners = [.. addresses.Select(a => EndPoints.ParseListen(a, EndPoints.NbdPort))],
                Log = logging,
            };
            return await GatewayHost.RunAsync(settings, stop, transport, gateway =>
                AttachAdvice.Print(result.InvocationConfiguration.Output, DiskName, gateway.NbdAddresses[0], directory.Path));
        });
    }
}
