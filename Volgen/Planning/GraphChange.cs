namespace BlockProxy.Volgen.Planning;

/// <summary>One graph's way from old to new.</summary>
/// <param name="Graph">The graph's name.</param>
/// <param name="Details">What changes, a line each, in the order of the graph.</param>
public sealed record GraphChange(string Graph, GraphEffect Effect, IReadOnlyList<string> Details);
