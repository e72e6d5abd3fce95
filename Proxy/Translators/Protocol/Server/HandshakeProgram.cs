using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Dump;
using BlockProxy.Proxy.Wire.Handshake;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Translators.Protocol.Server;

/// <summary>The handshake: the login SETVOLUME above all. gluster-rpc section 11.</summary>
internal sealed class HandshakeProgram(ServerTranslator server, ClientSession session) : RpcServerProgram
{
    public override RpcProgram Program => RpcProgram.Handshake;

    public override bool Has(uint procedure) => procedure <= (uint)HandshakeProcedure.SetLkVersion;

    public override void Dispatch(in RpcServerCall call, ReadOnlyMemory<byte> body, PooledBuffer? payload)
    {
        var reader = new XdrReader(body.Span);
        switch ((HandshakeProcedure)call.Procedure)
        {
            case HandshakeProcedure.SetVolume:
                var login = SetVolumeRequest.Read(ref reader);
                Answer(in call, reader.Failed, reader.Failed ? default : SetVolume(in call, login.Options));
                break;
            case HandshakeProcedure.GetSpec:
                var wanted = GetSpecRequest.Read(ref reader);
                var volfile = reader.Failed ? null : server.VolfileFor?.Invoke(wanted.Key);
                Answer(in call, reader.Failed, volfile is not null ? GetSpecReply.Of(volfile)
                    : new GetSpecReply(-1, (int)(server.VolfileFor is null ? Errno.ENOSYS : Errno.ENOENT), ""));
                break;
            case HandshakeProcedure.Ping:
                call.Connection.Reply(in call, new PingReply(0, 0));
                break;
            case HandshakeProcedure.SetLkVersion:
                var version = SetLkVersionRequest.Read(ref reader);
                Answer(in call, reader.Failed, new SetLkVersionReply(0, 0, version.Version));
                break;
            default:
                call.Connection.Reply(in call, default(EmptyMessage));
                break;
        }
    }

    private static void Answer<TMessage>(in RpcServerCall call, bool failed, TMessage message)
        where TMessage : IXdrMessage<TMessage>
    {
        if (failed)
            call.Connection.Refuse(in call, AcceptStatus.GarbageArguments);
        else
            call.Connection.Reply(in call, message);
    }

    private DictReply SetVolume(in RpcServerCall call, DictBlob? options)
    {
        var name = options?.GetText(SetVolumeKeys.RemoteSubvolume);
        var (errno, reason, subvolume) = Check(options, name, call.Connection.RemoteName);
        if (subvolume is null)
        {
            ServerLog.LoginRefused(server.Logger, call.Connection.RemoteName, name ?? "(none)", reason);
            return new DictReply(-1, (int)errno, new DictBlob { { SetVolumeKeys.Error, reason } });
        }

        session.Join(options!.GetText(SetVolumeKeys.ProcessUuid)!, CredentialText(call.Context), subvolume);
        ServerLog.LoggedIn(server.Logger, session.Client!.Name, call.Connection.RemoteName, name!);
        return new DictReply(0, 0, new DictBlob
        {
            { SetVolumeKeys.Error, "Success" },
            { SetVolumeKeys.ChildUp, server.IsUp(subvolume) ? 1 : 0 },
            { SetVolumeKeys.ProcessUuid, server.ProcessUuid },
            { SetVolumeKeys.VolumeId, ServerTranslator.VolumeIdOf(subvolume).ToString() },
            { SetVolumeKeys.ClientLkVersion, 0 },
            { SetVolumeKeys.TransportPointer, call.Connection.Number },
        });
    }

    private (Errno Errno, string Reason, Translator? Subvolume) Check(DictBlob? options, string? name, string remote)
    {
        if (options is null)
            return (Errno.EINVAL, "the login has no options", null);
        if (string.IsNullOrEmpty(name))
            return (Errno.EINVAL, "No remote-subvolume option specified", null);
        if (server.FindSubvolume(name) is not { } subvolume)
            return (Errno.ENOENT, "Brick not found", null);
        if (string.IsNullOrEmpty(options.GetText(SetVolumeKeys.ProcessUuid)))
            return (Errno.EINVAL, "UUID not specified", null);
        if (options.GetNumber(SetVolumeKeys.FopsVersion) != RpcProgram.Fops.Number)
            return (Errno.EINVAL, $"fops-version {options.GetText(SetVolumeKeys.FopsVersion) ?? "(none)"} is not {RpcProgram.Fops.Number}", null);
        if (options.GetText(SetVolumeKeys.VolumeId) is { } wanted && ServerTranslator.VolumeIdOf(subvolume).ToString() != wanted)
            return (Errno.EINVAL, "Volume-ID different, possible case of same brick re-used in another volume", null);
        if (!server.Auth.Allows(name, AddressOf(remote), options.GetText(SetVolumeKeys.UserName), options.GetText(SetVolumeKeys.Password)))
            return (Errno.EACCES, "Authentication failed", null);
        // A directory of the volume as a client's root: nothing here can confine it to that, so it is refused like one that is not there.
        if (options.GetText(SetVolumeKeys.SubdirMount) is { Length: > 0 } and not "/")
            return (Errno.ENOENT, "subdir-mount is not supported", null);
        return (Errno.None, "", subvolume);
    }

    /// <summary>An address without its port; <c>unix</c> and <c>memory</c> stay what they are.</summary>
    private static string AddressOf(string remote)
    {
        var colon = remote.LastIndexOf(':');
        if (colon < 0)
            return remote;
        var address = remote[..colon].Trim('[', ']');
        const string Mapped = "::ffff:";
        return address.StartsWith(Mapped, StringComparison.OrdinalIgnoreCase) ? address[Mapped.Length..] : address;
    }

    /// <summary>All of a credential that tells identities apart: the time is part of it, as on bricks.</summary>
    private static string CredentialText(FopContext context) =>
        $"{context.Caller.Pid} {context.Caller.Uid} {context.Caller.Gid} {string.Join(',', context.Caller.Groups)} {context.LockOwner} {context.Times} {context.Time}";
}
