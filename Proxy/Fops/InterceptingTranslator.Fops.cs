namespace BlockProxy.Proxy.Fops;

public abstract partial class InterceptingTranslator
{
    public sealed override ValueTask<IattReply> StatAsync(FopContext ctx, in StatRequest request) =>
        AroundAsync<StatRequest, IattReply>(ctx, in request);

    public sealed override ValueTask<ReadlinkReply> ReadlinkAsync(FopContext ctx, in ReadlinkRequest request) =>
        AroundAsync<ReadlinkRequest, ReadlinkReply>(ctx, in request);

    public sealed override ValueTask<EntryReply> MknodAsync(FopContext ctx, in MknodRequest request) =>
        AroundAsync<MknodRequest, EntryReply>(ctx, in request);

    public sealed override ValueTask<EntryReply> MkdirAsync(FopContext ctx, in MkdirRequest request) =>
        AroundAsync<MkdirRequest, EntryReply>(ctx, in request);

    public sealed override ValueTask<PrePostReply> UnlinkAsync(FopContext ctx, in UnlinkRequest request) =>
        AroundAsync<UnlinkRequest, PrePostReply>(ctx, in request);

    public sealed override ValueTask<PrePostReply> RmdirAsync(FopContext ctx, in RmdirRequest request) =>
        AroundAsync<RmdirRequest, PrePostReply>(ctx, in request);

    public sealed override ValueTask<EntryReply> SymlinkAsync(FopContext ctx, in SymlinkRequest request) =>
        AroundAsync<SymlinkRequest, EntryReply>(ctx, in request);

    public sealed override ValueTask<RenameReply> RenameAsync(FopContext ctx, in RenameRequest request) =>
        AroundAsync<RenameRequest, RenameReply>(ctx, in request);

    public sealed override ValueTask<EntryReply> LinkAsync(FopContext ctx, in LinkRequest request) =>
        AroundAsync<LinkRequest, EntryReply>(ctx, in request);

    public sealed override ValueTask<PrePostReply> TruncateAsync(FopContext ctx, in TruncateRequest request) =>
        AroundAsync<TruncateRequest, PrePostReply>(ctx, in request);

    public sealed override ValueTask<StatusReply> OpenAsync(FopContext ctx, in OpenRequest request) =>
        AroundAsync<OpenRequest, StatusReply>(ctx, in request);

    public sealed override ValueTask<ReadReply> ReadAsync(FopContext ctx, in ReadRequest request) =>
        AroundAsync<ReadRequest, ReadReply>(ctx, in request);

    public sealed override ValueTask<WriteReply> WriteAsync(FopContext ctx, in WriteRequest request) =>
        AroundAsync<WriteRequest, WriteReply>(ctx, in request);

    public sealed override ValueTask<StatFsReply> StatfsAsync(FopContext ctx, in StatfsRequest request) =>
        AroundAsync<StatfsRequest, StatFsReply>(ctx, in request);

    public sealed override ValueTask<StatusReply> FlushAsync(FopContext ctx, in FlushRequest request) =>
        AroundAsync<FlushRequest, StatusReply>(ctx, in request);

    public sealed override ValueTask<PrePostReply> FsyncAsync(FopContext ctx, in FsyncRequest request) =>
        AroundAsync<FsyncRequest, PrePostReply>(ctx, in request);

    public sealed override ValueTask<StatusReply> SetxattrAsync(FopContext ctx, in SetxattrRequest request) =>
        AroundAsync<SetxattrRequest, StatusReply>(ctx, in request);

    public sealed override ValueTask<XattrReply> GetxattrAsync(FopContext ctx, in GetxattrRequest request) =>
        AroundAsync<GetxattrRequest, XattrReply>(ctx, in request);

    public sealed override ValueTask<StatusReply> RemovexattrAsync(FopContext ctx, in RemovexattrRequest request) =>
        AroundAsync<RemovexattrRequest, StatusReply>(ctx, in request);

    public sealed override ValueTask<StatusReply> OpendirAsync(FopContext ctx, in OpendirRequest request) =>
        AroundAsync<OpendirRequest, StatusReply>(ctx, in request);

    public sealed override ValueTask<StatusReply> FsyncdirAsync(FopContext ctx, in FsyncdirRequest request) =>
        AroundAsync<FsyncdirRequest, StatusReply>(ctx, in request);

    public sealed override ValueTask<StatusReply> AccessAsync(FopContext ctx, in AccessRequest request) =>
        AroundAsync<AccessRequest, StatusReply>(ctx, in request);

    public sealed override ValueTask<CreateReply> CreateAsync(FopContext ctx, in CreateRequest request) =>
        AroundAsync<CreateRequest, CreateReply>(ctx, in request);

    public sealed override ValueTask<PrePostReply> FtruncateAsync(FopContext ctx, in FtruncateRequest request) =>
        AroundAsync<FtruncateRequest, PrePostReply>(ctx, in request);

    public sealed override ValueTask<IattReply> FstatAsync(FopContext ctx, in FstatRequest request) =>
        AroundAsync<FstatRequest, IattReply>(ctx, in request);

    public sealed override ValueTask<LkReply> LkAsync(FopContext ctx, in LkRequest request) =>
        AroundAsync<LkRequest, LkReply>(ctx, in request);

    public sealed override ValueTask<LookupReply> LookupAsync(FopContext ctx, in LookupRequest request) =>
        AroundAsync<LookupRequest, LookupReply>(ctx, in request);

    public sealed override ValueTask<ReaddirReply> ReaddirAsync(FopContext ctx, in ReaddirRequest request) =>
        AroundAsync<ReaddirRequest, ReaddirReply>(ctx, in request);

