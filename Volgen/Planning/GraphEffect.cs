namespace BlockProxy.Volgen.Planning;

/// <summary>What a running volume must do to get from one graph to another, from the least to the most.</summary>
public enum GraphEffect
{
    None,

    /// <summary>Options are bound anew in the running graph.</summary>
    Bind,

    /// <summary>The new graph is built beside the old one, which is then retired; open files and locks move over.</summary>
    Switch,

    /// <summary>As <see cref="Switch"/>, and files must be healed or rebalanced onto other bricks.</summary>
    MoveData,
}
