namespace BlockProxy.Proxy.Fops;

/// <summary>Which time stamps of the file and of its parent the brick sets from the caller's clock. gluster-rpc section 3.</summary>
[Flags]
public enum FopTimes : uint
{
    None = 0,
    Ctime = 1,
    Mtime = 2,
    Atime = 4,
    ParentCtime = 8,
    ParentMtime = 16,
    ParentAtime = 32,
}

/// <summary>Who owns a lock: up to 1024 opaque bytes that the client chooses. An absent owner is empty.</summary>
public readonly struct LkOwner(byte[] bytes) : IEquatable<LkOwner>
{
    public const int MaximumLength = 1024;

    private readonly byte[]? _bytes = bytes;

    public ReadOnlySpan<byte> Bytes => _bytes;

    public bool IsEmpty => _bytes is null || _bytes.Length == 0;

    public static LkOwner From(ulong value)
    {
        var bytes = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return new(bytes);
    }

    public bool Equals(LkOwner other) => Bytes.SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => obj is LkOwner other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    public static bool operator ==(LkOwner left, LkOwner right) => left.Equals(right);

    public static bool operator !=(LkOwner left, LkOwner right) => !left.Equals(right);

    public override string ToString() => Convert.ToHexStringLower(Bytes);
}

/// <summary>The identity behind fops: shared by all of one caller's fops.</summary>
public sealed record Caller
{
    /// <summary>Uid 0, no groups, pid 0: what block fronts run as.</summary>
    public static Caller Root { get; } = new();

    /// <summary>Negative pids mark GlusterFS's internal clients (-6 self-heal daemon, -13 set-utime, ...).</summary>
    public int Pid { get; init; }

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    public IReadOnlyList<uint> Groups { get; init; } = [];

    /// <summary>
    /// The connection identity whose locks and fds these are: the client's process-uuid on a brick or a proxy. Empty for this process itself.
    /// Locks of two callers with different clients never belong together, whatever their lock owner.
    /// </summary>
    public string Client { get; init; } = "";
}

/// <summary>
/// What travels with a fop besides its request: who asks, with which lock owner, and which time stamps it sets. A value of a few words;
/// a layer that wants another owner or time hands on a changed copy.
/// </summary>
public readonly record struct FopContext(Caller? Identity, LkOwner LockOwner = default, FopTimes Times = FopTimes.None, Timespec Time = default)
{
    public Caller Caller => Identity ?? Caller.Root;
}
