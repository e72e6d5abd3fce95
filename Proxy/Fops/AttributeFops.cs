namespace BlockProxy.Proxy.Fops;

// Attributes of files and of the file system. One request record per fop; shapes of replies are in Replies.cs.

/// <summary>Attributes by path.</summary>
public readonly record struct StatRequest(Loc Loc, Xdata? Xdata = null) : IFop<StatRequest, IattReply>
{
    public static Fop Number => Fop.Stat;

    public static ValueTask<IattReply> WindAsync(Translator next, FopContext ctx, in StatRequest request) => next.StatAsync(ctx, in request);
}

/// <summary>Attributes of an open file.</summary>
public readonly record struct FstatRequest(Fd Fd, Xdata? Xdata = null) : IFop<FstatRequest, IattReply>
{
    public static Fop Number => Fop.Fstat;

    public static ValueTask<IattReply> WindAsync(Translator next, FopContext ctx, in FstatRequest request) => next.FstatAsync(ctx, in request);
}

/// <summary>Sets the fields that <paramref name="Valid"/> names.</summary>
public readonly record struct SetattrRequest(
    Loc Loc, Iatt Attributes, SetattrFields Valid, Xdata? Xdata = null)
    : IFop<SetattrRequest, PrePostReply>
{
    public static Fop Number => Fop.Setattr;

    public static ValueTask<PrePostReply> WindAsync(Translator next, FopContext ctx, in SetattrRequest request) => next.SetattrAsync(ctx, in request);
}

/// <summary>Sets the fields that <paramref name="Valid"/> names.</summary>
public readonly record struct FsetattrRequest(
    Fd Fd, Iatt Attributes, SetattrFields Valid, Xdata? Xdata = null)
    : IFop<FsetattrRequest, PrePostReply>
{
    public static Fop Number => Fop.Fsetattr;

    public static ValueTask<PrePostReply> WindAsync(Translator next, FopContext ctx, in FsetattrRequest request) => next.FsetattrAsync(ctx, in request);
}

/// <summary>Tests permission: 4 read, 2 write, 1 execute, 0 existence.</summary>
public readonly record struct AccessRequest(Loc Loc, uint Mask, Xdata? Xdata = null) : IFop<AccessRequest, StatusReply>
{
    public static Fop Number => Fop.Access;

    public static ValueTask<StatusReply> WindAsync(Translator next, FopContext ctx, in AccessRequest request) => next.AccessAsync(ctx, in request);
}

/// <summary>Totals of the file system.</summary>
public readonly record struct StatfsRequest(Loc Loc, Xdata? Xdata = null) : IFop<StatfsRequest, StatFsReply>
{
    public static Fop Number => Fop.Statfs;

    public static ValueTask<StatFsReply> WindAsync(Translator next, FopContext ctx, in StatfsRequest request) => next.StatfsAsync(ctx, in request);
}

/// <summary>A private operation between translators.</summary>
public readonly record struct IpcRequest(int Operation, Xdata? Xdata = null) : IFop<IpcRequest, StatusReply>
{
    public static Fop Number => Fop.Ipc;

    public static ValueTask<StatusReply> WindAsync(Translator next, FopContext ctx, in IpcRequest request) => next.IpcAsync(ctx, in request);
}
