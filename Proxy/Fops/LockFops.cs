namespace BlockProxy.Proxy.Fops;

// POSIX, inode and entry locks, and leases. One request record per fop; shapes of replies are in Replies.cs.

/// <summary>A POSIX record lock; the owner is that of the context.</summary>
public readonly record struct LkRequest(Fd Fd, LkCommand Command, FileLock Lock, Xdata? Xdata = null) : IFop<LkRequest, LkReply>
{
    public static Fop Number => Fop.Lk;

    public static ValueTask<LkReply> WindAsync(Translator next, FopContext ctx, in LkRequest request) => next.LkAsync(ctx, in request);
}

/// <summary>Locks a range of an inode in a domain of its own, for translators.</summary>
public readonly record struct InodelkRequest(
    Loc Loc, string Domain, LkCommand Command, FileLock Lock, Xdata? Xdata = null)
    : IFop<InodelkRequest, StatusReply>
{
    public static Fop Number => Fop.Inodelk;

    public static ValueTask<StatusReply> WindAsync(Translator next, FopContext ctx, in InodelkRequest request) => next.InodelkAsync(ctx, in request);
}

/// <summary>The same by open file.</summary>
public readonly record struct FinodelkRequest(
    Fd Fd, string Domain, LkCommand Command, FileLock Lock, Xdata? Xdata = null)
    : IFop<FinodelkRequest, StatusReply>
{
    public static Fop Number => Fop.Finodelk;

    public static ValueTask<StatusReply> WindAsync(Translator next, FopContext ctx, in FinodelkRequest request) => next.FinodelkAsync(ctx, in request);
}

/// <summary>Locks a name in a directory, or all names when the name is null. The directory is <c>Loc.Inode</c>.</summary>
public readonly record struct EntrylkRequest(
    Loc Loc, string Domain, string? Name, EntrylkCommand Command, EntrylkType Type, Xdata? Xdata = null)
    : IFop<EntrylkRequest, StatusReply>
{
    public static Fop Number => Fop.Entrylk;

    public static ValueTask<StatusReply> WindAsync(Translator next, FopContext ctx, in EntrylkRequest request) => next.EntrylkAsync(ctx, in request);
}

/// <summary>The same by open directory.</summary>
public readonly record struct FentrylkRequest(
    Fd Fd, string Domain, string? Name, EntrylkCommand Command, EntrylkType Type, Xdata? Xdata = null)
    : IFop<FentrylkRequest, StatusReply>
{
    public static Fop Number => Fop.Fentrylk;

    public static ValueTask<StatusReply> WindAsync(Translator next, FopContext ctx, in FentrylkRequest request) => next.FentrylkAsync(ctx, in request);
}

/// <summary>Takes or returns a lease.</summary>
public readonly record struct LeaseRequest(Loc Loc, LeaseRequestBody Lease, Xdata? Xdata = null) : IFop<LeaseRequest, LeaseReply>
{
    public static Fop Number => Fop.Lease;

    public static ValueTask<LeaseReply> WindAsync(Translator next, FopContext ctx, in LeaseRequest request) => next.LeaseAsync(ctx, in request);
}

/// <summary>The locks held on a file, for migration.</summary>
public readonly record struct GetactivelkRequest(Loc Loc, Xdata? Xdata = null) : IFop<GetactivelkRequest, ActiveLocksReply>
{
    public static Fop Number => Fop.Getactivelk;

    public static ValueTask<ActiveLocksReply> WindAsync(Translator next, FopContext ctx, in GetactivelkRequest request) => next.GetactivelkAsync(ctx, in request);
}

/// <summary>Sets the locks another brick had.</summary>
public readonly record struct SetactivelkRequest(
    Loc Loc, IReadOnlyList<ActiveLock> Locks, Xdata? Xdata = null)
    : IFop<SetactivelkRequest, StatusReply>
{
    public static Fop Number => Fop.Setactivelk;

    public static ValueTask<StatusReply> WindAsync(Translator next, FopContext ctx, in SetactivelkRequest request) => next.SetactivelkAsync(ctx, in request);
}
