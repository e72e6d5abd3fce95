using BlockProxy.Io;
using BlockProxy.Proxy.Wire.Dump;
using BlockProxy.Proxy.Wire.Xdr;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Wire.Rpc;

/// <summary>A server that does not keep to the protocol, or a connection that did not answer in time.</summary>
public sealed class RpcException(string message) : IOException(message);

/// <summary>How a call of one of the small programs ended: its reply, or why there is none.</summary>
public readonly record struct RpcResult<TReply>(TReply? Reply, string? Failure)
    where TReply : struct;

/// <summary>Settings of one <see cref="RpcClient"/>.</summary>
public sealed record RpcClientSettings
{
    /// <summary>The most bytes of a record the server sends.</summary>
    public int RecordLimit { get; init; } = WireLimits.RecordBytes;

    /// <summary>With calls outstanding and nothing received for so long, one ping unanswered, the connection ends. Zero: never.</summary>
    public TimeSpan PingTimeout { get; init; }

    /// <summary>A single call without a reply for so long is given up. Zero: never.</summary>
    public TimeSpan FrameTimeout { get; init; }
}

/// <summary>
/// The client's end of one RPC connection: calls in any number, replies in any order. Completions run inline on the receive loop. However it ends,
/// every call that was in flight is told so by the receive loop after its last byte was copied, so that nothing is written to a caller's memory
/// any more once its call is done. Files: RpcClientReceiver (the receive loop), RpcCallTable (who waits for which xid), RpcWatch (timeouts).
/// </summary>
public sealed class RpcClient
{
    private const int HeadScratchBytes = 512; // the head of every hot fop: header 24, credential about 60, body about 60, a small dictionary

    private readonly DuplexConnection _connection;
    private readonly ILogger _logger;
    private readonly RpcCallTable _calls = new();
    private readonly RpcWatch _watch;
    private readonly RpcClientReceiver _receiver;
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="channel">Connected; the client owns it from now on.</param>
    /// <param name="settings">Limits and timeouts.</param>
    /// <param name="time">Drives the timeouts.</param>
    /// <param name="logger">Where the connection's incidents go.</param>
    public RpcClient(IByteChannel channel, RpcClientSettings settings, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _logger = logger;
        _connection = new DuplexConnection(channel);
        _watch = new RpcWatch(this, settings, time);
        _receiver = new RpcClientReceiver(this, _connection, _calls, settings.RecordLimit, logger);
    }

    public string RemoteName => _connection.RemoteName;

    /// <summary>Called on the receive loop for each call the server makes; it must not block. Set before <see cref="Start"/>.</summary>
    public RpcCallbackHandler? Callback { get; set; }

    /// <summary>Completes when the connection has ended and every call was completed, with the reason.</summary>
    public Task<string> Ended => _ended.Task;

    /// <summary>Whether it ended because the server sent what no server of this protocol sends.</summary>
    public bool EndedByNonsense { get; private set; }

    /// <summary>Whether calls can still be made; false from before the first call is told that it is lost.</summary>
    public bool IsOpen => !_calls.IsClosed;

    internal RpcCallTable Calls => _calls;

    /// <summary>Begins to receive.</summary>
    public void Start()
    {
        _connection.Start();
        _ = RunAsync();
    }

    /// <summary>Ends the connection; the first reason is kept.</summary>
    public void Close(string reason) => _connection.Shutdown(new RpcException(reason));

    /// <summary>Calls a procedure of one of the small programs.</summary>
    /// <param name="flavor">Which credential goes with it.</param>
    public Task<RpcResult<TReply>> CallAsync<TRequest, TReply>(RpcProgram program, uint procedure, in TRequest request, AuthFlavor flavor = AuthFlavor.GlusterFs2)
        where TRequest : struct, IXdrMessage<TRequest>
        where TReply : struct, IXdrMessage<TReply>
    {
        var call = new RpcMessageCall<TReply>($"{program} procedure {procedure}");
        if (!TryBegin(call, out var xid))
        {
            call.Lost(connectionEnded: true);
            return call.Task;
        }

        var writer = new XdrWriter(stackalloc byte[HeadScratchBytes]);
        try
        {
            RecordMark.Begin(ref writer);
            RpcCallHeader.Write(ref writer, xid, program, procedure);
            RpcCredential.Write(ref writer, flavor, default);
            request.Write(ref writer);
            RecordMark.End(ref writer);
            _connection.Send(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }

        return call.Task;
    }

    /// <summary>Registers a call and gives it its xid. False when the connection has ended: the call is still its maker's.</summary>
    internal bool TryBegin(IRpcPending call, out uint xid)
    {
        call.SentAt = _watch.Sweep;
        if (!_calls.TryAdd(call, out xid))
            return false;
        _watch.CallStarted();
        return true;
    }

    /// <summary>Sends a record that <see cref="TryBegin"/> gave an xid to.</summary>
    internal void Send(ReadOnlySpan<byte> head, Payload payload) => _connection.Send(head, payload);

    /// <summary>DUMP.PING. Its reply is not looked at: anything received shows that the server lives.</summary>
    internal void Ping() => _ = CallAsync<EmptyMessage, PingReply>(RpcProgram.Dump, (uint)DumpProcedure.Ping, default);

    /// <summary>Gives up the calls that were sent before that sweep.</summary>
    internal void GiveUpBefore(int sweep)
    {
        foreach (var call in _calls.TakeSentBefore(sweep))
        {
            RpcClientLog.FrameTimeout(_logger, RemoteName, call.Description);
            call.Lost(connectionEnded: false);
        }
    }

    private async Task RunAsync()
    {
        var reason = await _receiver.RunAsync(_watch);
        EndedByNonsense = _receiver.SawNonsense;
        _connection.Shutdown(new RpcException(reason));
        _watch.Stop();
        // A timer, or whoever called Close, may have ended it for a better reason than the one the receive loop saw.
        if (await _connection.Completion is { } first)
            reason = first.Message;
        foreach (var call in _calls.Close())
            call.Lost(connectionEnded: true);
        _ended.TrySetResult(reason);
    }
}

/// <summary>Handles a call from server to client; the body begins at the reader's position and is valid during the call only.</summary>
public delegate void RpcCallbackHandler(RpcProgram program, uint procedure, ref XdrReader body);
