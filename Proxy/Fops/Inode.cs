namespace BlockProxy.Proxy.Fops;

/// <summary>
/// One file of a volume, known by its gfid. It lives above the graphs, so it survives a graph switch; what translators remember about it
/// lies in slots, one per translator number.
/// </summary>
public sealed class Inode(Gfid gfid) : SlotHolder
{
    private int _type;

    public Gfid Gfid { get; } = gfid;

    /// <summary>Known after a successful lookup; <see cref="FileType.None"/> before.</summary>
    public FileType Type
    {
        get => (FileType)(uint)Volatile.Read(ref _type);
        set => Volatile.Write(ref _type, (int)value);
    }

    public override string ToString() => Gfid.ToString();
}

/// <summary>
/// One open file. The same object serves before and after a graph switch or a brick's restart: each protocol/client keeps the remote
/// number in its slot.
/// </summary>
public sealed class Fd(Inode inode, OpenFlags flags) : SlotHolder
{
    public Inode Inode { get; } = inode;

    /// <summary>As the opener gave them. What a layer changes for its own children, it changes on its own copy.</summary>
    public OpenFlags Flags { get; } = flags;

    /// <summary>Never opened: each brick opens the gfid for each call. gluster-rpc section 9, fd -2.</summary>
    public bool IsAnonymous { get; private init; }

    /// <summary>Who opened it; releases at disconnect use it.</summary>
    public Caller Caller { get; init; } = Caller.Root;

    public static Fd Anonymous(Inode inode, OpenFlags flags = OpenFlags.ReadWrite) => new(inode, flags) { IsAnonymous = true };

    public override string ToString() => IsAnonymous ? $"{Inode} (anonymous)" : Inode.ToString();
}

/// <summary>An object on which each translator of a graph may hang one object of its own, under its <c>Translator.Slot</c>.</summary>
public abstract class SlotHolder
{
    private object?[] _slots = [];

    /// <summary>What the translator with that slot number stored, or null.</summary>
    public T? GetSlot<T>(int slot)
        where T : class
    {
        var slots = Volatile.Read(ref _slots);
        return (uint)slot < (uint)slots.Length ? (T?)Volatile.Read(ref slots[slot]) : null;
    }

    public void SetSlot(int slot, object? value)
    {
        lock (this)
        {
            EnsureSlot(slot);
            Volatile.Write(ref _slots[slot], value);
        }
    }

    /// <summary>What is stored, or what <paramref name="create"/> makes; one object even when several callers race.</summary>
    public T GetOrAddSlot<T, TArgument>(int slot, TArgument argument, Func<TArgument, T> create)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(create);
        if (GetSlot<T>(slot) is { } existing)
            return existing;
        lock (this)
        {
            EnsureSlot(slot);
            if (_slots[slot] is T raced)
                return raced;
            var made = create(argument);
            Volatile.Write(ref _slots[slot], made);
            return made;
        }
    }

    private void EnsureSlot(int slot)
    {
        if (slot < _slots.Length)
            return;
        var grown = new object?[Math.Max(slot + 1, _slots.Length * 2)];
        _slots.CopyTo(grown, 0);
        Volatile.Write(ref _slots, grown);
    }
}

/// <summary>Open flags as the wire carries them (GF_O_*; the values of x86-64 Linux but for SYNC). gluster-rpc section 8.</summary>
[Flags]
public enum OpenFlags : uint
{
    ReadOnly = 0,
    WriteOnly = 1,
    ReadWrite = 2,
    AccessMask = 3,
    Exec = 0x20, // 040
    Create = 0x40, // 0100
    Exclusive = 0x80, // 0200
    NoCtty = 0x100, // 0400
    Truncate = 0x200, // 01000
    Append = 0x400, // 02000
    NonBlock = 0x800, // 04000
    Sync = 0x1000, // 010000
    Async = 0x2000, // 020000
    Direct = 0x4000, // 040000
    LargeFile = 0x8000, // 0100000
    Directory = 0x10000, // 0200000
    NoFollow = 0x20000, // 0400000
    NoAtime = 0x40000, // 01000000
    CloseOnExec = 0x80000, // 02000000
}

/// <summary>
/// A place in the tree: a name in a directory, or an inode alone (then <see cref="Name"/> is null). <see cref="Path"/> is for messages and
/// for the layout hash of a new directory; it is empty when it is not known.
/// </summary>
public readonly record struct Loc(Inode? Inode, Inode? Parent = null, string? Name = null, string Path = "")
{
    /// <summary>The inode's gfid, or the null gfid when the inode is not known.</summary>
    public Gfid Gfid => Inode?.Gfid ?? Gfid.Null;

    public Gfid ParentGfid => Parent?.Gfid ?? Gfid.Null;

    public static Loc Of(Inode inode) => new(inode);

    public static Loc At(Inode parent, string name, Inode? inode = null) => new(inode, parent, name, name);

    public override string ToString() =>
        !string.IsNullOrEmpty(Path) ? Path : Name is null ? $"<gfid:{Gfid}>" : $"<gfid:{ParentGfid}>/{Name}";
}
