using BlockProxy.Block;
using BlockProxy.Io;
using BlockProxy.Nbd.Wire;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Nbd;

/// <summary>
/// The transmission phase of one connection: reads requests, starts each as a <see cref="ServedCommand"/> and goes on reading. The
/// <see cref="Window"/> bounds what is in flight; when it is full, reading stops and TCP slows the client.
/// </summary>
internal sealed class Transmission
{
    private readonly IByteChannel _channel;
    private readonly ReceiveBuffer _received;
    private readonly SendQueue _queue;
    private readonly RequestCheck _check;
    private readonly Window _window;
    private readonly ObjectPool<ServedCommand> _commands;
    private readonly Func<bool> _stopping;

    // The request read last, on its way to become the command whose payload is received next.
    private NbdRequest _request;
    private BlockError _verdict;
    private long _windowBytes;
    private ServedCommand? _filling;

    private volatile bool _finished;

    /// <param name="channel">The client.</param>
    /// <param name="received">Its receive buffer, which may already hold requests.</param>
    /// <param name="queue">Where replies go.</param>
    /// <param name="session">What was negotiated, with the export to serve.</param>
    /// <param name="pool">Where payload memory comes from.</param>
    /// <param name="stopping">Whether the server is shutting down and refuses requests.</param>
    public Transmission(
        IByteChannel channel, ReceiveBuffer received, SendQueue queue, NbdSession session, BufferPool pool, NbdLimits limits, Func<bool> stopping,
        ILogger logger)
    {
        _channel = channel;
        _received = received;
        _queue = queue;
        _stopping = stopping;
        Export = session.Export!;
        Pool = pool;
        Limits = limits;
        Logger = logger;
        Replies = new ReplyWriter(queue, session.StructuredReplies);
        _check = new RequestCheck(session.FlagsFor(Export), session.Allocation, Export.ReadOnly, limits.MaxRequestBytes);
        _window = new Window(limits.MaxRequestsInFlight, limits.MaxBytesInFlight);
        _commands = new ObjectPool<ServedCommand>(() => new ServedCommand(this), limits.MaxRequestsInFlight);
    }

    public NbdExport Export { get; }

    public BufferPool Pool { get; }

    public NbdLimits Limits { get; }

    public ILogger Logger { get; }

    public ReplyWriter Replies { get; }

    public string Client => _channel.RemoteName;

    /// <summary>Reads requests until the client disconnects. True: with NBD_CMD_DISC. False: it just closed, on a message boundary.</summary>
    /// <exception cref="NbdProtocolException">The client broke a rule.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<bool> RunAsync()
    {
        try
        {
            while (true)
            {
                switch (StartReceived())
                {
                    case Step.Disconnect:
                        return true;
                    case Step.WaitForRoom:
                        await _window.AcquireAsync(_windowBytes);
                        Admit();
                        continue;
                }

                // The rest of a large payload goes straight to its place; small messages are received many at a time.
                var direct = _filling is not null && _filling.Rest.Length > _received.Capacity / 2;
                var count = await _channel.ReceiveAsync(direct ? _filling!.Rest : _received.Free);
                if (count == 0)
                {
                    if (_finished)
                        return true;
                    if (_filling is not null || !_received.Unread.IsEmpty)
                        throw new NbdProtocolException("the connection ended inside a request");
                    return false;
                }

                if (direct)
                    _filling!.Received(count);
                else
                    _received.Received(count);
            }
        }
        finally
        {
            _filling?.Abandon();
            _filling = null;
        }
    }

    /// <summary>Completes when every request received so far was answered and its reply sent, or dropped with the connection.</summary>
    public Task WhenDrainedAsync() => _window.WhenDrainedAsync();

    /// <summary>The last reply was sent: what the client still sends is read and thrown away until it closes.</summary>
    public void DiscardFurtherRequests() => _finished = true;

    /// <summary>A command's reply was sent, or will never be: its place is free.</summary>
    public void Retire(ServedCommand command, long bytes)
    {
        _commands.Return(command);
        _window.Release(bytes);
    }

    /// <summary>Starts every request that was received whole; says what the loop has to wait for.</summary>
    private Step StartReceived()
    {
        // The replies of one batch of requests leave together.
        _queue.Cork();
        try
        {
            while (true)
            {
                if (_finished)
                {
                    _received.Consume(_received.Unread.Length);
                    return Step.Receive;
                }

                if (_filling is null)
                {
                    if (_received.Unread.Length < NbdRequest.Size)
                        return Step.Receive;
                    ReadHeader();
                    if (_request.Command == NbdCommand.Disc)
                        return Step.Disconnect;
                    if (!_window.TryAcquire(_windowBytes))
                        return Step.WaitForRoom;
                    Admit();
                }

                _received.Consume(_filling!.Take(_received.Unread));
                if (!_filling.IsWhole)
                    return Step.Receive;
                var command = _filling;
                _filling = null;
                command.Begin();
            }
        }
        finally
        {
            _queue.Uncork();
        }
    }

    private void ReadHeader()
    {
        _request = NbdRequest.Read(_received.Unread);
        _received.Consume(NbdRequest.Size);
        _verdict = _stopping() ? BlockError.ShuttingDown : _check.Check(_request, Export.Device.Info);
        _windowBytes = _verdict == BlockError.None && _request.Command is NbdCommand.Read or NbdCommand.Write ? _request.Length : 0;
    }

    /// <summary>Makes the request whose header was read last a command; its place in the window is taken.</summary>
    private void Admit()
    {
        _filling = _commands.Rent();
        _filling.Prepare(_request, _verdict, _windowBytes);
    }

    private enum Step
    {
        /// <summary>More bytes are needed.</summary>
        Receive,

        /// <summary>The window is full: the request whose header was read waits for a place.</summary>
        WaitForRoom,

        /// <summary>The client sent NBD_CMD_DISC.</summary>
        Disconnect,
    }
}
