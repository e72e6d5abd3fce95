namespace BlockProxy.Proxy.Wire;

/// <summary>
/// The bound of every length that a peer announces. A decoder compares each length with its limit and with the bytes that are there before it
/// allocates anything; what it then allocates is at most <see cref="AllocationPerByte"/> bytes for each byte of the record.
/// </summary>
public static class WireLimits
{
    /// <summary>The largest data of one READ or WRITE. GlusterFS itself has no maximum; FUSE stays at 1 MiB, qemu below 32 MiB.</summary>
    public const int PayloadBytes = 32 << 20;

    /// <summary>The largest record without its payload: a dictionary with file content, a directory listing, a volfile.</summary>
    public const int HeadBytes = 16 << 20;

    /// <summary>The largest record once the peer is known (a client's connection, or a server's after SETVOLUME).</summary>
    public const int RecordBytes = HeadBytes + PayloadBytes;

    /// <summary>The largest record a server takes before SETVOLUME. A TLS hello on a plain port announces 369 MB.</summary>
    public const int RecordBytesBeforeLogin = 256 << 10;

    /// <summary>Fragments of one record. GlusterFS sends one; without a bound a peer could send empty ones for ever.</summary>
    public const int FragmentsPerRecord = 1024;

    /// <summary>The body of a credential or verifier (RFC 5531).</summary>
    public const int CredentialBytes = 400;

    /// <summary>Groups of a credential plus the bytes of its lock owner; enforced by bricks for v3 credentials. gluster-rpc section 3.</summary>
    public const int CredentialGroupsAndOwner = 91;

    /// <summary>One name in a directory, and one lock domain. Longer than any file system allows, so that a long name still gets ENAMETOOLONG.</summary>
    public const int NameBytes = 4096;

    /// <summary>The target of a symbolic link.</summary>
    public const int LinkTargetBytes = 64 << 10;

    /// <summary>Other text: brick names, volfile keys, error messages, program names, client identities.</summary>
    public const int TextBytes = 64 << 10;

    /// <summary>The text of a volfile.</summary>
    public const int VolfileBytes = 16 << 20;

    /// <summary>The lock owner inside a flock.</summary>
    public const int LockOwnerBytes = Fops.LkOwner.MaximumLength;

    /// <summary>Pairs of one dictionary, of either encoding.</summary>
    public const int DictionaryPairs = 16384;

    /// <summary>A dictionary's key.</summary>
    public const int DictionaryKeyBytes = 4096;

    /// <summary>One value of a dictionary.</summary>
    public const int DictionaryValueBytes = 8 << 20;

    /// <summary>An old-style dictionary as a whole.</summary>
    public const int BlobBytes = 8 << 20;

    /// <summary>Programs in a DUMP reply.</summary>
    public const int Programs = 256;

    /// <summary>The strong checksum of an RCHECKSUM reply.</summary>
    public const int ChecksumBytes = 64;

    /// <summary>The most a READDIR or READDIRP may ask for; a larger budget is cut to it.</summary>
    public const int ReaddirBytes = 1 << 20;

    /// <summary>Bytes a decoder allocates, at the most, per byte of the record it decodes.</summary>
    public const int AllocationPerByte = 16;
}
