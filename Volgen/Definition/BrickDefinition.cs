namespace BlockProxy.Volgen.Definition;

/// <summary>One brick of a volume.</summary>
/// <param name="Host">Name or address of its node, as clients reach it.</param>
/// <param name="Path">Absolute path of its directory on that node.</param>
/// <param name="Id">
/// The name of its client translator, such as <c>vol-client-3</c>. Given once and kept, so after bricks were removed it is not the brick's place.
/// </param>
public sealed record BrickDefinition(string Host, string Path, string Id)
{
    /// <summary>How many bricks of the volume lie on the same file system of the same node, this one included.</summary>
    public int SharedBrickCount { get; init; } = 1;

    /// <summary>The brick is being emptied by a remove-brick.</summary>
    public bool IsDecommissioned { get; init; }

    /// <summary>The path as part of a file name: without its first slash, every other a dash.</summary>
    public string PathAsName => Path.TrimStart('/').Replace('/', '-');
}
