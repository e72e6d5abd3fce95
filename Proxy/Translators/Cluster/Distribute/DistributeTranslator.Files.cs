using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

// Fops on inodes and open files: they go to the subvolume that has the file.
public sealed partial class DistributeTranslator
{
    public override ValueTask<ReadReply> ReadAsync(FopContext ctx, in ReadRequest request) =>
        OnFile<ReadRequest, ReadReply, ReadMarks>(ctx, in request, request.Fd.Inode);

    public override ValueTask<WriteReply> WriteAsync(FopContext ctx, in WriteRequest request) =>
        OnFile<WriteRequest, WriteReply, WriteMarks>(ctx, in request, request.Fd.Inode);

    public override ValueTask<PrePostReply> FsyncAsync(FopContext ctx, in FsyncRequest request) =>
        OnFile<FsyncRequest, PrePostReply, PrePostMarks>(ctx, in request, request.Fd.Inode);

    public override ValueTask<PrePostReply> TruncateAsync(FopContext ctx, in TruncateRequest request) =>
        OnFile<TruncateRequest, PrePostReply, PrePostMarks>(ctx, in request, request.Loc.Inode);

    public override ValueTask<PrePostReply> FtruncateAsync(FopContext ctx, in FtruncateRequest request) =>
        OnFile<FtruncateRequest, PrePostReply, PrePostMarks>(ctx, in request, request.Fd.Inode);

    public override ValueTask<PrePostReply> FallocateAsync(FopContext ctx, in FallocateRequest request) =>
        OnFile<FallocateRequest, PrePostReply, PrePostMarks>(ctx, in request, request.Fd.Inode);

    public override ValueTask<PrePostReply> DiscardAsync(FopContext ctx, in DiscardRequest request) =>
        OnFile<DiscardRequest, PrePostReply, PrePostMarks>(ctx, in request, request.Fd.Inode);

    public override ValueTask<PrePostReply> ZerofillAsync(FopContext ctx, in ZerofillRequest request) =>
        OnFile<ZerofillRequest, PrePostReply, PrePostMarks>(ctx, in request, request.Fd.Inode);

    public override ValueTask<SeekReply> SeekAsync(FopContext ctx, in SeekRequest request) => OnInode<SeekRequest, SeekReply>(ctx, in request, request.Fd.Inode);

    public override ValueTask<RchecksumReply> RchecksumAsync(FopContext ctx, in RchecksumRequest request) =>
        OnInode<RchecksumRequest, RchecksumReply>(ctx, in request, request.Fd.Inode);

    public override ValueTask<StatusReply> FlushAsync(FopContext ctx, in FlushRequest request) => OnInode<FlushRequest, StatusReply>(ctx, in request, request.Fd.Inode);

    public override ValueTask<CopyFileRangeReply> CopyFileRangeAsync(FopContext ctx, in CopyFileRangeRequest request)
    {
        var source = _lookup.Home(request.Source.Inode);
        var destination = _lookup.Home(request.Destination.Inode);
        // Bricks copy only between their own files.
        return source >= 0 && destination >= 0 && source != destination
            ? new(CopyFileRangeReply.Failed(Errno.EXDEV))
            : OnInode<CopyFileRangeRequest, CopyFileRangeReply>(ctx, in request, request.Source.Inode);
    }

    public override ValueTask<StatusReply> AccessAsync(FopContext ctx, in AccessRequest request) => OnInode<AccessRequest, StatusReply>(ctx, in request, request.Loc.Inode);

    public override ValueTask<ReadlinkReply> ReadlinkAsync(FopContext ctx, in ReadlinkRequest request) =>
        OnInode<ReadlinkRequest, ReadlinkReply>(ctx, in request, request.Loc.Inode);

    public override ValueTask<XattrReply> GetxattrAsync(FopContext ctx, in GetxattrRequest request) => OnInode<GetxattrRequest, XattrReply>(ctx, in request, request.Loc.Inode);

    public override ValueTask<XattrReply> FgetxattrAsync(FopContext ctx, in FgetxattrRequest request) =>
        OnInode<FgetxattrRequest, XattrReply>(ctx, in request, request.Fd.Inode);

    public override ValueTask<XattrReply> XattropAsync(FopContext ctx, in XattropRequest request) => OnInode<XattropRequest, XattrReply>(ctx, in request, request.Loc.Inode);

