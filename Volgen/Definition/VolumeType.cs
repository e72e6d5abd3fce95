namespace BlockProxy.Volgen.Definition;

/// <summary>How a volume keeps its files on bricks, with glusterd's codes; the distributed forms share the code of their sets.</summary>
public enum VolumeType
{
    /// <summary>Each file whole on one brick.</summary>
    Distribute = 0,

    /// <summary>Each file on every brick of one set.</summary>
    Replicate = 2,

    /// <summary>Each file erasure-coded over the bricks of one set.</summary>
    Disperse = 4,
}
