using System.Net;
using System.Net.Sockets;
using BlockProxy.Block;
using BlockProxy.Io;
using BlockProxy.Nbd;

namespace BlockProxy.Benchmarks;

/// <summary>Serves a device in memory over NBD and nothing else, to measure the front alone.</summary>
internal static class ServeMemory
{
    private const string Usage = """
        serve-memory [SIZE-MIB] [--sockets] ADDRESS...
          SIZE-MIB  size of the export in MiB, 1024 if left out
          --sockets .NET's sockets instead of epoll
          ADDRESS   PORT (on 127.0.0.1) or unix:PATH
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        var size = 1024L;
        var addresses = args.AsEnumerable();
        if (args.Length > 1 && long.TryParse(args[0], out size))
            addresses = args.Skip(1);
        ITransport transport = OperatingSystem.IsLinux() && !args.Contains("--sockets") ? EpollTransport.Shared : SocketTransport.Default;
        addresses = addresses.Where(address => address != "--sockets");
        if (!addresses.Any())
        {
            await Console.Error.WriteLineAsync(Usage);
            return 1;
        }

        await using var device = new MemoryDevice(size << 20);
        await using var server = new NbdServer(transport, new SingleExport("mem", device));
        foreach (var address in addresses)
        {
            EndPoint at = address.StartsWith("unix:", StringComparison.Ordinal)
                ? new UnixDomainSocketEndPoint(address[5..])
                : new IPEndPoint(IPAddress.Loopback, int.Parse(address, System.Globalization.CultureInfo.InvariantCulture));
            Console.WriteLine($"serving on {server.Listen(at)}");
        }

        var stop = new TaskCompletionSource();
        using var term = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.TrySetResult();
        });
        await stop.Task;
        await server.StopAsync(TimeSpan.FromSeconds(5));
        return 0;
    }
}
