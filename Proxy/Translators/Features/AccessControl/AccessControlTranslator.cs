using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Options;

namespace BlockProxy.Proxy.Translators.Features.AccessControl;

/// <summary>
/// features/access-control: decides by owner, group and mode what a caller other than root may do; the brick's own process may do everything.
/// Lists of further users and groups (POSIX ACLs) are stored and handed out, but not judged by: the mode's group bits stand for them.
/// </summary>
/// <remarks>Root's fops are handed on untouched. For others the file's attributes, and the directory's, are asked for first.</remarks>
public sealed class AccessControlTranslator() : Translator<NoOptions>(new NoOptions())
{
    public const string TypeName = "features/access-control";

    private static readonly string[] AclAttributes =
        ["system.posix_acl_access", "system.posix_acl_default", "glusterfs.posix.acl", "glusterfs.posix.default_acl"];

    /// <summary>Decides about one fop: an error, or none and the fop goes on, perhaps changed.</summary>
    private delegate ValueTask<Errno> Judge<TRequest>(FopContext ctx, TRequest request);

    /// <inheritdoc/>
    public override string? CheckChildren() => Children.Count == 1 ? null : $"has {Children.Count} subvolumes; it takes one";

    public override ValueTask<LookupReply> LookupAsync(FopContext ctx, in LookupRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.LookupAsync(ctx, in request)
        : JudgedAsync<LookupRequest, LookupReply>(ctx, request, (ctx, request) => request.Loc.Parent is null || request.Loc.Name is null ? new(Errno.None) : OnAsync(ctx, request.Loc.Parent, Want.Execute));

    public override ValueTask<StatusReply> AccessAsync(FopContext ctx, in AccessRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.AccessAsync(ctx, in request)
        : JudgedAsync<AccessRequest, StatusReply>(ctx, request, (ctx, request) => OnAsync(ctx, request.Loc.Inode, (Want)request.Mask));

    public override ValueTask<StatusReply> OpenAsync(FopContext ctx, in OpenRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.OpenAsync(ctx, in request)
        : JudgedAsync<OpenRequest, StatusReply>(ctx, request, (ctx, request) => OnAsync(ctx, request.Loc.Inode, Wanted(request.Flags)));

    public override ValueTask<StatusReply> OpendirAsync(FopContext ctx, in OpendirRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.OpendirAsync(ctx, in request)
        : JudgedAsync<OpendirRequest, StatusReply>(ctx, request, (ctx, request) => OnAsync(ctx, request.Loc.Inode, Want.Read));

    public override ValueTask<PrePostReply> TruncateAsync(FopContext ctx, in TruncateRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.TruncateAsync(ctx, in request)
        : JudgedAsync<TruncateRequest, PrePostReply>(ctx, request, (ctx, request) => OnAsync(ctx, request.Loc.Inode, Want.Write));

    public override ValueTask<XattrReply> GetxattrAsync(FopContext ctx, in GetxattrRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.GetxattrAsync(ctx, in request)
        : JudgedAsync<GetxattrRequest, XattrReply>(ctx, request, (ctx, request) => OnAsync(ctx, request.Loc.Inode, Want.Read));

    public override ValueTask<StatusReply> SetxattrAsync(FopContext ctx, in SetxattrRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.SetxattrAsync(ctx, in request)
        : JudgedAsync<SetxattrRequest, StatusReply>(ctx, request, (ctx, request) => OnAttributesAsync(ctx, request.Loc.Inode, request.Values));

    public override ValueTask<StatusReply> FsetxattrAsync(FopContext ctx, in FsetxattrRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.FsetxattrAsync(ctx, in request)
        : JudgedAsync<FsetxattrRequest, StatusReply>(ctx, request, (ctx, request) => OnAttributesAsync(ctx, request.Fd.Inode, request.Values));

    public override ValueTask<StatusReply> RemovexattrAsync(FopContext ctx, in RemovexattrRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.RemovexattrAsync(ctx, in request)
        : JudgedAsync<RemovexattrRequest, StatusReply>(ctx, request, (ctx, request) => OnAttributesAsync(ctx, request.Loc.Inode, new() { [request.Name] = XdataValue.Int(0) }));

    public override ValueTask<StatusReply> FremovexattrAsync(FopContext ctx, in FremovexattrRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.FremovexattrAsync(ctx, in request)
        : JudgedAsync<FremovexattrRequest, StatusReply>(ctx, request, (ctx, request) => OnAttributesAsync(ctx, request.Fd.Inode, new() { [request.Name] = XdataValue.Int(0) }));

    public override ValueTask<CreateReply> CreateAsync(FopContext ctx, in CreateRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.CreateAsync(ctx, in request)
        : JudgedAsync<CreateRequest, CreateReply>(ctx, request, (ctx, request) => OnCreateAsync(ctx, request));

    public override ValueTask<EntryReply> MknodAsync(FopContext ctx, in MknodRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.MknodAsync(ctx, in request)
        : JudgedAsync<MknodRequest, EntryReply>(ctx, request, (ctx, request) => OnAsync(ctx, request.Loc.Parent, Want.Write | Want.Execute));

    public override ValueTask<EntryReply> MkdirAsync(FopContext ctx, in MkdirRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.MkdirAsync(ctx, in request)
        : JudgedAsync<MkdirRequest, EntryReply>(ctx, request, (ctx, request) => OnAsync(ctx, request.Loc.Parent, Want.Write | Want.Execute));

    public override ValueTask<EntryReply> SymlinkAsync(FopContext ctx, in SymlinkRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.SymlinkAsync(ctx, in request)
        : JudgedAsync<SymlinkRequest, EntryReply>(ctx, request, (ctx, request) => OnAsync(ctx, request.Loc.Parent, Want.Write | Want.Execute));

    public override ValueTask<EntryReply> LinkAsync(FopContext ctx, in LinkRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.LinkAsync(ctx, in request)
        : JudgedAsync<LinkRequest, EntryReply>(ctx, request, (ctx, request) => OnAsync(ctx, request.New.Parent, Want.Write | Want.Execute));

    public override ValueTask<PrePostReply> UnlinkAsync(FopContext ctx, in UnlinkRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.UnlinkAsync(ctx, in request)
        : JudgedAsync<UnlinkRequest, PrePostReply>(ctx, request, (ctx, request) => OnRemovalAsync(ctx, request.Loc));

    public override ValueTask<PrePostReply> RmdirAsync(FopContext ctx, in RmdirRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.RmdirAsync(ctx, in request)
        : JudgedAsync<RmdirRequest, PrePostReply>(ctx, request, (ctx, request) => OnRemovalAsync(ctx, request.Loc));

    public override ValueTask<RenameReply> RenameAsync(FopContext ctx, in RenameRequest request) => Permission.IsFree(ctx.Caller)
        ? Next.RenameAsync(ctx, in request)
        : JudgedAsync<RenameRequest, RenameReply>(ctx, request, (ctx, request) => OnRenameAsync(ctx, request));

    public override ValueTask<PrePostReply> SetattrAsync(FopContext ctx, in SetattrRequest request)
    {
        return Permission.IsFree(ctx.Caller) ? Next.SetattrAsync(ctx, in request) : CheckedAsync(ctx, request);

        async ValueTask<PrePostReply> CheckedAsync(FopContext ctx, SetattrRequest request)
        {
            var (errno, mode) = await OnSetattrAsync(ctx, request.Loc.Inode, request.Valid, request.Attributes);
            return errno == Errno.None
                ? await Next.SetattrAsync(ctx, request with { Attributes = request.Attributes with { Mode = mode } })
                : PrePostReply.Failed(errno);
        }
    }

    public override ValueTask<PrePostReply> FsetattrAsync(FopContext ctx, in FsetattrRequest request)
    {
        return Permission.IsFree(ctx.Caller) ? Next.FsetattrAsync(ctx, in request) : CheckedAsync(ctx, request);

        async ValueTask<PrePostReply> CheckedAsync(FopContext ctx, FsetattrRequest request)
        {
            var (errno, mode) = await OnSetattrAsync(ctx, request.Fd.Inode, request.Valid, request.Attributes);
            return errno == Errno.None
                ? await Next.FsetattrAsync(ctx, request with { Attributes = request.Attributes with { Mode = mode } })
                : PrePostReply.Failed(errno);
        }
    }

    private async ValueTask<TReply> JudgedAsync<TRequest, TReply>(FopContext ctx, TRequest request, Judge<TRequest> judge)
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply>
    {
        var errno = await judge(ctx, request);
        return errno == Errno.None ? await TRequest.WindAsync(Next, ctx, in request) : TReply.Failed(errno);
    }

    private static Want Wanted(OpenFlags flags)
    {
        var want = (flags & OpenFlags.AccessMask) switch
        {
            OpenFlags.ReadOnly => (flags & OpenFlags.Exec) != 0 ? Want.Execute : Want.Read,
            OpenFlags.WriteOnly => Want.Write,
            _ => Want.Read | Want.Write,
        };
        return (flags & (OpenFlags.Truncate | OpenFlags.Append)) != 0 ? want | Want.Write : want;
    }

    /// <summary>Whether the caller may do that with an inode. The storage answers for one that is not there.</summary>
    private async ValueTask<Errno> OnAsync(FopContext ctx, Inode? inode, Want want)
    {
        if (inode is null)
            return Errno.None;
        var found = await StatAsync(inode);
        return found.Errno != Errno.None || Permission.Allows(found.Stat, ctx.Caller, want) ? Errno.None : Errno.EACCES;
    }

    /// <summary>A create without EXCL of a name that exists is an open.</summary>
    private async ValueTask<Errno> OnCreateAsync(FopContext ctx, CreateRequest request)
    {
        if (request.Loc.Parent is not { } parent)
            return Errno.None;
        var existing = await FindAsync(request.Loc);
        if (existing.Errno != Errno.None || (request.Flags & OpenFlags.Exclusive) != 0)
            return await OnAsync(ctx, parent, Want.Write | Want.Execute);
        var reach = await OnAsync(ctx, parent, Want.Execute);
        if (reach != Errno.None)
            return reach;
        return Permission.Allows(existing.Stat, ctx.Caller, Wanted(request.Flags)) ? Errno.None : Errno.EACCES;
    }

    private async ValueTask<Errno> OnRemovalAsync(FopContext ctx, Loc loc)
    {
        var errno = await OnAsync(ctx, loc.Parent, Want.Write | Want.Execute);
        if (errno != Errno.None || loc.Parent is not { } parent)
            return errno;
        var directory = await StatAsync(parent);
        var entry = await FindAsync(loc);
        return directory.Errno != Errno.None || entry.Errno != Errno.None || Permission.AllowsRemoval(directory.Stat, entry.Stat, ctx.Caller)
            ? Errno.None
            : Errno.EACCES;
    }

    /// <summary>The old name is removed, and so is what the new one names.</summary>
    private async ValueTask<Errno> OnRenameAsync(FopContext ctx, RenameRequest request)
    {
        var errno = await OnRemovalAsync(ctx, request.Old);
        return errno == Errno.None ? await OnRemovalAsync(ctx, request.New) : errno;
    }

    private async ValueTask<Errno> OnAttributesAsync(FopContext ctx, Inode? inode, Xdata values)
    {
        if (inode is null)
            return Errno.None;
        var found = await StatAsync(inode);
        if (found.Errno != Errno.None)
            return Errno.None;
        if (values.Any(value => AclAttributes.Contains(value.Key)))
            return ctx.Caller.Uid == found.Stat.Uid ? Errno.None : Errno.EPERM;
        // Beyond user.*, an ordinary process could not set them on a local file system either.
        if (values.Any(value => value.Key.StartsWith("trusted.", StringComparison.Ordinal) || value.Key.StartsWith("security.", StringComparison.Ordinal)))
            return Errno.EPERM;
        return Permission.Allows(found.Stat, ctx.Caller, Want.Write) ? Errno.None : Errno.EACCES;
    }

    private async ValueTask<(Errno Errno, uint Mode)> OnSetattrAsync(FopContext ctx, Inode? inode, SetattrFields valid, Iatt wanted)
    {
        if (inode is null)
            return (Errno.None, wanted.Mode);
        var found = await StatAsync(inode);
        if (found.Errno != Errno.None)
            return (Errno.None, wanted.Mode);
        var errno = Permission.CheckSetattr(found.Stat, ctx.Caller, valid, in wanted, out var mode);
        return (errno, mode);
    }

    private ValueTask<IattReply> StatAsync(Inode inode) => Next.StatAsync(new FopContext(Caller.Root), new StatRequest(Loc.Of(inode)));

    private ValueTask<LookupReply> FindAsync(Loc loc) => Next.LookupAsync(new FopContext(Caller.Root), new LookupRequest(loc with { Inode = null }));
}
