namespace BlockProxy.Nbd.Wire;

/// <summary>NBD_CMD_*. proto.md, "Request types".</summary>
public enum NbdCommand : ushort
{
    Read = 0,
    Write = 1,
    Disc = 2,
    Flush = 3,
    Trim = 4,
    Cache = 5,
    WriteZeroes = 6,
    BlockStatus = 7,
}

/// <summary>NBD_CMD_FLAG_*. proto.md, "Command flags".</summary>
[Flags]
public enum NbdCommandFlags : ushort
{
    None = 0,
    Fua = 1,
    NoHole = 2,

    /// <summary>Don't fragment: at most one content chunk answers this read.</summary>
    Df = 4,

    /// <summary>One extent is enough.</summary>
    ReqOne = 8,
    FastZero = 16,
}