    public override ValueTask<XattrReply> FxattropAsync(FopContext ctx, in FxattropRequest request) => OnInode<FxattropRequest, XattrReply>(ctx, in request, request.Fd.Inode);

    public override ValueTask<LkReply> LkAsync(FopContext ctx, in LkRequest request) => OnInode<LkRequest, LkReply>(ctx, in request, request.Fd.Inode);

    public override ValueTask<StatusReply> InodelkAsync(FopContext ctx, in InodelkRequest request) => OnLocked<InodelkRequest, StatusReply>(ctx, in request, request.Loc.Inode);

    public override ValueTask<StatusReply> FinodelkAsync(FopContext ctx, in FinodelkRequest request) =>
        OnLocked<FinodelkRequest, StatusReply>(ctx, in request, request.Fd.Inode);

    public override ValueTask<StatusReply> EntrylkAsync(FopContext ctx, in EntrylkRequest request) => OnLocked<EntrylkRequest, StatusReply>(ctx, in request, request.Loc.Inode);

    public override ValueTask<StatusReply> FentrylkAsync(FopContext ctx, in FentrylkRequest request) =>
        OnLocked<FentrylkRequest, StatusReply>(ctx, in request, request.Fd.Inode);

    public override ValueTask<LeaseReply> LeaseAsync(FopContext ctx, in LeaseRequest request) => OnInode<LeaseRequest, LeaseReply>(ctx, in request, request.Loc.Inode);

    public override ValueTask<ActiveLocksReply> GetactivelkAsync(FopContext ctx, in GetactivelkRequest request) =>
        OnInode<GetactivelkRequest, ActiveLocksReply>(ctx, in request, request.Loc.Inode);

    public override ValueTask<StatusReply> SetactivelkAsync(FopContext ctx, in SetactivelkRequest request) =>
        OnInode<SetactivelkRequest, StatusReply>(ctx, in request, request.Loc.Inode);

    public override ValueTask<StatusReply> OpenAsync(FopContext ctx, in OpenRequest request) => OpenFileAsync(ctx, request);

    public override ValueTask<StatusReply> ReleaseAsync(FopContext ctx, in ReleaseRequest request)
    {
        var openOn = request.Fd.GetSlot<DistributedFd>(Slot)?.OpenOn ?? _lookup.Home(request.Fd.Inode);
        return openOn < 0 ? new(default(StatusReply)) : Children[openOn].ReleaseAsync(ctx, in request);
    }

    /// <summary>The open file of a request on one, else null.</summary>
    internal static Fd? FdOf<TFop>(in TFop request)
        where TFop : struct => request switch
        {
            ReadRequest r => r.Fd,
            WriteRequest r => r.Fd,
            FsyncRequest r => r.Fd,
            FstatRequest r => r.Fd,
            FtruncateRequest r => r.Fd,
            FallocateRequest r => r.Fd,
            DiscardRequest r => r.Fd,
            ZerofillRequest r => r.Fd,
            FsetattrRequest r => r.Fd,
            SeekRequest r => r.Fd,
            FlushRequest r => r.Fd,
            FgetxattrRequest r => r.Fd,
            FxattropRequest r => r.Fd,
            FsetxattrRequest r => r.Fd,
            FremovexattrRequest r => r.Fd,
            RchecksumRequest r => r.Fd,
            LkRequest r => r.Fd,
            _ => null,
        };

    /// <summary>A file was moved: an fd that was opened where it was is opened where it is.</summary>
    internal async ValueTask<Errno> OpenWhereItIsAsync(FopContext ctx, Fd? fd, int at)
    {
        if (fd is null || fd.IsAnonymous)
            return Errno.None;
        var state = fd.GetOrAddSlot(Slot, -1, static openOn => new DistributedFd(openOn));
        if (state.OpenOn == at)
            return Errno.None;
        var flags = fd.Flags & ~(OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.Truncate);
        var opened = await Children[at].OpenAsync(InternalContext(in ctx), new OpenRequest(Loc.Of(fd.Inode), fd, flags));
        if (opened.Errno != Errno.None)
            return opened.Errno;
        var before = state.OpenOn;
        state.OpenOn = at;
        if (before >= 0)
            await Children[before].ReleaseAsync(ctx, new ReleaseRequest(fd));
        return Errno.None;
    }

