using BlockProxy.Io;
using BlockProxy.Nbd.Handshake;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Nbd;

/// <summary>
/// One client from accept to close: the handshake, then the <see cref="Transmission"/>. The first reason to end is the one that is logged;
/// the export is released only after the last request came back from the device.
/// </summary>
internal sealed class NbdConnection
{
    private readonly IByteChannel _channel;
    private readonly INbdExports _exports;
    private readonly NbdLimits _limits;
    private readonly TimeProvider _time;
    private readonly BufferPool _pool;
    private readonly ILogger _logger;
    private readonly SendQueue _queue;
    private readonly Lock _gate = new();
    private Transmission? _transmission;
    private ITimer? _lingering;
    private string? _abortReason;
    private volatile bool _draining;

    public NbdConnection(IByteChannel channel, INbdExports exports, NbdLimits limits, TimeProvider time, BufferPool pool, ILogger logger)
    {
        _channel = channel;
        _exports = exports;
        _limits = limits;
        _time = time;
        _pool = pool;
        _logger = logger;
        _queue = new SendQueue(channel, error => Abort(error.Message));
    }

    /// <summary>Serves the client until it is gone and nothing of it is left. Never throws.</summary>
    public async Task RunAsync()
    {
        using var received = new ReceiveBuffer(_pool, _limits.ReceiveBufferBytes);
        NbdSession? session = null;
        try
        {
            session = await NegotiateAsync(received);
            if (session is null)
                _logger.LeftHandshake(_channel.RemoteName);
            else
                await TransmitAsync(received, session);
        }
        catch (NbdProtocolException error)
        {
            _logger.ProtocolBroken(_channel.RemoteName, error.Message);
        }
        catch (IOException error)
        {
            _logger.ConnectionEnded(_channel.RemoteName, _abortReason ?? error.Message);
        }
#pragma warning disable CA1031 // one connection's failure is its own
        catch (Exception error)
#pragma warning restore CA1031
        {
            _logger.ConnectionFailed(error, _channel.RemoteName);
        }

        await CloseAsync();
    }

    /// <summary>
    /// Begins to end the connection in good order: requests in flight are completed and their replies sent, new ones are refused, then the
    /// sending side closes, and the whole connection when the client closes too or the linger time is over.
    /// </summary>
    public void BeginDrain()
    {
        _draining = true;
        _ = DrainAsync();
    }

    /// <summary>Ends the connection at once.</summary>
    public void Abort(string reason)
    {
        lock (_gate)
            _abortReason ??= reason;
        _queue.Close();
        _channel.Abort();
    }

    private async Task<NbdSession?> NegotiateAsync(ReceiveBuffer received)
    {
        using var deadline = _time.CreateTimer(
            static state => ((NbdConnection)state!).Abort("the handshake took too long"), this, _limits.HandshakeDeadline, Timeout.InfiniteTimeSpan);
        var handshake = new NbdHandshake(_channel, received, _queue, _exports, _limits, () => _draining, _logger);
        var done = false;
        try
        {
            done = await handshake.RunAsync();
        }
        finally
        {
            if (!done && handshake.Session.Export is { } export)
                await export.DisposeAsync();
        }

        return done ? handshake.Session : null;
    }

    private async Task TransmitAsync(ReceiveBuffer received, NbdSession session)
    {
        await using var export = session.Export!;
        var transmission = new Transmission(_channel, received, _queue, session, _pool, _limits, () => _draining, _logger);
        lock (_gate)
            _transmission = transmission;
        _logger.Serving(_channel.RemoteName, export.Name, session.FlagsFor(export), session.StructuredReplies);
        // A drain that began during the handshake found nothing to wait for; it is this transmission's now.
        if (_draining)
            _ = DrainAsync();

        var ended = false;
        try
        {
            var disconnected = await transmission.RunAsync();
            ended = true;
            if (disconnected)
                _logger.Disconnected(_channel.RemoteName, export.Name);
            else
                _logger.ClosedAbruptly(_channel.RemoteName, export.Name);
        }
        finally
        {
            // "The server MUST handle all outstanding requests"; after a failure their replies go nowhere, but the device still works on them.
            if (!ended)
                Abort("the connection failed");
            await transmission.WhenDrainedAsync();
        }
    }

    private async Task DrainAsync()
    {
        Transmission? transmission;
        lock (_gate)
            transmission = _transmission;
        if (transmission is not null)
        {
            await transmission.WhenDrainedAsync();
            await _queue.FlushAsync();
            transmission.DiscardFurtherRequests();
            _channel.FinishSending();
        }

        lock (_gate)
        {
            _lingering ??= _time.CreateTimer(
                static state => ((NbdConnection)state!).Abort("the server is shutting down"), this, _limits.Linger, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task CloseAsync()
    {
        if (_abortReason is null)
            await _queue.FlushAsync();
        Abort("closed");
        lock (_gate)
            _lingering?.Dispose();
        _channel.Dispose();
    }
}
