using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

// Fops on names, and on directories, which are on all subvolumes.
public sealed partial class DistributeTranslator
{
    public override ValueTask<LookupReply> LookupAsync(FopContext ctx, in LookupRequest request) => LookUpAsync(ctx, request);

    public override ValueTask<CreateReply> CreateAsync(FopContext ctx, in CreateRequest request) =>
        IsNamed(request.Loc) ? CreateFileAsync(ctx, request) : new(CreateReply.Failed(Errno.EINVAL));

    public override ValueTask<EntryReply> MknodAsync(FopContext ctx, in MknodRequest request) =>
        IsNamed(request.Loc) ? _newEntries.MknodAsync(ctx, request) : new(EntryReply.Failed(Errno.EINVAL));

    public override ValueTask<EntryReply> SymlinkAsync(FopContext ctx, in SymlinkRequest request) =>
        IsNamed(request.Loc) ? _newEntries.SymlinkAsync(ctx, request) : new(EntryReply.Failed(Errno.EINVAL));

    public override ValueTask<EntryReply> MkdirAsync(FopContext ctx, in MkdirRequest request) =>
        IsNamed(request.Loc) ? _directoryCreation.CreateAsync(ctx, request) : new(EntryReply.Failed(Errno.EINVAL));

    public override ValueTask<PrePostReply> RmdirAsync(FopContext ctx, in RmdirRequest request) =>
        IsNamed(request.Loc) ? _directoryRemoval.RemoveAsync(ctx, request) : new(PrePostReply.Failed(Errno.EINVAL));

    public override ValueTask<EntryReply> LinkAsync(FopContext ctx, in LinkRequest request) =>
        IsNamed(request.New) && request.Old.Inode is not null ? _links.LinkAsync(ctx, request) : new(EntryReply.Failed(Errno.EINVAL));

    public override ValueTask<PrePostReply> UnlinkAsync(FopContext ctx, in UnlinkRequest request) =>
        IsNamed(request.Loc) ? _links.UnlinkAsync(ctx, request) : new(PrePostReply.Failed(Errno.EINVAL));

    public override ValueTask<RenameReply> RenameAsync(FopContext ctx, in RenameRequest request) =>
        IsNamed(request.Old) && IsNamed(request.New) ? RenameAnyAsync(ctx, request) : new(RenameReply.Failed(Errno.EINVAL));

    public override ValueTask<StatusReply> OpendirAsync(FopContext ctx, in OpendirRequest request) =>
        request.Loc.Inode is null ? new(StatusReply.Failed(Errno.EINVAL)) : _listing.OpenAsync(ctx, request);

    public override ValueTask<ReaddirReply> ReaddirpAsync(FopContext ctx, in ReaddirpRequest request) => _listing.ReadAsync(ctx, request, withAttributes: true);

    public override ValueTask<ReaddirReply> ReaddirAsync(FopContext ctx, in ReaddirRequest request) =>
        _listing.ReadAsync(ctx, new ReaddirpRequest(request.Fd, request.Offset, request.Size, request.Xdata), withAttributes: false);

    public override ValueTask<StatusReply> ReleasedirAsync(FopContext ctx, in ReleasedirRequest request) => AllMustAsync<ReleasedirRequest, StatusReply>(ctx, request);

    public override ValueTask<StatusReply> FsyncdirAsync(FopContext ctx, in FsyncdirRequest request) => AllMustAsync<FsyncdirRequest, StatusReply>(ctx, request);

    public override ValueTask<IattReply> StatAsync(FopContext ctx, in StatRequest request) =>
        IsDirectory(request.Loc.Inode) ? StatDirectoryAsync(ctx, request) : OnFile<StatRequest, IattReply, IattMarks>(ctx, in request, request.Loc.Inode);

