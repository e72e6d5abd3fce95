using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Graph;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Translators.Protocol.Client;

/// <summary>
/// Keeps one connection to the brick: connects, opens again what is open, reports the brick up, waits for the end, reports it down, and begins
/// anew. One line in the log for each change, not for each attempt.
/// </summary>
internal sealed class ConnectionLoop(ClientTranslator owner, TranslatorContext context, BrickConnector connector, ILogger logger) : IAsyncDisposable
{
    /// <summary>A connection that lived so long has proved itself: after it, the short delays come first again.</summary>
    private static readonly TimeSpan ProvedAfter = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time = context.Environment.Time;
    private readonly ReconnectSchedule _schedule = new(context.Environment.Random);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;
    private ChildEvent? _told;
    private bool _connected;
    private bool _storageUp;
    private int _sessions;
    private string _reported = "";

    public void Start() => _running = RunAsync(_stop.Token);

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync();
        owner.Session?.Client.Close("stopped");
        await _running;
        _stop.Dispose();
    }

    /// <summary>The brick told over the open connection that its own storage went up or down.</summary>
    public void StorageChanged(bool up)
    {
        bool changed;
        lock (_gate)
        {
            changed = _storageUp != up && _connected;
            _storageUp = up;
        }

        if (!changed)
            return;
        ClientLog.StorageChanged(logger, context.Name, up ? "up" : "down");
        Report();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var attempt = await connector.ConnectAsync(owner.Options, stop);
            if (stop.IsCancellationRequested)
            {
                attempt.Login?.Client.Close("stopped");
                return;
            }

            if (attempt.Login is not { } login)
            {
                ReportFailure(attempt.Failure!);
                Report();
                await _time.WaitAsync(_schedule.Next(), stop);
                continue;
            }

            await ServeAsync(login, stop);
        }
    }

    private async Task ServeAsync(BrickLogin login, CancellationToken stop)
    {
        var since = _time.GetTimestamp();
        var session = new BrickSession(login.Client, login.ServerUuid, ++_sessions);
        using var stopped = stop.UnsafeRegister(static state => ((Wire.Rpc.RpcClient)state!).Close("stopped"), login.Client);
        var (reopened, failed) = await ReopenAsync(session);
        if (!login.Client.Ended.IsCompleted)
        {
            _reported = "";
            if (session.Number == 1)
                ClientLog.Connected(logger, context.Name, login.Client.RemoteName);
            else
                ClientLog.Reconnected(logger, context.Name, login.Client.RemoteName, reopened, failed);
            if (!login.ChildUp)
                ClientLog.StorageDown(logger, context.Name, login.Client.RemoteName);
            lock (_gate)
                (_connected, _storageUp) = (true, login.ChildUp);
            owner.Publish(session);
            Report();
        }

        var reason = await login.Client.Ended;
        owner.Withdraw();
        lock (_gate)
            _connected = false;
        Report();
        if (stop.IsCancellationRequested)
            return;
        ClientLog.Lost(logger, context.Name, login.Client.RemoteName, reason);
        if (_time.GetElapsedTime(since) >= ProvedAfter)
            _schedule.Reset();
        await _time.WaitAsync(_schedule.Next(), stop);
    }

    /// <summary>Opens again, by gfid, what is open above; a file that is gone meanwhile stays unopened, and its fops get EBADFD.</summary>
    private async Task<(int Reopened, int Failed)> ReopenAsync(BrickSession session)
    {
        var pending = new List<(RemoteFd Remote, Task<StatusReply> Reply)>();
        foreach (var remote in owner.Fds.Snapshot())
        {
            if (!remote.HasLocks || !owner.Options.StrictLocks)
                pending.Add((remote, Reopen(session, remote).AsTask()));
        }

        var failed = 0;
        foreach (var (remote, awaited) in pending)
        {
            var reply = await awaited;
            if (reply.Errno != Errno.None)
            {
                failed++;
                if (!session.Client.Ended.IsCompleted)
                    ClientLog.NotReopened(logger, context.Name, remote.Fd.ToString(), reply.Errno);
            }
            else if (remote.Released)
            {
                await ReleaseAsync(session, remote);
            }
        }

        return (pending.Count - failed, failed);
    }

    private ValueTask<StatusReply> Reopen(BrickSession session, RemoteFd remote)
    {
        var loc = Loc.Of(remote.Fd.Inode);
        return remote.IsDirectory
            ? FopCall<OpendirRequest, StatusReply>.StartOn(owner, session, default, new OpendirRequest(loc, remote.Fd))
            : FopCall<OpenRequest, StatusReply>.StartOn(owner, session, default, new OpenRequest(loc, remote.Fd, remote.ReopenFlags));
    }

    private async ValueTask ReleaseAsync(BrickSession session, RemoteFd remote)
    {
        if (remote.IsDirectory)
            await FopCall<ReleasedirRequest, StatusReply>.StartOn(owner, session, default, new ReleasedirRequest(remote.Fd));
        else
            await FopCall<ReleaseRequest, StatusReply>.StartOn(owner, session, default, new ReleaseRequest(remote.Fd));
    }

    /// <summary>Tells the translator above, when there is something it has not been told.</summary>
    private void Report()
    {
        ChildEvent change;
        lock (_gate)
        {
            change = _connected && _storageUp ? ChildEvent.Up : ChildEvent.Down;
            if (_told == change)
                return;
            _told = change;
        }

        owner.Raise(change);
    }

    private void ReportFailure(string failure)
    {
        if (failure == _reported)
            return;
        _reported = failure;
        ClientLog.NotReached(logger, context.Name, failure);
    }
}
