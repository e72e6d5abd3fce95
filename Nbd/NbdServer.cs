using System.Net;
using BlockProxy.Io;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Nbd;

/// <summary>
/// An NBD server: fixed newstyle negotiation, simple and structured replies, many requests in flight with replies in any order. It listens
/// on any number of addresses and serves the same exports on all of them.
/// </summary>
/// <param name="transport">The network.</param>
/// <param name="exports">What is served.</param>
/// <param name="limits">The bounds; null for the defaults.</param>
/// <param name="time">The clock for deadlines; null for the system's.</param>
/// <param name="pool">Where payload memory comes from; null for the process's.</param>
/// <param name="logger">Where the server reports; null for nowhere.</param>
public sealed class NbdServer(
    ITransport transport, INbdExports exports, NbdLimits? limits = null, TimeProvider? time = null, BufferPool? pool = null, ILogger? logger = null)
    : IAsyncDisposable
{
    private readonly NbdLimits _limits = (limits ?? new NbdLimits()).Validated();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly BufferPool _pool = pool ?? BufferPool.Shared;
    private readonly ILogger _logger = logger ?? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<IChannelListener> _listeners = [];
    private readonly Dictionary<NbdConnection, Task> _connections = [];
    private TaskCompletionSource? _roomFreed;
    private bool _stopping;
    private bool _disposed;

    /// <summary>Connections at this moment, those in their handshake included.</summary>
    public int Connections
    {
        get
        {
            lock (_gate)
                return _connections.Count;
        }
    }

    /// <summary>Begins to serve on an address; returns the address in use, with the port that the system chose when 0 was asked for.</summary>
    /// <exception cref="IOException">The address is in use or not of this machine; the message says which.</exception>
    public EndPoint Listen(EndPoint address)
    {
        var listener = transport.Listen(address);
        lock (_gate)
        {
            if (!_stopping)
            {
                _listeners.Add(listener);
                var name = SocketTransport.Describe(listener.LocalEndPoint);
                _logger.Listening(name);
                _ = AcceptLoopAsync(listener, name);
                return listener.LocalEndPoint;
            }
        }

        listener.Dispose();
        throw new ObjectDisposedException(nameof(NbdServer), "the server was stopped");
    }

    /// <summary>
    /// Stops: accepts no one, refuses new requests with NBD_ESHUTDOWN, completes those in flight and sends their replies, then closes. What
    /// is not done when <paramref name="drain"/> is over is cut off.
    /// </summary>
    public async Task StopAsync(TimeSpan drain)
    {
        List<NbdConnection> connections;
        Task all;
        lock (_gate)
        {
            _stopping = true;
            connections = [.. _connections.Keys];
            all = Task.WhenAll(_connections.Values);
        }

        _logger.Stopping(connections.Count);
        foreach (var connection in connections)
            connection.BeginDrain();

        // The accept loops learn it before their listeners fail under them.
        await _stop.CancelAsync();
        lock (_gate)
        {
            foreach (var listener in _listeners)
                listener.Dispose();
            _listeners.Clear();
        }

        using (var drained = new CancellationTokenSource())
        {
            await Task.WhenAny(all, _time.WaitAsync(drain, drained.Token));
            await drained.CancelAsync();
        }

        if (all.IsCompleted)
            return;

        _logger.DrainIncomplete(Connections);
        foreach (var connection in connections)
            connection.Abort("the server's shutdown deadline passed");
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        await StopAsync(TimeSpan.Zero);
        _stop.Dispose();
    }

    private async Task AcceptLoopAsync(IChannelListener listener, string address)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await RoomAsync(address);
                Serve(await listener.AcceptAsync(_stop.Token));
            }
            catch (Exception error) when (_stop.IsCancellationRequested && error is IOException or OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (IOException error)
            {
                // Most likely the process has no file descriptor left: clients wait in the backlog until one is free.
                _logger.AcceptFailed(address, error.Message);
                await _time.WaitAsync(_limits.AcceptRetryDelay, _stop.Token);
            }
        }
    }

    private void Serve(IByteChannel channel)
    {
        var connection = new NbdConnection(channel, exports, _limits, _time, _pool, _logger);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_stopping)
            {
                channel.Dispose();
                return;
            }

            _connections.Add(connection, done.Task);
        }

        _ = RunAsync(connection, done);
    }

    private async Task RunAsync(NbdConnection connection, TaskCompletionSource done)
    {
        await connection.RunAsync();
        TaskCompletionSource? freed;
        lock (_gate)
        {
            _connections.Remove(connection);
            (freed, _roomFreed) = (_roomFreed, null);
        }

        done.TrySetResult();
        freed?.TrySetResult();
    }

    /// <summary>Waits until a connection more is allowed: the clients meanwhile wait in the listener's backlog.</summary>
    private async ValueTask RoomAsync(string address)
    {
        while (true)
        {
            Task freed;
            lock (_gate)
            {
                if (_connections.Count < _limits.MaxConnections || _stopping)
                    return;
                _roomFreed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                freed = _roomFreed.Task;
            }

            _logger.ConnectionLimitReached(address, _limits.MaxConnections);
            await freed;
        }
    }
}