    public override ValueTask<IattReply> FstatAsync(FopContext ctx, in FstatRequest request) =>
        IsDirectory(request.Fd.Inode)
            ? StatDirectoryAsync(ctx, new StatRequest(Loc.Of(request.Fd.Inode), request.Xdata))
            : OnFile<FstatRequest, IattReply, IattMarks>(ctx, in request, request.Fd.Inode);

    public override ValueTask<PrePostReply> SetattrAsync(FopContext ctx, in SetattrRequest request) =>
        OnDirectoryOrFile<SetattrRequest, PrePostReply>(ctx, in request, request.Loc.Inode);

    public override ValueTask<PrePostReply> FsetattrAsync(FopContext ctx, in FsetattrRequest request) =>
        IsDirectory(request.Fd.Inode)
            ? SetattrAsync(ctx, new SetattrRequest(Loc.Of(request.Fd.Inode), request.Attributes, request.Valid, request.Xdata))
            : OnInode<FsetattrRequest, PrePostReply>(ctx, in request, request.Fd.Inode);

    public override ValueTask<StatusReply> SetxattrAsync(FopContext ctx, in SetxattrRequest request) =>
        OnDirectoryOrFile<SetxattrRequest, StatusReply>(ctx, in request, request.Loc.Inode);

    public override ValueTask<StatusReply> FsetxattrAsync(FopContext ctx, in FsetxattrRequest request) =>
        IsDirectory(request.Fd.Inode)
            ? SetxattrAsync(ctx, new SetxattrRequest(Loc.Of(request.Fd.Inode), request.Values, request.Flags, request.Xdata))
            : OnInode<FsetxattrRequest, StatusReply>(ctx, in request, request.Fd.Inode);

    public override ValueTask<StatusReply> RemovexattrAsync(FopContext ctx, in RemovexattrRequest request) =>
        OnDirectoryOrFile<RemovexattrRequest, StatusReply>(ctx, in request, request.Loc.Inode);

    public override ValueTask<StatusReply> FremovexattrAsync(FopContext ctx, in FremovexattrRequest request) =>
        IsDirectory(request.Fd.Inode)
            ? RemovexattrAsync(ctx, new RemovexattrRequest(Loc.Of(request.Fd.Inode), request.Name, request.Xdata))
            : OnInode<FremovexattrRequest, StatusReply>(ctx, in request, request.Fd.Inode);

    public override ValueTask<StatFsReply> StatfsAsync(FopContext ctx, in StatfsRequest request) => SumStatfsAsync(ctx, request);

    public override ValueTask<IattReply> IcreateAsync(FopContext ctx, in IcreateRequest request) => new(IattReply.Failed(Errno.EOPNOTSUPP));

    public override ValueTask<PrePostReply> NamelinkAsync(FopContext ctx, in NamelinkRequest request) => new(PrePostReply.Failed(Errno.EOPNOTSUPP));

    public override ValueTask<EntryReply> PutAsync(FopContext ctx, in PutRequest request) => new(EntryReply.Failed(Errno.EOPNOTSUPP));

    private static bool IsNamed(Loc loc) => loc.Parent is not null && !string.IsNullOrEmpty(loc.Name);

    private bool IsDirectory(Inode? inode) => inode is not null && (inode.Type == FileType.Directory || Known(inode) is { Layout: not null });

    private async ValueTask<LookupReply> LookUpAsync(FopContext ctx, LookupRequest request)
    {
        if (IsNamed(request.Loc))
            return (await _lookup.FindAsync(ctx, request.Loc, request.Xdata)).Reply;
        return request.Loc.Inode is { } inode ? await _lookup.FindAsync(ctx, inode, request.Xdata) : LookupReply.Failed(Errno.EINVAL);
    }

    private async ValueTask<CreateReply> CreateFileAsync(FopContext ctx, CreateRequest request)
    {
        var reply = await _newEntries.CreateAsync(ctx, request);
        if (reply.Errno == Errno.None)
            request.Fd.SetSlot(Slot, new DistributedFd(_lookup.Home(request.Fd.Inode)));
        return reply;
    }

