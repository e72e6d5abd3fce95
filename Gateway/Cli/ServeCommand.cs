using System.CommandLine;
using BlockProxy.Gateway.Configuration;
using BlockProxy.Gateway.Hosting;

namespace BlockProxy.Gateway.Cli;

/// <summary><c>blockproxy serve</c>: exports files of volumes, memory or local files over NBD until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var config = new Option<string?>("--config") { Description = "A JSON file with the same settings; what the command line says is added to it or wins", HelpName = "FILE" };
        var server = new Option<string?>("--volfile-server") { Description = "The glusterd that has the volumes (port 24007 unless given)", HelpName = "HOST[:PORT]" };
        var volfile = new Option<string?>("--volfile") { Description = "A volfile on disk, in place of --volfile-server", HelpName = "FILE" };
        var volumes = new Option<string[]>("--volume") { Description = "A volume to open; a single one is the default of exports", HelpName = "VOL" };
        var exports = new Option<string[]>("--export")
        {
            Description = "What is served: NAME=VOL:/PATH[,size=10G][,create][,ro], NAME=/PATH, NAME=memory:1G or NAME=file:/PATH",
            HelpName = "NAME=TARGET",
        };
        var nbd = new Option<string[]>("--nbd") { Description = "Where NBD clients connect (default 127.0.0.1:10809)", HelpName = "ADDR:PORT|unix:/PATH" };
        var brickWait = new Option<string?>("--brick-wait")
        {
            Description = "How long I/O waits for a brick that went away, before it fails with EIO; 0 fails at once (default 60s)",
            HelpName = "TIME",
        };
        var connectTimeout = new Option<string?>("--connect-timeout") { Description = "How long the start waits for glusterd and the bricks (default 30s)", HelpName = "TIME" };
        var drainTimeout = new Option<string?>("--drain-timeout") { Description = "How long a stop waits for requests in flight (default 30s)", HelpName = "TIME" };
        var log = new LogOptions();

        var command = new Command("serve", "Serve files of GlusterFS volumes, memory or local files as disks over NBD")
        {
            config, server, volfile, volumes, exports, nbd, brickWait, connectTimeout, drainTimeout, log.Level, log.Format,
        };
        command.SetAction((result, stop) =>
        {
            var settings = result.GetValue(config) is { } file ? ConfigurationFile.Load(file) : new ServeConfiguration();
            if (result.GetValue(server) is { } host)
                settings = settings with { VolfileServer = EndPoints.ParseServer(host, EndPoints.GlusterdPort) };
            if (result.GetValue(volfile) is { } path)
                settings = settings with { VolfilePath = path };
            settings = settings with
            {
                Volumes = [.. settings.Volumes, .. result.GetValue(volumes) ?? []],
                Exports = [.. settings.Exports, .. (result.GetValue(exports) ?? []).Select(ExportConfiguration.Parse)],
                NbdListeners = [.. settings.NbdListeners, .. (result.GetValue(nbd) ?? []).Select(a => EndPoints.ParseListen(a, EndPoints.NbdPort))],
                BrickWait = Times.Parse("--brick-wait", result.GetValue(brickWait)) ?? settings.BrickWait,
                ConnectTimeout = Times.Parse("--connect-timeout", result.GetValue(connectTimeout)) ?? settings.ConnectTimeout,
                DrainTimeout = Times.Parse("--drain-timeout", result.GetValue(drainTimeout)) ?? settings.DrainTimeout,
                Log = log.Apply(result, settings.Log),
            };
            if (settings.NbdListeners.Count == 0)
                settings = settings with { NbdListeners = [EndPoints.ParseListen("127.0.0.1", EndPoints.NbdPort)] };
            settings.Check();
            return GatewayHost.RunAsync(settings, stop);
        });
        return command;
    }
}
