using BlockProxy.Proxy.Options;
using BlockProxy.Proxy.Wire.Rpc;

namespace BlockProxy.Proxy.Translators.Protocol.Server;

/// <summary>The options of protocol/server. Who may log in is read by <see cref="ServerAuth"/>: those keys contain names.</summary>
public sealed record ServerOptions : IVolumeOptions<ServerOptions>
{
    public static OptionTable<ServerOptions> Table { get; } = new OptionTable<ServerOptions>()
        .Text("transport.socket.bind-address", "The address to listen on; all of them when absent", o => o.BindAddress, (o, v) => o with { BindAddress = v }, "bind-address")
        .Int("transport.socket.listen-port", "The TCP port to listen on; 0 lets the system choose", o => o.ListenPort, (o, v) => o with { ListenPort = (int)v },
            maximum: 65535, aliases: "listen-port")
        .Bool("strict-auth-accept", "Refuse user names that no volume allows, whatever their address", o => o.StrictAuthAccept, (o, v) => o with { StrictAuthAccept = v })
        .Bool("resolve-inodes", "Look inodes up before the first fop on them: for storage that does not know every gfid", o => o.ResolveInodes, (o, v) => o with { ResolveInodes = v })
        .Int("request-limit", "Calls in flight on one connection", o => o.RequestLimit, (o, v) => o with { RequestLimit = (int)v }, minimum: 1)
        .Size("byte-limit", "Payload bytes in flight on one connection", o => o.ByteLimit, (o, v) => o with { ByteLimit = v }, minimum: 1)
        .Int("fd-limit", "Files and directories that one client may have open", o => o.FdLimit, (o, v) => o with { FdLimit = (int)v }, minimum: 1)
        .Int("connection-limit", "Connections", o => o.ConnectionLimit, (o, v) => o with { ConnectionLimit = (int)v }, minimum: 1);

    public string? BindAddress { get; init; }

    public int ListenPort { get; init; }

    public bool StrictAuthAccept { get; init; }

    public bool ResolveInodes { get; init; }

    public int RequestLimit { get; init; } = new RpcServerLimits().Requests;

    public long ByteLimit { get; init; } = new RpcServerLimits().Bytes;

    public int FdLimit { get; init; } = 65536;

    public int ConnectionLimit { get; init; } = new RpcServerLimits().Connections;
}
