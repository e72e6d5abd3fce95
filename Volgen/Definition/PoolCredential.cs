namespace BlockProxy.Volgen.Definition;

/// <summary>The name and password by which the nodes of the pool log in to each other's bricks of one volume.</summary>
public sealed record PoolCredential(string Username, string Password);
