using System.CommandLine;
using System.Runtime.InteropServices;
using BlockProxy.Gateway.Configuration;
using BlockProxy.Gateway.Embedded;
using BlockProxy.Gateway.Hosting;
using BlockProxy.Io;
using BlockProxy.Proxy.Bricks;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.Gateway.Cli;

/// <summary><c>blockproxy brick</c>: an embedded brick alone, for clients in other processes; a stock glusterfs client is one.</summary>
internal static class BrickCommand
{
    private const int DefaultPort = 24009; // what stock bricks used before glusterd chose ports at random

    public static Command Create()
    {
        var dir = new Option<string>("--dir") { Description = "The brick's directory; an empty or absent one becomes a brick", HelpName = "DIR", Required = true };
        var listen = new Option<string>("--listen") { Description = "Where clients connect", HelpName = "ADDR:PORT", Required = true };
        var volumeName = new Option<string>("--volume")
        {
            Description = "The volume's name, under which clients may fetch a volfile of this one brick here",
            HelpName = "VOL",
            DefaultValueFactory = _ => "brick",
        };
        var volumeId = new Option<string?>("--volume-id") { Description = "The volume's id; default: what the directory says, or a new one", HelpName = "UUID" };
        var log = new LogOptions();
        var command = new Command("brick", "Serve one directory as a brick, in GlusterFS's protocol and on-disk format")
        {
            dir, listen, volumeName, volumeId, log.Level, log.Format,
        };
        command.SetAction(async (result, stop) =>
        {
            using var signals = new StopSignals();
            var address = EndPoints.ParseListen(result.GetRequiredValue(listen), DefaultPort);
            var id = result.GetValue(volumeId) switch
            {
                null => (Gfid?)null,
                { } text => Gfid.TryParse(text, out var gfid) ? gfid : throw new GatewayException($"--volume-id '{text}': expected a UUID such as {Guid.NewGuid()}"),
            };
            using var serilog = LoggingSetup.Create(log.Apply(result, new LogConfiguration()));
            using var loggers = LoggingSetup.Factory(serilog);
            var directory = Path.GetFullPath(result.GetRequiredValue(dir));
            await using var brick = await EmbeddedVolume.StartBrickAsync(new EmbeddedBrickOptions
            {
                Directory = directory,
                Listen = address,
                VolumeId = id,
                Initialize = true,
                VolumeName = result.GetRequiredValue(volumeName),
            }, SystemTransport.Default, loggers);
            GatewayLog.BrickServing(loggers.CreateLogger("brick"), directory, GatewayService.Text(brick.LocalEndPoint!));
            await signals.Received.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        });
        return command;
    }

    /// <summary>SIGTERM and SIGINT stop a brick. System.CommandLine leaves them alone unless it may also cut the stopping short.</summary>
    private sealed class StopSignals : IDisposable
    {
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly PosixSignalRegistration _terminate;
        private readonly PosixSignalRegistration _interrupt;

        public StopSignals()
        {
            _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        }

        public Task Received => _stopped.Task;

        public void Dispose()
        {
            _terminate.Dispose();
            _interrupt.Dispose();
        }

        private void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            _stopped.TrySetResult();
        }
    }
}
