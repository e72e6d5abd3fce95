using System.Collections.Concurrent;
using System.Net;
using System.Runtime.InteropServices;
using BlockProxy.Io;

namespace BlockProxy.IntegrationTests.Support;

/// <summary>
/// Sockets inside the network namespace of another process. A socket belongs for good to the namespace of the thread that made it; so one thread
/// of this process enters the namespace, makes the sockets there, and all others use them. Needs root, and nothing of the host's network.
/// </summary>
public sealed partial class LabTransport : ITransport, IDisposable
{
    private const int CloneNewNet = 0x40000000; // CLONE_NEWNET, <sched.h>

    private readonly BlockingCollection<Action> _work = [];
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITransport _sockets;

    /// <param name="processId">A process inside the namespace.</param>
    /// <param name="settings">TCP settings; those of <see cref="SocketTransport"/> by default.</param>
    public LabTransport(int processId, SocketSettings? settings = null)
    {
        _sockets = new SocketTransport(settings);
        new Thread(() => Serve(processId)) { IsBackground = true, Name = "lab network namespace" }.Start();
        _entered.Task.GetAwaiter().GetResult();
    }

    public async ValueTask<IByteChannel> ConnectAsync(EndPoint address, CancellationToken stop)
    {
        // A name is resolved by threads of the pool, which are outside: only addresses can be used.
        if (address is DnsEndPoint dns && IPAddress.TryParse(dns.Host, out var literal))
            address = new IPEndPoint(literal, dns.Port);
        var begun = new TaskCompletionSource<Task<IByteChannel>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() => begun.SetResult(_sockets.ConnectAsync(address, stop).AsTask()), CancellationToken.None);
        return await await begun.Task;
    }

    public IChannelListener Listen(EndPoint address)
    {
        var made = new TaskCompletionSource<IChannelListener>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                made.SetResult(_sockets.Listen(address));
            }
            catch (IOException error)
            {
                made.SetException(error);
            }
        });
        return made.Task.GetAwaiter().GetResult();
    }

    public void Dispose() => _work.CompleteAdding();

    private void Serve(int processId)
    {
        try
        {
            using var space = File.OpenHandle($"/proc/{processId}/ns/net");
            if (SetNamespace((int)space.DangerousGetHandle(), CloneNewNet) != 0)
                throw new IOException($"cannot enter the network namespace of process {processId}: {Marshal.GetLastPInvokeErrorMessage()}");
            _entered.SetResult();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _entered.SetException(error);
            return;
        }

        foreach (var work in _work.GetConsumingEnumerable())
            work();
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int handle, int kind);
}
