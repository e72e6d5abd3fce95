using System.Collections.Concurrent;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Rpc;

namespace BlockProxy.Proxy.Translators.Protocol.Server;

/// <summary>
/// One client identity: connections with the same process-uuid and the same SETVOLUME credential share it, with one table of fds and one set of
/// locks, until the last of them closes. gluster-rpc section 11.
/// </summary>
internal sealed class ServerClient(string name, Translator subvolume, int fdLimit)
{
    /// <summary>What <see cref="Caller.Client"/> says of its fops: the process-uuid, told apart where two identities have the same.</summary>
    public string Name => name;

    /// <summary>What it logged in to.</summary>
    public Translator Subvolume => subvolume;

    public FdTable Fds { get; } = new(fdLimit);

    /// <summary>Its connections, by number.</summary>
    public ConcurrentDictionary<long, RpcServerConnection> Connections { get; } = new();
}

/// <summary>The clients that are logged in.</summary>
internal sealed class ClientTable(int fdLimit)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string ProcessUuid, string Credential, Translator Subvolume), ServerClient> _byIdentity = [];
    private readonly Dictionary<string, ServerClient> _byName = new(StringComparer.Ordinal);

    /// <summary>The client of that identity, with the connection as one of its own.</summary>
    /// <param name="processUuid">As it named itself.</param>
    /// <param name="credential">The bytes of its credential, as text.</param>
    /// <param name="subvolume">What it logs in to.</param>
    /// <param name="connection">Where it did.</param>
    public ServerClient Join(string processUuid, string credential, Translator subvolume, RpcServerConnection connection)
    {
        lock (_gate)
        {
            var identity = (processUuid, credential, subvolume);
            if (!_byIdentity.TryGetValue(identity, out var client))
            {
                var name = processUuid;
                for (var more = 2; _byName.ContainsKey(name); more++)
                    name = $"{processUuid}#{more}";
                client = new ServerClient(name, subvolume, fdLimit);
                _byIdentity.Add(identity, client);
                _byName.Add(name, client);
            }

            client.Connections[connection.Number] = connection;
            return client;
        }
    }

    /// <summary>The connection has ended. True when it was the client's last: its fds and locks are to go.</summary>
    public bool Leave(ServerClient client, RpcServerConnection connection)
    {
        lock (_gate)
        {
            client.Connections.TryRemove(connection.Number, out _);
            if (!client.Connections.IsEmpty || !_byName.Remove(client.Name))
                return false;
            foreach (var (identity, known) in _byIdentity)
            {
                if (ReferenceEquals(known, client))
                {
                    _byIdentity.Remove(identity);
                    break;
                }
            }

            return true;
        }
    }

    public ServerClient? Find(string name)
    {
        lock (_gate)
            return _byName.GetValueOrDefault(name);
    }

    public IReadOnlyList<ServerClient> All()
    {
        lock (_gate)
            return [.. _byName.Values];
    }
}

/// <summary>A translator that keeps something for clients, and drops it when they leave: their locks, above all.</summary>
public interface IClientAware
{
    /// <summary>The last connection of that client has closed: whatever was its own goes at once. See <see cref="Caller.Client"/>.</summary>
    void ClientLeft(string client);
}
