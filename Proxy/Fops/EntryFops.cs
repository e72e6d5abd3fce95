using BlockProxy.Io;

namespace BlockProxy.Proxy.Fops;

// Creating, removing and finding names. One request record per fop; shapes of replies are in Replies.cs.

/// <summary>Finds a name in its parent, or an inode by its gfid when the name is null.</summary>
public readonly record struct LookupRequest(Loc Loc, Xdata? Xdata = null) : IFop<LookupRequest, LookupReply>
{
    public static Fop Number => Fop.Lookup;

    public static ValueTask<LookupReply> WindAsync(Translator next, FopContext ctx, in LookupRequest request) => next.LookupAsync(ctx, in request);
}

/// <summary>Creates and opens a regular file. <c>gfid-req</c> in xdata names its gfid, which is that of <c>Fd.Inode</c>.</summary>
public readonly record struct CreateRequest(
    Loc Loc, Fd Fd, OpenFlags Flags, uint Mode, uint Umask = 0, Xdata? Xdata = null)
    : IFop<CreateRequest, CreateReply>
{
    public static Fop Number => Fop.Create;

    public static ValueTask<CreateReply> WindAsync(Translator next, FopContext ctx, in CreateRequest request) => next.CreateAsync(ctx, in request);
}

/// <summary>Creates a file without opening it.</summary>
public readonly record struct MknodRequest(
    Loc Loc, uint Mode, ulong Dev = 0, uint Umask = 0, Xdata? Xdata = null)
    : IFop<MknodRequest, EntryReply>
{
    public static Fop Number => Fop.Mknod;

    public static ValueTask<EntryReply> WindAsync(Translator next, FopContext ctx, in MknodRequest request) => next.MknodAsync(ctx, in request);
}

/// <summary>Creates a directory.</summary>
public readonly record struct MkdirRequest(Loc Loc, uint Mode, uint Umask = 0, Xdata? Xdata = null) : IFop<MkdirRequest, EntryReply>
{
    public static Fop Number => Fop.Mkdir;

    public static ValueTask<EntryReply> WindAsync(Translator next, FopContext ctx, in MkdirRequest request) => next.MkdirAsync(ctx, in request);
}

/// <summary>Creates a symbolic link.</summary>
public readonly record struct SymlinkRequest(
    Loc Loc, string Target, uint Umask = 0, Xdata? Xdata = null)
    : IFop<SymlinkRequest, EntryReply>
{
    public static Fop Number => Fop.Symlink;

    public static ValueTask<EntryReply> WindAsync(Translator next, FopContext ctx, in SymlinkRequest request) => next.SymlinkAsync(ctx, in request);
}

/// <summary>Gives the file <c>Old.Inode</c> one more name.</summary>
public readonly record struct LinkRequest(Loc Old, Loc New, Xdata? Xdata = null) : IFop<LinkRequest, EntryReply>
{
    public static Fop Number => Fop.Link;

    public static ValueTask<EntryReply> WindAsync(Translator next, FopContext ctx, in LinkRequest request) => next.LinkAsync(ctx, in request);
}

/// <summary>Removes a name that is not a directory; pre and post are the parent's.</summary>
public readonly record struct UnlinkRequest(Loc Loc, uint Flags = 0, Xdata? Xdata = null) : IFop<UnlinkRequest, PrePostReply>
{
    public static Fop Number => Fop.Unlink;

    public static ValueTask<PrePostReply> WindAsync(Translator next, FopContext ctx, in UnlinkRequest request) => next.UnlinkAsync(ctx, in request);
}

/// <summary>Removes an empty directory; pre and post are the parent's.</summary>
public readonly record struct RmdirRequest(Loc Loc, int Flags = 0, Xdata? Xdata = null) : IFop<RmdirRequest, PrePostReply>
{
    public static Fop Number => Fop.Rmdir;

    public static ValueTask<PrePostReply> WindAsync(Translator next, FopContext ctx, in RmdirRequest request) => next.RmdirAsync(ctx, in request);
}

/// <summary>Moves a name over another.</summary>
public readonly record struct RenameRequest(Loc Old, Loc New, Xdata? Xdata = null) : IFop<RenameRequest, RenameReply>
{
    public static Fop Number => Fop.Rename;

    public static ValueTask<RenameReply> WindAsync(Translator next, FopContext ctx, in RenameRequest request) => next.RenameAsync(ctx, in request);
}

/// <summary>The target of a symbolic link.</summary>
public readonly record struct ReadlinkRequest(Loc Loc, int Size = 4096, Xdata? Xdata = null) : IFop<ReadlinkRequest, ReadlinkReply>
{
    public static Fop Number => Fop.Readlink;

    public static ValueTask<ReadlinkReply> WindAsync(Translator next, FopContext ctx, in ReadlinkRequest request) => next.ReadlinkAsync(ctx, in request);
}

/// <summary>Creates an inode without a name.</summary>
public readonly record struct IcreateRequest(Loc Loc, uint Mode, Xdata? Xdata = null) : IFop<IcreateRequest, IattReply>
{
    public static Fop Number => Fop.Icreate;

    public static ValueTask<IattReply> WindAsync(Translator next, FopContext ctx, in IcreateRequest request) => next.IcreateAsync(ctx, in request);
}

/// <summary>Names an inode made by icreate. It kills 10.3 bricks (gluster-rpc, procedure 54), so protocol/client never sends it.</summary>
public readonly record struct NamelinkRequest(Loc Loc, Xdata? Xdata = null) : IFop<NamelinkRequest, PrePostReply>
{
    public static Fop Number => Fop.Namelink;

    public static ValueTask<PrePostReply> WindAsync(Translator next, FopContext ctx, in NamelinkRequest request) => next.NamelinkAsync(ctx, in request);
}

/// <summary>Creates a file with content. 10.3 bricks do not have it (gluster-rpc, procedure 55).</summary>
public readonly record struct PutRequest(
    Loc Loc, uint Mode, uint Umask, OpenFlags Flags, long Offset, Payload Data, Xdata? Xattrs, Xdata? Xdata = null)
    : IFop<PutRequest, EntryReply>
{
    public static Fop Number => Fop.Put;

    public static ValueTask<EntryReply> WindAsync(Translator next, FopContext ctx, in PutRequest request) => next.PutAsync(ctx, in request);
}
