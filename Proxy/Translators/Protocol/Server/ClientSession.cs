using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Rpc;

namespace BlockProxy.Proxy.Translators.Protocol.Server;

/// <summary>What the programs of one connection share: who is logged in on it.</summary>
internal sealed class ClientSession(ServerTranslator server, RpcServerConnection connection)
{
    private ServerClient? _client;

    /// <summary>Null before the login.</summary>
    public ServerClient? Client => Volatile.Read(ref _client);

    public void Join(string processUuid, string credential, Translator subvolume)
    {
        var before = _client;
        var client = server.Clients.Join(processUuid, credential, subvolume, connection);
        Volatile.Write(ref _client, client);
        connection.LogIn(client.Name);
        if (before is not null && !ReferenceEquals(before, client))
            server.Leave(before, connection);
    }

    public void Leave()
    {
        if (_client is { } client)
            server.Leave(client, connection);
    }
}
