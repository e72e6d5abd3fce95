namespace BlockProxy.Proxy.Fops;

// Extended attributes, and the atomic arithmetic on them. One request record per fop; shapes of replies are in Replies.cs.

/// <summary>Sets extended attributes.</summary>
public readonly record struct SetxattrRequest(
    Loc Loc, Xdata Values, SetxattrFlags Flags = SetxattrFlags.None, Xdata? Xdata = null)
    : IFop<SetxattrRequest, StatusReply>
{
    public static Fop Number => Fop.Setxattr;

    public static ValueTask<StatusReply> WindAsync(Translator next, FopContext ctx, in SetxattrRequest request) => next.SetxattrAsync(ctx, in request);
}

/// <summary>Sets extended attributes of an open file.</summary>
public readonly record struct FsetxattrRequest(
    Fd Fd, Xdata Values, SetxattrFlags Flags = SetxattrFlags.None, Xdata? Xdata = null)
    : IFop<FsetxattrRequest, StatusReply>
{
    public static Fop Number => Fop.Fsetxattr;

    public static ValueTask<StatusReply> WindAsync(Translator next, FopContext ctx, in FsetxattrRequest request) => next.FsetxattrAsync(ctx, in request);
}

/// <summary>One extended attribute, or all of them when the name is null.</summary>
public readonly record struct GetxattrRequest(Loc Loc, string? Name = null, Xdata? Xdata = null) : IFop<GetxattrRequest, XattrReply>
{
    public static Fop Number => Fop.Getxattr;

    public static ValueTask<XattrReply> WindAsync(Translator next, FopContext ctx, in GetxattrRequest request) => next.GetxattrAsync(ctx, in request);
}

/// <summary>One extended attribute of an open file, or all of them.</summary>
public readonly record struct FgetxattrRequest(Fd Fd, string? Name = null, Xdata? Xdata = null) : IFop<FgetxattrRequest, XattrReply>
{
    public static Fop Number => Fop.Fgetxattr;

    public static ValueTask<XattrReply> WindAsync(Translator next, FopContext ctx, in FgetxattrRequest request) => next.FgetxattrAsync(ctx, in request);
}

/// <summary>Removes an extended attribute.</summary>
public readonly record struct RemovexattrRequest(Loc Loc, string Name, Xdata? Xdata = null) : IFop<RemovexattrRequest, StatusReply>
{
    public static Fop Number => Fop.Removexattr;

    public static ValueTask<StatusReply> WindAsync(Translator next, FopContext ctx, in RemovexattrRequest request) => next.RemovexattrAsync(ctx, in request);
}

/// <summary>Removes an extended attribute of an open file.</summary>
public readonly record struct FremovexattrRequest(Fd Fd, string Name, Xdata? Xdata = null) : IFop<FremovexattrRequest, StatusReply>
{
    public static Fop Number => Fop.Fremovexattr;

    public static ValueTask<StatusReply> WindAsync(Translator next, FopContext ctx, in FremovexattrRequest request) => next.FremovexattrAsync(ctx, in request);
}

/// <summary>Adds to, or combines with, counter arrays. Never repeat one whose result is unknown.</summary>
public readonly record struct XattropRequest(
    Loc Loc, XattropKind Kind, Xdata Values, Xdata? Xdata = null)
    : IFop<XattropRequest, XattrReply>
{
    public static Fop Number => Fop.Xattrop;

    public static ValueTask<XattrReply> WindAsync(Translator next, FopContext ctx, in XattropRequest request) => next.XattropAsync(ctx, in request);
}

/// <summary>The same on an open file.</summary>
public readonly record struct FxattropRequest(
    Fd Fd, XattropKind Kind, Xdata Values, Xdata? Xdata = null)
    : IFop<FxattropRequest, XattrReply>
{
    public static Fop Number => Fop.Fxattrop;

    public static ValueTask<XattrReply> WindAsync(Translator next, FopContext ctx, in FxattropRequest request) => next.FxattropAsync(ctx, in request);
}
