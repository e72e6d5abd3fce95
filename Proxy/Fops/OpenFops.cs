namespace BlockProxy.Proxy.Fops;

// Opening, closing and listing. One request record per fop; shapes of replies are in Replies.cs.

/// <summary>Opens <c>Loc.Inode</c> for <paramref name="Fd"/>, which the caller made.</summary>
public readonly record struct OpenRequest(Loc Loc, Fd Fd, OpenFlags Flags, Xdata? Xdata = null) : IFop<OpenRequest, StatusReply>
{
    public static Fop Number => Fop.Open;

    public static ValueTask<StatusReply> WindAsync(Translator next, FopContext ctx, in OpenRequest request) => next.OpenAsync(ctx, in request);
}

/// <summary>The last user of an open file is gone. It cannot fail in a way anybody could act on.</summary>
public readonly record struct ReleaseRequest(Fd Fd, Xdata? Xdata = null) : IFop<ReleaseRequest, StatusReply>
{
    public static Fop Number => Fop.Release;

    public static ValueTask<StatusReply> WindAsync(Translator next, FopContext ctx, in ReleaseRequest request) => next.ReleaseAsync(ctx, in request);
}

/// <summary>Opens a directory for listing.</summary>
public readonly record struct OpendirRequest(Loc Loc, Fd Fd, Xdata? Xdata = null) : IFop<OpendirRequest, StatusReply>
{
    public static Fop Number => Fop.Opendir;

    public static ValueTask<StatusReply> WindAsync(Translator next, FopContext ctx, in OpendirRequest request) => next.OpendirAsync(ctx, in request);
}

/// <summary>The last user of an open directory is gone.</summary>
public readonly record struct ReleasedirRequest(Fd Fd, Xdata? Xdata = null) : IFop<ReleasedirRequest, StatusReply>
{
    public static Fop Number => Fop.Releasedir;

    public static ValueTask<StatusReply> WindAsync(Translator next, FopContext ctx, in ReleasedirRequest request) => next.ReleasedirAsync(ctx, in request);
}

/// <summary>Makes the directory's entries durable.</summary>
public readonly record struct FsyncdirRequest(Fd Fd, bool DataOnly = false, Xdata? Xdata = null) : IFop<FsyncdirRequest, StatusReply>
{
    public static Fop Number => Fop.Fsyncdir;

    public static ValueTask<StatusReply> WindAsync(Translator next, FopContext ctx, in FsyncdirRequest request) => next.FsyncdirAsync(ctx, in request);
}

/// <summary>Names from <paramref name="Offset"/> on, an opaque cookie; 0 starts. Size is a budget in bytes.</summary>
public readonly record struct ReaddirRequest(Fd Fd, ulong Offset, int Size, Xdata? Xdata = null) : IFop<ReaddirRequest, ReaddirReply>
{
    public static Fop Number => Fop.Readdir;

    public static ValueTask<ReaddirReply> WindAsync(Translator next, FopContext ctx, in ReaddirRequest request) => next.ReaddirAsync(ctx, in request);
}

/// <summary>Names with their attributes.</summary>
public readonly record struct ReaddirpRequest(Fd Fd, ulong Offset, int Size, Xdata? Xdata = null) : IFop<ReaddirpRequest, ReaddirReply>
{
    public static Fop Number => Fop.Readdirp;

    public static ValueTask<ReaddirReply> WindAsync(Translator next, FopContext ctx, in ReaddirpRequest request) => next.ReaddirpAsync(ctx, in request);
}
