namespace BlockProxy.Nbd.Wire;

/// <summary>What the server can negotiate. proto.md, "Handshake flags".</summary>
[Flags]
public enum HandshakeFlags : ushort
{
    None = 0,
    FixedNewstyle = 1,

    /// <summary>The 124 zeroes after NBD_OPT_EXPORT_NAME may be left out.</summary>
    NoZeroes = 2,
}

/// <summary>What the client negotiates. proto.md, "Client flags".</summary>
[Flags]
public enum ClientFlags : uint
{
    None = 0,
    FixedNewstyle = 1,
    NoZeroes = 2,
}
