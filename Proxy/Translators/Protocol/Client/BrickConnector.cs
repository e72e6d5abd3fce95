using System.Globalization;
using System.Net;
using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Dump;
using BlockProxy.Proxy.Wire.Handshake;
using BlockProxy.Proxy.Wire.Portmap;
using BlockProxy.Proxy.Wire.Rpc;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Translators.Protocol.Client;

/// <summary>
/// The way to a brick: portmap at remote-host:24007 unless the port is known, DUMP to see that it is a brick, SETVOLUME to log in. gluster-rpc
/// section 11. Each attempt starts from the beginning, since a restarted brick may have another port.
/// </summary>
public sealed class BrickConnector(TranslatorContext context, RpcCallbackHandler onCallback, ILogger logger)
{
    public const int GlusterdPort = 24007;

    /// <summary>How long connecting, and each call of the handshake, may take.</summary>
    public static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(10);

    private const string ClientVersion = "10.3";
    private const string OperatingVersion = "100000";

    private readonly TranslatorEnvironment _environment = context.Environment;
    private string _volumeId = "";
    private int _connects;

    /// <summary>One attempt.</summary>
    public async Task<BrickAttempt> ConnectAsync(ClientOptions options, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            if (Host(options) is not { } host)
                return Failed("has no remote-host, and its volfile did not come from a server");
            if (options.RemotePort != 0)
                return await LogInAtAsync(options, new DnsEndPoint(host, options.RemotePort), stop);
            var (port, direct, failure) = await AskPortmapAsync(options, new DnsEndPoint(host, ManagementPort(options)), stop);
            if (failure is not null)
                return Failed(failure);
            // A server without a portmap is the brick itself.
            return direct is not null ? await LogInAsync(options, direct, stop) : await LogInAtAsync(options, new DnsEndPoint(host, port), stop);
        }
        catch (OperationCanceledException)
        {
            return Failed(stop.IsCancellationRequested ? "was stopped" : $"did not accept the connection within {Seconds(StepTimeout)} s");
        }
        catch (IOException error)
        {
            return Failed(error.Message);
        }
    }

    private string? Host(ClientOptions options) => options.RemoteHost.Length > 0 ? options.RemoteHost : _environment.VolfileServer?.Host;

    /// <summary>A volfile server on a port of its own is a glusterd on that port; hosts named in a volfile have theirs on 24007.</summary>
    private int ManagementPort(ClientOptions options) => options.RemoteHost.Length > 0 ? GlusterdPort : _environment.VolfileServer?.Port ?? GlusterdPort;

    private async Task<(int Port, RpcClient? Direct, string? Failure)> AskPortmapAsync(ClientOptions options, DnsEndPoint address, CancellationToken stop)
    {
        var client = await OpenAsync(options, address, stop);
        var keep = false;
        try
        {
            var dump = await CallAsync<DumpRequest, DumpReply>(client, RpcProgram.Dump, (uint)DumpProcedure.Dump, new DumpRequest(), stop);
            if (dump.Failure is not null)
                return (0, null, $"{client.RemoteName} is not a glusterd: DUMP: {dump.Failure}");
            if (!dump.Reply!.Value.Has(RpcProgram.Portmap))
            {
                keep = dump.Reply.Value.Has(RpcProgram.Fops);
                return keep ? (0, client, null) : (0, null, $"{client.RemoteName} is not a glusterd: it has no portmap program");
            }

            var asked = await CallAsync<PortByBrickRequest, PortByBrickReply>(
                client, RpcProgram.Portmap, (uint)PortmapProcedure.PortByBrick, new PortByBrickRequest(options.RemoteSubvolume), stop);
            if (asked.Failure is not null)
                return (0, null, $"{client.RemoteName}: PORTBYBRICK: {asked.Failure}");
            return asked.Reply!.Value.IsKnown
                ? (asked.Reply.Value.Port, null, null)
                : (0, null, $"the glusterd at {client.RemoteName} has no port for it: the brick is not running there");
        }
        finally
        {
            if (!keep)
                client.Close("the brick's port is known");
        }
    }

    private async Task<BrickAttempt> LogInAtAsync(ClientOptions options, DnsEndPoint address, CancellationToken stop)
    {
        var client = await OpenAsync(options, address, stop);
        var dump = await CallAsync<DumpRequest, DumpReply>(client, RpcProgram.Dump, (uint)DumpProcedure.Dump, new DumpRequest(), stop);
        var failure = dump.Failure is not null ? $"DUMP: {dump.Failure}"
            : !dump.Reply!.Value.Has(RpcProgram.Fops) ? $"it does not have the fop program {RpcProgram.Fops}"
            : null;
        if (failure is null)
            return await LogInAsync(options, client, stop);
        client.Close("not a brick");
        return Failed($"{client.RemoteName} is not a brick: {failure}");
    }

    private async Task<BrickAttempt> LogInAsync(ClientOptions options, RpcClient client, CancellationToken stop)
    {
        var answer = await CallAsync<SetVolumeRequest, DictReply>(
            client, RpcProgram.Handshake, (uint)HandshakeProcedure.SetVolume, new SetVolumeRequest(Keys(options)), stop, AuthFlavor.GlusterFs3);
        if (answer.Failure is null && answer.Reply!.Value is { Result: >= 0 } reply)
        {
            var volumeId = Text(reply.Dict, SetVolumeKeys.VolumeId);
            if (_volumeId.Length > 0 && volumeId.Length > 0 && volumeId != _volumeId)
            {
                client.Close("another volume");
                return Failed($"the brick at {client.RemoteName} belongs to another volume now: its volume-id is {volumeId}, it was {_volumeId}");
            }

            if (volumeId.Length > 0)
                _volumeId = volumeId;
            return new(new BrickLogin(client, Text(reply.Dict, SetVolumeKeys.ProcessUuid), volumeId, Text(reply.Dict, SetVolumeKeys.ChildUp) != "0"), null);
        }

        client.Close("the login was refused");
        if (answer.Failure is not null)
            return Failed($"{client.RemoteName}: SETVOLUME: {answer.Failure}");
        var refused = answer.Reply!.Value;
        var errno = (Fops.Errno)refused.Errno;
        var said = Text(refused.Dict, SetVolumeKeys.Error);
        return Failed(Refusal(client.RemoteName, errno, said.Length > 0 ? said : "no reason given"));
    }

    private static string Refusal(string remote, Fops.Errno errno, string said) => errno switch
    {
        Fops.Errno.EACCES => $"the brick at {remote} refused the login: {said} (EACCES; see the volume's auth.allow, auth.reject and the volfile's username)",
        Fops.Errno.ENOENT => $"the server at {remote} does not have it: {said} (ENOENT)",
        Fops.Errno.EINVAL => $"the brick at {remote} refused the login: {said} (EINVAL; another volume's brick, or not of this version)",
        Fops.Errno.EAGAIN => $"the brick at {remote} is still starting: {said}",
        Fops.Errno.ESTALE => $"the brick at {remote} says that the volfile is out of date: {said}",
        _ => $"the brick at {remote} refused the login: {said} ({errno})",
    };

    private async Task<RpcClient> OpenAsync(ClientOptions options, DnsEndPoint address, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(StepTimeout, _environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        var channel = await _environment.Transport.ConnectAsync(address, options.Sockets, either.Token);
        var settings = new RpcClientSettings { PingTimeout = options.PingTimeout, FrameTimeout = options.FrameTimeout };
        var client = new RpcClient(channel, settings, _environment.Time, logger) { Callback = onCallback };
        client.Start();
        return client;
    }

    /// <summary>A call of the handshake, which is not waited for longer than <see cref="StepTimeout"/>.</summary>
    private async Task<RpcResult<TReply>> CallAsync<TRequest, TReply>(
        RpcClient client, RpcProgram program, uint procedure, TRequest request, CancellationToken stop, AuthFlavor flavor = AuthFlavor.GlusterFs2)
        where TRequest : struct, Wire.Xdr.IXdrMessage<TRequest>
        where TReply : struct, Wire.Xdr.IXdrMessage<TReply>
    {
        using var timeout = new CancellationTokenSource(StepTimeout, _environment.Time);
        using var given = timeout.Token.UnsafeRegister(
            static state => ((RpcClient)state!).Close($"it did not answer within {Seconds(StepTimeout)} s"), client);
        using var stopped = stop.UnsafeRegister(static state => ((RpcClient)state!).Close("stopped"), client);
        var result = await client.CallAsync<TRequest, TReply>(program, procedure, in request, flavor);
        // A connection that ended says more than the call that was lost with it.
        return result.Failure is not null && client.Calls.IsClosed ? new(null, await client.Ended) : result;
    }

    private DictBlob Keys(ClientOptions options)
    {
        var process = _environment.Process;
        var keys = new DictBlob();
        foreach (var option in context.Declaration.Options)
            keys.Add(option.Key, option.Value);
        keys.Add(SetVolumeKeys.RemoteSubvolume, options.RemoteSubvolume);
        keys.Add(SetVolumeKeys.ProcessUuid, string.Create(CultureInfo.InvariantCulture,
            $"CTX_ID:{process.Uuid:D}-GRAPH_ID:{context.GraphId}-PID:{process.ProcessId}-HOST:{process.HostName}-PC_NAME:{context.Name}-RECON_NO:-{_connects++}"));
        keys.Add(SetVolumeKeys.ProcessName, process.ProcessName);
        keys.Add(SetVolumeKeys.FopsVersion, RpcProgram.Fops.Number.ToString(CultureInfo.InvariantCulture));
        keys.Add(SetVolumeKeys.ClientVersion, ClientVersion);
        keys.Add(SetVolumeKeys.ClientLkVersion, "1");
        keys.Add(SetVolumeKeys.OperatingVersion, OperatingVersion);
        keys.Add(SetVolumeKeys.VolfileKey, _environment.VolumeName);
        keys.Add(SetVolumeKeys.VolfileChecksum, "0");
        if (_volumeId.Length > 0)
            keys.Add(SetVolumeKeys.VolumeId, _volumeId);
        return keys;
    }

    private static string Text(DictBlob? dict, string key) => dict?.GetText(key) ?? "";

    private static BrickAttempt Failed(string failure) => new(null, failure);

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString(CultureInfo.InvariantCulture);
}
