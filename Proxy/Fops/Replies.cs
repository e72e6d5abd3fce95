namespace BlockProxy.Proxy.Fops;

// The shapes of replies. Fops that answer the same fields share a shape, as they do on the wire (R0 to R3 and RD of gluster-rpc section 7).

/// <summary>Success or failure and nothing else (R0).</summary>
public readonly record struct StatusReply(Errno Errno, Xdata? Xdata = null) : IReply<StatusReply>
{
    public static StatusReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>Attributes (R1).</summary>
public readonly record struct IattReply(Errno Errno, Iatt Stat = default, Xdata? Xdata = null) : IReply<IattReply>
{
    public static IattReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>Attributes before and after (R2): of the file, or of the parent for unlink and rmdir.</summary>
public readonly record struct PrePostReply(
    Errno Errno, Iatt Pre = default, Iatt Post = default, Xdata? Xdata = null)
    : IReply<PrePostReply>
{
    public static PrePostReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>A new entry's attributes and its parent's before and after (R3).</summary>
public readonly record struct EntryReply(
    Errno Errno, Iatt Stat = default, Iatt PreParent = default, Iatt PostParent = default, Xdata? Xdata = null)
    : IReply<EntryReply>
{
    public static EntryReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>What was found, and its parent.</summary>
public readonly record struct LookupReply(
    Errno Errno, Iatt Stat = default, Iatt PostParent = default, Xdata? Xdata = null)
    : IReply<LookupReply>
{
    public static LookupReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>As <see cref="EntryReply"/>; the fd that the caller made is open.</summary>
public readonly record struct CreateReply(
    Errno Errno, Iatt Stat = default, Iatt PreParent = default, Iatt PostParent = default, Xdata? Xdata = null)
    : IReply<CreateReply>
{
    public static CreateReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>The renamed file, and both parents before and after.</summary>
public readonly record struct RenameReply(
    Errno Errno, Iatt Stat = default, Iatt PreOldParent = default, Iatt PostOldParent = default, Iatt PreNewParent = default, Iatt PostNewParent = default,
    Xdata? Xdata = null)
    : IReply<RenameReply>
{
    public static RenameReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>How many bytes of the destination were filled. <paramref name="EndOfFile"/>: the file ends there.</summary>
public readonly record struct ReadReply(
    Errno Errno, int Count = 0, Iatt Stat = default, bool EndOfFile = false, Xdata? Xdata = null)
    : IReply<ReadReply>
{
    public static ReadReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>How many bytes were written.</summary>
public readonly record struct WriteReply(
    Errno Errno, int Count = 0, Iatt Pre = default, Iatt Post = default, Xdata? Xdata = null)
    : IReply<WriteReply>
{
    public static WriteReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>Where the data or the hole begins.</summary>
public readonly record struct SeekReply(Errno Errno, long Offset = 0, Xdata? Xdata = null) : IReply<SeekReply>
{
    public static SeekReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>The rolling checksum, and 32 bytes of SHA-256 (or MD5 in the first 16, by the brick's option).</summary>
public readonly record struct RchecksumReply(
    Errno Errno, uint Weak = 0, byte[]? Strong = null, Xdata? Xdata = null)
    : IReply<RchecksumReply>
{
    public static RchecksumReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>How many bytes were copied.</summary>
public readonly record struct CopyFileRangeReply(
    Errno Errno, int Count = 0, Iatt Source = default, Iatt PreDestination = default, Iatt PostDestination = default, Xdata? Xdata = null)
    : IReply<CopyFileRangeReply>
{
    public static CopyFileRangeReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>The target of the link.</summary>
public readonly record struct ReadlinkReply(
    Errno Errno, string Target = "", Iatt Stat = default, Xdata? Xdata = null)
    : IReply<ReadlinkReply>
{
    public static ReadlinkReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>Totals of the file system.</summary>
public readonly record struct StatFsReply(Errno Errno, StatFs StatFs = default, Xdata? Xdata = null) : IReply<StatFsReply>
{
    public static StatFsReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>Extended attributes; after an xattrop the new values (RD).</summary>
public readonly record struct XattrReply(Errno Errno, Xdata? Values = null, Xdata? Xdata = null) : IReply<XattrReply>
{
    public static XattrReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>Entries, in the brick's order.</summary>
public readonly record struct ReaddirReply(
    Errno Errno, IReadOnlyList<DirectoryEntry>? Entries = null, bool EndOfDirectory = false, Xdata? Xdata = null)
    : IReply<ReaddirReply>
{
    public static ReaddirReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>The lock as granted, or the conflicting one for a query.</summary>
public readonly record struct LkReply(Errno Errno, FileLock Lock = default, Xdata? Xdata = null) : IReply<LkReply>
{
    public static LkReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>The lease as granted.</summary>
public readonly record struct LeaseReply(Errno Errno, LeaseRequestBody Lease = default, Xdata? Xdata = null) : IReply<LeaseReply>
{
    public static LeaseReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}

/// <summary>The locks held.</summary>
public readonly record struct ActiveLocksReply(
    Errno Errno, IReadOnlyList<ActiveLock>? Locks = null, Xdata? Xdata = null)
    : IReply<ActiveLocksReply>
{
    public static ActiveLocksReply Failed(Errno errno, Xdata? xdata = null) => new(errno, Xdata: xdata);
}
