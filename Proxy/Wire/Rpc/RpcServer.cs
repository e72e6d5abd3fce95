using System.Collections.Concurrent;
using System.Net;
using BlockProxy.Io;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Wire.Rpc;

/// <summary>Accepts connections and serves them the programs that <paramref name="programs"/> makes for each.</summary>
/// <param name="transport">Where it listens.</param>
/// <param name="limits">What it holds at the most.</param>
/// <param name="time">For the drain at the stop, and the pause after a failed accept.</param>
/// <param name="buffers">Where payloads live.</param>
/// <param name="logger">Where its lines go.</param>
/// <param name="programs">The programs of a new connection.</param>
public sealed class RpcServer(
    ITransport transport, RpcServerLimits limits, TimeProvider time, BufferPool buffers, ILogger logger,
    Func<RpcServerConnection, IReadOnlyList<RpcServerProgram>> programs) : IDisposable
{
    private static readonly TimeSpan AcceptPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<long, Serving> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private IChannelListener? _listener;
    private Task _accepting = Task.CompletedTask;
    private long _lastNumber;

    /// <summary>The address in use, once it listens.</summary>
    public EndPoint? LocalEndPoint { get; private set; }

    /// <summary>Connections that are open.</summary>
    public int Count => _connections.Count;

    private sealed record Serving(RpcServerConnection Connection, Task Task);

    /// <summary>Begins to listen and to accept.</summary>
    /// <exception cref="IOException">The address cannot be used; the message says why.</exception>
    public void Start(EndPoint address)
    {
        _listener = transport.Listen(address);
        LocalEndPoint = _listener.LocalEndPoint;
        RpcServerLog.Listening(logger, LocalEndPoint.ToString() ?? "");
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>Serves one channel, as if it had been accepted.</summary>
    public RpcServerConnection Serve(IByteChannel channel)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        var connection = new RpcServerConnection(number, channel, limits, buffers, logger);
        // Entered before it runs, so that it cannot end before it is in the table.
        var entered = new TaskCompletionSource();
        _connections[number] = new(connection, ServeAsync(connection, channel, entered.Task));
        entered.SetResult();
        return connection;
    }

    /// <summary>Stops accepting, waits a while for the calls in flight, then closes every connection and waits for its end.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        _listener?.Dispose();
        await _accepting;
        var serving = _connections.Values.ToArray();
        var drained = Task.WhenAll(serving.Select(s => s.Connection.DrainAsync()));
        if (!drained.IsCompleted)
        {
            using var giveUp = new CancellationTokenSource(limits.Drain, time);
            var tooLong = new TaskCompletionSource();
            await using var registration = giveUp.Token.Register(tooLong.SetResult);
            if (await Task.WhenAny(drained, tooLong.Task) != drained)
                RpcServerLog.NotDrained(logger, serving.Length, limits.Drain.TotalSeconds);
        }

        foreach (var one in _connections.Values)
            one.Connection.Close();
        await Task.WhenAll(_connections.Values.Select(s => s.Task));
    }

    /// <summary>Stop first.</summary>
    public void Dispose() => _stop.Dispose();

    private async Task AcceptAsync(IChannelListener listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var channel = await listener.AcceptAsync(_stop.Token);
                if (_connections.Count >= limits.Connections)
                {
                    RpcServerLog.TooManyConnections(logger, channel.RemoteName, limits.Connections);
                    channel.Dispose();
                    continue;
                }

                Serve(channel);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (IOException error)
            {
                if (_stop.IsCancellationRequested)
                    return;
                // Out of file descriptors, most likely: it passes.
                RpcServerLog.AcceptFailed(logger, LocalEndPoint?.ToString() ?? "", error.Message);
                await PauseAsync();
            }
        }
    }

    private async Task PauseAsync()
    {
        var passed = new TaskCompletionSource();
        await using var timer = time.CreateTimer(_ => passed.TrySetResult(), null, AcceptPause, Timeout.InfiniteTimeSpan);
        await using var registration = _stop.Token.Register(() => passed.TrySetResult());
        await passed.Task;
    }

    private async Task ServeAsync(RpcServerConnection connection, IByteChannel channel, Task entered)
    {
        await entered;
#pragma warning disable CA1031 // A programming error ends one connection, with a log line, not the process.
        try
        {
            await connection.ServeAsync(programs(connection));
        }
        catch (Exception error)
        {
            RpcServerLog.InternalError(logger, error, connection.RemoteName);
            connection.Close(error);
        }
#pragma warning restore CA1031
        finally
        {
            channel.Dispose();
            _connections.TryRemove(connection.Number, out _);
        }
    }
}
