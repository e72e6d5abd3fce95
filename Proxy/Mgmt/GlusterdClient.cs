using System.Net;
using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Handshake;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Mgmt;

/// <summary>
/// The connection to a glusterd for one volume: GETSPEC fetches the volfile, the FETCHSPEC notice says that there is a new one. It asks by the
/// volume's plain name; a caller at an address of the node itself gets the volfile with the bricks' username and password, others the one
/// without. gluster-rpc section 10.
/// </summary>
public sealed class GlusterdClient : IAsyncDisposable
{
    public const int DefaultPort = 24007;

    /// <summary>Between attempts to connect again, as stock clients wait.</summary>
    public static readonly TimeSpan ReconnectInterval = TimeSpan.FromSeconds(3);

    /// <summary>How long connecting, and one GETSPEC, may take.</summary>
    public static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(10);

    private const string MaximumOpVersion = "100000";

    private readonly DnsEndPoint _server;
    private readonly string _volume;
    private readonly ITransport _transport;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _fetching = new(1, 1);
    private readonly SemaphoreSlim _noticed = new(0);
    private RpcClient? _client;
    private string _text = "";
    private Task _watching = Task.CompletedTask;

    /// <param name="server">HOST and port, usually <see cref="DefaultPort"/>.</param>
    /// <param name="volume">The volfile id: a volume's name, or one like <c>gfproxy-client/VOL</c>.</param>
    public GlusterdClient(DnsEndPoint server, string volume, ITransport transport, TimeProvider time, ILogger logger)
    {
        _server = server;
        _volume = volume;
        _transport = transport;
        _time = time;
        _logger = logger;
    }

    /// <summary>Raised with each new text after the first, one at a time. Set it before <see cref="Watch"/>.</summary>
    public event Action<string>? VolfileChanged;

    private string Server => $"{_server.Host}:{_server.Port}";

