using BlockProxy.Proxy.Wire.Rpc;

namespace BlockProxy.Proxy.Translators.Protocol.Client;

/// <summary>A connection on which SETVOLUME succeeded.</summary>
/// <param name="Client">The connection; whoever holds the login closes it.</param>
/// <param name="ServerUuid">The brick process's own name, another one after each of its starts; empty when it gave none.</param>
/// <param name="VolumeId">The volume's id; empty when the brick gave none.</param>
/// <param name="ChildUp">Whether the brick's storage is up.</param>
public sealed record BrickLogin(RpcClient Client, string ServerUuid, string VolumeId, bool ChildUp);

/// <summary>An attempt to reach a brick: a login, or why not, as a sentence whose subject is the brick.</summary>
public readonly record struct BrickAttempt(BrickLogin? Login, string? Failure);
