using BlockProxy.Proxy.Wire.Rpc;

namespace BlockProxy.Proxy.Translators.Protocol.Client;

/// <summary>One logged-in connection to the brick, from SETVOLUME to its end. The numbers of open files belong to it.</summary>
/// <param name="Client">The connection.</param>
/// <param name="ServerUuid">Which process answers; empty when it did not say.</param>
/// <param name="Number">Counts the sessions of this translator, from 1.</param>
internal sealed record BrickSession(RpcClient Client, string ServerUuid, int Number);