    /// <summary>Fetches the volfile, connecting if need be. Never throws for what the server does.</summary>
    public async Task<VolfileAnswer> FetchAsync(CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, _stop.Token);
        await _fetching.WaitAsync(either.Token);
        try
        {
            var (client, failure) = await ConnectedAsync(either.Token);
            if (client is null)
                return VolfileAnswer.Failed(VolfileError.ServerNotThere, $"volfile server {Server}: {failure}");
            var answer = await GetSpecAsync(client, either.Token);
            if (answer.Error == VolfileError.None)
                _text = answer.Text;
            return answer;
        }
        finally
        {
            _fetching.Release();
        }
    }

    /// <summary>From now on keeps the connection, and raises <see cref="VolfileChanged"/>.</summary>
    public void Watch() => _watching = WatchAsync();

    /// <summary>Closes the connection and stops watching.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync();
        _client?.Close("stopped");
        await _watching;
        _stop.Dispose();
        _fetching.Dispose();
        _noticed.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var lost = _client?.Ended ?? Task.FromResult("not connected yet");
            if (await NoticeOrEndAsync(lost))
            {
                MgmtLog.FetchSpec(_logger, _volume);
                await RefetchAsync();
                continue;
            }

            if (_stop.IsCancellationRequested)
                return;
            MgmtLog.Lost(_logger, _volume, Server, await lost, ReconnectInterval.TotalSeconds);
            while (!_stop.IsCancellationRequested)
            {
                await _time.WaitAsync(ReconnectInterval, _stop.Token);
                if (!_stop.IsCancellationRequested && await RefetchAsync())
                    break;
            }
        }
    }

    /// <summary>Waits for a notice (true) or for the end of the connection (false).</summary>
    private async Task<bool> NoticeOrEndAsync(Task ended)
    {
        using var stopWaiting = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var notice = _noticed.WaitAsync(stopWaiting.Token);
        await Task.WhenAny(notice, ended);
        await stopWaiting.CancelAsync();
        try
        {
            await notice;
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Fetches again and tells of a change; whether the server could be reached.</summary>
    private async Task<bool> RefetchAsync()
    {
        var before = _text;
        var known = _client;
        VolfileAnswer answer;
        try
        {
            answer = await FetchAsync(CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        if (answer.Error == VolfileError.ServerNotThere)
            return false;
        if (!ReferenceEquals(known, _client))
            MgmtLog.Back(_logger, _volume, Server);
        if (answer.Error != VolfileError.None)
            MgmtLog.RefetchFailed(_logger, _volume, answer.Message);
        else if (answer.Text != before)
            VolfileChanged?.Invoke(answer.Text);
        return true;
    }

    private async Task<(RpcClient? Client, string Failure)> ConnectedAsync(CancellationToken stop)
    {
        if (_client is { } open && !open.Ended.IsCompleted)
            return (open, "");
        try
        {
            using var timeout = new CancellationTokenSource(StepTimeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
            var channel = await _transport.ConnectAsync(_server, either.Token);
            _client = new RpcClient(channel, new RpcClientSettings(), _time, _logger) { Callback = OnCallback };
            _client.Start();
            return (_client, "");
        }
        catch (IOException error)
        {
            return (null, error.Message);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (null, $"no connection within {StepTimeout.TotalSeconds} s");
        }
    }

    private async Task<VolfileAnswer> GetSpecAsync(RpcClient client, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(StepTimeout, _time);
        using var given = timeout.Token.UnsafeRegister(
            static state => ((RpcClient)state!).Close($"it did not answer within {StepTimeout.TotalSeconds} s"), client);
        using var stopped = stop.UnsafeRegister(static state => ((RpcClient)state!).Close("stopped"), client);
        var request = new GetSpecRequest(_volume, new DictBlob
        {
            { GetSpecKeys.MinimumOpVersion, "1" },
            { GetSpecKeys.MaximumOpVersion, MaximumOpVersion },
        });
        var result = await client.CallAsync<GetSpecRequest, GetSpecReply>(RpcProgram.Handshake, (uint)HandshakeProcedure.GetSpec, in request);
        stop.ThrowIfCancellationRequested();
        if (result.Reply is not { } reply)
        {
            if (!client.Calls.IsClosed)
            {
                client.Close("not a glusterd");
                return VolfileAnswer.Failed(VolfileError.Nonsense, $"volfile server {Server} is not a glusterd: GETSPEC: {result.Failure}");
            }

            var reason = await client.Ended;
            return client.EndedByNonsense
                ? VolfileAnswer.Failed(VolfileError.Nonsense, $"volfile server {Server} is not a glusterd: {reason}")
                : VolfileAnswer.Failed(VolfileError.ServerNotThere, $"volfile server {Server}: {reason}");
        }

        if (reply.Result >= 0 && reply.Volfile.Length > 0)
            return new VolfileAnswer(reply.Volfile, VolfileError.None, "", Servers(reply.Xdata));
        return (Errno)reply.Errno switch
        {
            Errno.ENOENT or Errno.None => VolfileAnswer.Failed(VolfileError.NoSuchVolume, $"volfile server {Server} has no volume '{_volume}'"),
            Errno.EOPNOTSUPP => VolfileAnswer.Failed(VolfileError.OpVersionTooLow,
                $"volume '{_volume}' needs a client of a newer op-version than {MaximumOpVersion}, says volfile server {Server}"),
            var errno => VolfileAnswer.Failed(VolfileError.Refused, $"volfile server {Server} gave no volfile for '{_volume}': {errno}"),
        };
    }

    private static string[] Servers(DictBlob? xdata) =>
        xdata?.GetText(GetSpecKeys.BrickVolServers)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];

    private void OnCallback(RpcProgram program, uint procedure, ref XdrReader body)
    {
        // FETCHSPEC goes to every client of glusterd, for a change of any volume: an equal text is then nothing new.
        if (program == RpcProgram.Callback && procedure == (uint)CallbackProcedure.FetchSpec)
            _noticed.Release();
        else
            RpcClientLog.UnknownCallback(_logger, Server, program, procedure);
    }
}
