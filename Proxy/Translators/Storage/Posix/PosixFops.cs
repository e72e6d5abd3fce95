using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Attributes;
using BlockProxy.Proxy.Translators.Storage.Posix.Data;
using BlockProxy.Proxy.Translators.Storage.Posix.Directories;
using BlockProxy.Proxy.Translators.Storage.Posix.Entries;
using BlockProxy.Proxy.Translators.Storage.Posix.Executor;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>The fops of an open brick: what each does, and the runner that brings it to the executor.</summary>
internal sealed class PosixFops
{
    private readonly Brick _brick;
    private readonly IIoExecutor _executor;

    public PosixFops(Brick brick, IIoExecutor executor)
    {
        _brick = brick;
        _executor = executor;
        Landfill = new Landfill(brick, executor);
        var space = new SpaceReserve(brick);
        var query = new XattrQuery(brick);
        var entries = new NewEntry(brick);
        var lookup = new LookupFops(brick, entries, query);
        var create = new CreateFops(brick, entries, space);
        var remove = new RemoveFops(brick, Landfill);
        var link = new LinkFops(brick, remove, space);
        var open = new OpenFops(brick);
        var list = new ListFops(brick, query);
        var data = new ReadWriteFops(brick, space);
        var ranges = new SpaceFops(brick, space);
        var checksum = new ChecksumFops(brick);
        var attributes = new AttributeFops(brick, query, space);
        var setXattr = new SetXattrFops(brick, space);
        var getXattr = new GetXattrFops(brick, query);
        var xattrop = new XattropFops(brick, query);
        Data = data;

        Lookup = Runner<LookupRequest, LookupReply>(lookup.Lookup);
        Create = Runner<CreateRequest, CreateReply>(create.Create);
        Mknod = Runner<MknodRequest, EntryReply>(create.Mknod);
        Mkdir = Runner<MkdirRequest, EntryReply>(create.Mkdir);
        Symlink = Runner<SymlinkRequest, EntryReply>(create.Symlink);
        Link = Runner<LinkRequest, EntryReply>(link.Link);
        Rename = Runner<RenameRequest, RenameReply>(link.Rename);
        Unlink = Runner<UnlinkRequest, PrePostReply>(remove.Unlink);
        Rmdir = Runner<RmdirRequest, PrePostReply>(remove.Rmdir);
        Readlink = Runner<ReadlinkRequest, ReadlinkReply>(attributes.Readlink);
        Stat = Runner<StatRequest, IattReply>(attributes.Stat);
        Fstat = Runner<FstatRequest, IattReply>(attributes.Fstat);
        Setattr = Runner<SetattrRequest, PrePostReply>(attributes.Setattr);
        Fsetattr = Runner<FsetattrRequest, PrePostReply>(attributes.Fsetattr);
        Access = Runner<AccessRequest, StatusReply>(attributes.Access);
        Statfs = Runner<StatfsRequest, StatFsReply>(attributes.Statfs);
        Open = Runner<OpenRequest, StatusReply>(open.Open);
        Opendir = Runner<OpendirRequest, StatusReply>(open.Opendir);
        Flush = Runner<FlushRequest, StatusReply>(open.Flush);
        Release = Runner<ReleaseRequest, StatusReply>(open.Release);
        Releasedir = Runner<ReleasedirRequest, StatusReply>(open.Releasedir);
        Fsyncdir = Runner<FsyncdirRequest, StatusReply>(open.Fsyncdir);
        Readdir = Runner<ReaddirRequest, ReaddirReply>(list.Readdir);
        Readdirp = Runner<ReaddirpRequest, ReaddirReply>(list.Readdirp);
        Read = Runner<ReadRequest, ReadReply>(data.Read);
        Write = Runner<WriteRequest, WriteReply>(data.Write);
        Fsync = Runner<FsyncRequest, PrePostReply>(data.Fsync);
        Truncate = Runner<TruncateRequest, PrePostReply>(ranges.Truncate);
        Ftruncate = Runner<FtruncateRequest, PrePostReply>(ranges.Ftruncate);
        Fallocate = Runner<FallocateRequest, PrePostReply>(ranges.Fallocate);
        Discard = Runner<DiscardRequest, PrePostReply>(ranges.Discard);
        Zerofill = Runner<ZerofillRequest, PrePostReply>(ranges.Zerofill);
        Seek = Runner<SeekRequest, SeekReply>(ranges.Seek);
        CopyFileRange = Runner<CopyFileRangeRequest, CopyFileRangeReply>(ranges.CopyFileRange);
        Rchecksum = Runner<RchecksumRequest, RchecksumReply>(checksum.Rchecksum);
        Setxattr = Runner<SetxattrRequest, StatusReply>(setXattr.Setxattr);
        Fsetxattr = Runner<FsetxattrRequest, StatusReply>(setXattr.Fsetxattr);
        Removexattr = Runner<RemovexattrRequest, StatusReply>(setXattr.Removexattr);
        Fremovexattr = Runner<FremovexattrRequest, StatusReply>(setXattr.Fremovexattr);
        Getxattr = Runner<GetxattrRequest, XattrReply>(getXattr.Getxattr);
        Fgetxattr = Runner<FgetxattrRequest, XattrReply>(getXattr.Fgetxattr);
        Xattrop = Runner<XattropRequest, XattrReply>(xattrop.Xattrop);
        Fxattrop = Runner<FxattropRequest, XattrReply>(xattrop.Fxattrop);
    }

