namespace BlockProxy.Volgen.Options;

/// <summary>What a row of the option table does to a graph.</summary>
public enum OptionRule
{
    /// <summary>Writes its key on every translator of its type.</summary>
    Plain,

    /// <summary>The same, only on the clients of thin arbiters.</summary>
    ThinArbiterClient,

    /// <summary>A boolean that puts its performance translator into client graphs.</summary>
    Performance,

    /// <summary>Like <see cref="Plain"/> on the io-stats of graphs that run in clients, before the walk of the table.</summary>
    ClientRole,

    /// <summary>Like <see cref="ClientRole"/>, in bricks.</summary>
    BrickRole,

    /// <summary>Names who may connect, under a key that holds the brick's path.</summary>
    ServerAuthentication,

    /// <summary>Written by whoever builds a connection.</summary>
    Tls,

    /// <summary>Written only in the graph of the self-heal daemon.</summary>
    SelfHealDaemon,

    /// <summary>Names the place of a debug translator.</summary>
    Debug,

    /// <summary>Shapes the graph, or is no matter of volfiles.</summary>
    Shape,
}