    public sealed override ValueTask<StatusReply> InodelkAsync(FopContext ctx, in InodelkRequest request) =>
        AroundAsync<InodelkRequest, StatusReply>(ctx, in request);

    public sealed override ValueTask<StatusReply> FinodelkAsync(FopContext ctx, in FinodelkRequest request) =>
        AroundAsync<FinodelkRequest, StatusReply>(ctx, in request);

    public sealed override ValueTask<StatusReply> EntrylkAsync(FopContext ctx, in EntrylkRequest request) =>
        AroundAsync<EntrylkRequest, StatusReply>(ctx, in request);

    public sealed override ValueTask<StatusReply> FentrylkAsync(FopContext ctx, in FentrylkRequest request) =>
        AroundAsync<FentrylkRequest, StatusReply>(ctx, in request);

    public sealed override ValueTask<XattrReply> XattropAsync(FopContext ctx, in XattropRequest request) =>
        AroundAsync<XattropRequest, XattrReply>(ctx, in request);

    public sealed override ValueTask<XattrReply> FxattropAsync(FopContext ctx, in FxattropRequest request) =>
        AroundAsync<FxattropRequest, XattrReply>(ctx, in request);

    public sealed override ValueTask<XattrReply> FgetxattrAsync(FopContext ctx, in FgetxattrRequest request) =>
        AroundAsync<FgetxattrRequest, XattrReply>(ctx, in request);

    public sealed override ValueTask<StatusReply> FsetxattrAsync(FopContext ctx, in FsetxattrRequest request) =>
        AroundAsync<FsetxattrRequest, StatusReply>(ctx, in request);

    public sealed override ValueTask<RchecksumReply> RchecksumAsync(FopContext ctx, in RchecksumRequest request) =>
        AroundAsync<RchecksumRequest, RchecksumReply>(ctx, in request);

    public sealed override ValueTask<PrePostReply> SetattrAsync(FopContext ctx, in SetattrRequest request) =>
        AroundAsync<SetattrRequest, PrePostReply>(ctx, in request);

    public sealed override ValueTask<PrePostReply> FsetattrAsync(FopContext ctx, in FsetattrRequest request) =>
        AroundAsync<FsetattrRequest, PrePostReply>(ctx, in request);

    public sealed override ValueTask<ReaddirReply> ReaddirpAsync(FopContext ctx, in ReaddirpRequest request) =>
        AroundAsync<ReaddirpRequest, ReaddirReply>(ctx, in request);

    public sealed override ValueTask<StatusReply> ReleaseAsync(FopContext ctx, in ReleaseRequest request) =>
        AroundAsync<ReleaseRequest, StatusReply>(ctx, in request);

    public sealed override ValueTask<StatusReply> ReleasedirAsync(FopContext ctx, in ReleasedirRequest request) =>
        AroundAsync<ReleasedirRequest, StatusReply>(ctx, in request);

    public sealed override ValueTask<StatusReply> FremovexattrAsync(FopContext ctx, in FremovexattrRequest request) =>
        AroundAsync<FremovexattrRequest, StatusReply>(ctx, in request);

    public sealed override ValueTask<PrePostReply> FallocateAsync(FopContext ctx, in FallocateRequest request) =>
        AroundAsync<FallocateRequest, PrePostReply>(ctx, in request);

    public sealed override ValueTask<PrePostReply> DiscardAsync(FopContext ctx, in DiscardRequest request) =>
        AroundAsync<DiscardRequest, PrePostReply>(ctx, in request);

    public sealed override ValueTask<PrePostReply> ZerofillAsync(FopContext ctx, in ZerofillRequest request) =>
        AroundAsync<ZerofillRequest, PrePostReply>(ctx, in request);

    public sealed override ValueTask<StatusReply> IpcAsync(FopContext ctx, in IpcRequest request) =>
        AroundAsync<IpcRequest, StatusReply>(ctx, in request);

    public sealed override ValueTask<SeekReply> SeekAsync(FopContext ctx, in SeekRequest request) =>
        AroundAsync<SeekRequest, SeekReply>(ctx, in request);

    public sealed override ValueTask<LeaseReply> LeaseAsync(FopContext ctx, in LeaseRequest request) =>
        AroundAsync<LeaseRequest, LeaseReply>(ctx, in request);

    public sealed override ValueTask<ActiveLocksReply> GetactivelkAsync(FopContext ctx, in GetactivelkRequest request) =>
        AroundAsync<GetactivelkRequest, ActiveLocksReply>(ctx, in request);

    public sealed override ValueTask<StatusReply> SetactivelkAsync(FopContext ctx, in SetactivelkRequest request) =>
        AroundAsync<SetactivelkRequest, StatusReply>(ctx, in request);

    public sealed override ValueTask<IattReply> IcreateAsync(FopContext ctx, in IcreateRequest request) =>
        AroundAsync<IcreateRequest, IattReply>(ctx, in request);

    public sealed override ValueTask<PrePostReply> NamelinkAsync(FopContext ctx, in NamelinkRequest request) =>
        AroundAsync<NamelinkRequest, PrePostReply>(ctx, in request);

    public sealed override ValueTask<EntryReply> PutAsync(FopContext ctx, in PutRequest request) =>
        AroundAsync<PutRequest, EntryReply>(ctx, in request);

    public sealed override ValueTask<CopyFileRangeReply> CopyFileRangeAsync(FopContext ctx, in CopyFileRangeRequest request) =>
        AroundAsync<CopyFileRangeRequest, CopyFileRangeReply>(ctx, in request);
}