    public Landfill Landfill { get; }

    /// <summary>For reads that need not wait for a worker.</summary>
    public ReadWriteFops Data { get; }

    public PosixFop<LookupRequest, LookupReply> Lookup { get; }

    public PosixFop<CreateRequest, CreateReply> Create { get; }

    public PosixFop<MknodRequest, EntryReply> Mknod { get; }

    public PosixFop<MkdirRequest, EntryReply> Mkdir { get; }

    public PosixFop<SymlinkRequest, EntryReply> Symlink { get; }

    public PosixFop<LinkRequest, EntryReply> Link { get; }

    public PosixFop<RenameRequest, RenameReply> Rename { get; }

    public PosixFop<UnlinkRequest, PrePostReply> Unlink { get; }

    public PosixFop<RmdirRequest, PrePostReply> Rmdir { get; }

    public PosixFop<ReadlinkRequest, ReadlinkReply> Readlink { get; }

    public PosixFop<StatRequest, IattReply> Stat { get; }

    public PosixFop<FstatRequest, IattReply> Fstat { get; }

    public PosixFop<SetattrRequest, PrePostReply> Setattr { get; }

    public PosixFop<FsetattrRequest, PrePostReply> Fsetattr { get; }

    public PosixFop<AccessRequest, StatusReply> Access { get; }

    public PosixFop<StatfsRequest, StatFsReply> Statfs { get; }

    public PosixFop<OpenRequest, StatusReply> Open { get; }

    public PosixFop<OpendirRequest, StatusReply> Opendir { get; }

    public PosixFop<FlushRequest, StatusReply> Flush { get; }

    public PosixFop<ReleaseRequest, StatusReply> Release { get; }

    public PosixFop<ReleasedirRequest, StatusReply> Releasedir { get; }

    public PosixFop<FsyncdirRequest, StatusReply> Fsyncdir { get; }

    public PosixFop<ReaddirRequest, ReaddirReply> Readdir { get; }

    public PosixFop<ReaddirpRequest, ReaddirReply> Readdirp { get; }

    public PosixFop<ReadRequest, ReadReply> Read { get; }

    public PosixFop<WriteRequest, WriteReply> Write { get; }

    public PosixFop<FsyncRequest, PrePostReply> Fsync { get; }

    public PosixFop<TruncateRequest, PrePostReply> Truncate { get; }

    public PosixFop<FtruncateRequest, PrePostReply> Ftruncate { get; }

    public PosixFop<FallocateRequest, PrePostReply> Fallocate { get; }

    public PosixFop<DiscardRequest, PrePostReply> Discard { get; }

    public PosixFop<ZerofillRequest, PrePostReply> Zerofill { get; }

    public PosixFop<SeekRequest, SeekReply> Seek { get; }

    public PosixFop<CopyFileRangeRequest, CopyFileRangeReply> CopyFileRange { get; }

    public PosixFop<RchecksumRequest, RchecksumReply> Rchecksum { get; }

    public PosixFop<SetxattrRequest, StatusReply> Setxattr { get; }

    public PosixFop<FsetxattrRequest, StatusReply> Fsetxattr { get; }

    public PosixFop<RemovexattrRequest, StatusReply> Removexattr { get; }

    public PosixFop<FremovexattrRequest, StatusReply> Fremovexattr { get; }

    public PosixFop<GetxattrRequest, XattrReply> Getxattr { get; }

    public PosixFop<FgetxattrRequest, XattrReply> Fgetxattr { get; }

    public PosixFop<XattropRequest, XattrReply> Xattrop { get; }

    public PosixFop<FxattropRequest, XattrReply> Fxattrop { get; }

    private PosixFop<TFop, TReply> Runner<TFop, TReply>(BlockingFop<TFop, TReply> body)
        where TFop : struct, IFop<TFop, TReply>
        where TReply : struct, IReply<TReply> =>
        new(_executor, body, (fop, error) => PosixLog.InternalError(_brick.Logger, error, _brick.Path, fop));
}