    private async ValueTask<RenameReply> RenameAnyAsync(FopContext ctx, RenameRequest request)
    {
        var type = request.Old.Inode?.Type ?? FileType.None;
        if (type == FileType.None)
        {
            var old = await _lookup.FindAsync(ctx, request.Old, null);
            if (!old.Exists)
                return RenameReply.Failed(old.Errno);
            type = old.Reply.Stat.Type;
        }

        return type == FileType.Directory ? await _directoryRename.RenameAsync(ctx, request) : await _fileRename.RenameAsync(ctx, request);
    }

    private ValueTask<TReply> OnDirectoryOrFile<TFop, TReply>(FopContext ctx, in TFop request, Inode? inode)
        where TFop : struct, IFop<TFop, TReply>
        where TReply : struct, IReply<TReply> =>
        IsDirectory(inode) ? AllMustAsync<TFop, TReply>(ctx, request) : OnInode<TFop, TReply>(ctx, in request, inode);

    /// <summary>A change of a directory: on all subvolumes, those excepted that miss the directory. One that is away fails it.</summary>
    private async ValueTask<TReply> AllMustAsync<TFop, TReply>(FopContext ctx, TFop request)
        where TFop : struct, IFop<TFop, TReply>
        where TReply : struct, IReply<TReply>
    {
        var replies = await OnAllAsync<TFop, TReply>(ctx, request);
        TReply? done = null;
        foreach (var reply in replies)
        {
            if (reply.Errno is not (Errno.None or Errno.ENOENT or Errno.ESTALE))
                return reply;
            if (reply.Errno == Errno.None)
                done ??= reply;
        }

        return done ?? replies[0];
    }

    private async ValueTask<IattReply> StatDirectoryAsync(FopContext ctx, StatRequest request)
    {
        var replies = await OnThoseUpAsync<StatRequest, IattReply>(ctx, request);
        IattReply? merged = null;
        foreach (var reply in replies)
        {
            if (reply.Errno == Errno.None)
                merged = merged is { } before ? before with { Stat = LayoutHeal.Merged(before.Stat, reply.Stat) } : reply with { Stat = LayoutHeal.Merged(reply.Stat, reply.Stat) };
        }

        return merged ?? replies[0];
    }

    /// <summary>The sum of the subvolumes that answer, in the largest of their block sizes.</summary>
    private async ValueTask<StatFsReply> SumStatfsAsync(FopContext ctx, StatfsRequest request)
    {
        var replies = await OnThoseUpAsync<StatfsRequest, StatFsReply>(ctx, request);
        StatFsReply? sum = null;
        foreach (var reply in replies)
        {
            if (reply.Errno == Errno.None)
                sum = sum is { } before ? before with { StatFs = Sum(before.StatFs, reply.StatFs) } : reply;
        }

        return sum ?? replies[0];
    }

    private static StatFs Sum(StatFs one, StatFs other)
    {
        var fragment = Math.Max(Math.Max(one.FragmentSize, other.FragmentSize), 1);
        ulong Scaled(ulong blocks, ulong size) => (ulong)((UInt128)blocks * size / fragment);
        return one with
        {
            BlockSize = Math.Max(one.BlockSize, other.BlockSize),
            FragmentSize = fragment,
            Blocks = Scaled(one.Blocks, one.FragmentSize) + Scaled(other.Blocks, other.FragmentSize),
            BlocksFree = Scaled(one.BlocksFree, one.FragmentSize) + Scaled(other.BlocksFree, other.FragmentSize),
            BlocksAvailable = Scaled(one.BlocksAvailable, one.FragmentSize) + Scaled(other.BlocksAvailable, other.FragmentSize),
            Files = one.Files + other.Files,
            FilesFree = one.FilesFree + other.FilesFree,
            FilesAvailable = one.FilesAvailable + other.FilesAvailable,
            NameMax = Math.Min(one.NameMax, other.NameMax),
        };
    }
}