    /// <summary>A fop whose reply shows whether a rebalance is moving the file.</summary>
    private ValueTask<TReply> OnFile<TFop, TReply, TMarks>(FopContext ctx, in TFop request, Inode? inode)
        where TFop : struct, IFop<TFop, TReply>
        where TReply : struct, IReply<TReply>
        where TMarks : struct, IMarkedReply<TReply>
    {
        if (inode is null)
            return new(TReply.Failed(Errno.EINVAL));
        return Known(inode) is { Cached: >= 0 and var at, HasMoved: false }
            ? MigrationWatch<TFop, TReply, TMarks>.Wind(this, ctx, in request, inode, at)
            : OnFileSlowAsync<TFop, TReply, TMarks>(ctx, request, inode);
    }

    private async ValueTask<TReply> OnFileSlowAsync<TFop, TReply, TMarks>(FopContext ctx, TFop request, Inode inode)
        where TFop : struct, IFop<TFop, TReply>
        where TReply : struct, IReply<TReply>
        where TMarks : struct, IMarkedReply<TReply>
    {
        var (at, errno) = await _lookup.CachedAsync(ctx, inode);
        if (at < 0)
            return TReply.Failed(errno);
        if (Known(inode) is { HasMoved: true } && await OpenWhereItIsAsync(ctx, FdOf(in request), at) is not Errno.None and var failed)
            return TReply.Failed(failed);
        return await MigrationWatch<TFop, TReply, TMarks>.Wind(this, ctx, in request, inode, at);
    }

    /// <summary>A fop on a file, or on a directory where any subvolume can answer.</summary>
    private ValueTask<TReply> OnInode<TFop, TReply>(FopContext ctx, in TFop request, Inode? inode)
        where TFop : struct, IFop<TFop, TReply>
        where TReply : struct, IReply<TReply>
    {
        if (inode is null)
            return new(TReply.Failed(Errno.EINVAL));
        return _lookup.Home(inode) is >= 0 and var at && Known(inode) is not { HasMoved: true }
            ? TFop.WindAsync(Children[at], ctx, in request)
            : OnInodeSlowAsync<TFop, TReply>(ctx, request, inode);
    }

    private async ValueTask<TReply> OnInodeSlowAsync<TFop, TReply>(FopContext ctx, TFop request, Inode inode)
        where TFop : struct, IFop<TFop, TReply>
        where TReply : struct, IReply<TReply>
    {
        var (at, errno) = await _lookup.CachedAsync(ctx, inode);
        if (at < 0)
            return TReply.Failed(errno);
        if (Known(inode) is { HasMoved: true } && await OpenWhereItIsAsync(ctx, FdOf(in request), at) is not Errno.None and var failed)
            return TReply.Failed(failed);
        return await TFop.WindAsync(Children[at], ctx, in request);
    }

    /// <summary>Locks of a directory are always on the first subvolume: all who lock must meet.</summary>
    private ValueTask<TReply> OnLocked<TFop, TReply>(FopContext ctx, in TFop request, Inode? inode)
        where TFop : struct, IFop<TFop, TReply>
        where TReply : struct, IReply<TReply> =>
        inode is not null && Known(inode) is { Layout: not null } ? TFop.WindAsync(Children[0], ctx, in request) : OnInode<TFop, TReply>(ctx, in request, inode);

    private async ValueTask<StatusReply> OpenFileAsync(FopContext ctx, OpenRequest request)
    {
        if (request.Loc.Inode is not { } inode)
            return StatusReply.Failed(Errno.EINVAL);
        for (var again = false; ; again = true)
        {
            var (at, errno) = await _lookup.CachedAsync(ctx, inode);
            if (at < 0)
                return StatusReply.Failed(errno);
            var reply = await Children[at].OpenAsync(ctx, in request);
            if (reply.Errno is Errno.ENOENT or Errno.ESTALE && !again)
            {
                // Moved by a rebalance since it was looked up, or gone.
                Of(inode).Cached = -1;
                continue;
            }

            if (reply.Errno == Errno.None)
                request.Fd.SetSlot(Slot, new DistributedFd(at));
            return reply;
        }
    }
}
