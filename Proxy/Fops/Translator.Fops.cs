namespace BlockProxy.Proxy.Fops;

/// <summary>
/// The fop contract: one virtual method per fop, whose default hands the child's <see cref="ValueTask"/> back untouched, without an
/// allocation or a state machine. A translator overrides what it changes.
/// </summary>
public abstract partial class Translator
{
    public virtual ValueTask<IattReply> StatAsync(FopContext ctx, in StatRequest request) => Next.StatAsync(ctx, in request);

    public virtual ValueTask<ReadlinkReply> ReadlinkAsync(FopContext ctx, in ReadlinkRequest request) => Next.ReadlinkAsync(ctx, in request);

    public virtual ValueTask<EntryReply> MknodAsync(FopContext ctx, in MknodRequest request) => Next.MknodAsync(ctx, in request);

    public virtual ValueTask<EntryReply> MkdirAsync(FopContext ctx, in MkdirRequest request) => Next.MkdirAsync(ctx, in request);

    public virtual ValueTask<PrePostReply> UnlinkAsync(FopContext ctx, in UnlinkRequest request) => Next.UnlinkAsync(ctx, in request);

    public virtual ValueTask<PrePostReply> RmdirAsync(FopContext ctx, in RmdirRequest request) => Next.RmdirAsync(ctx, in request);

    public virtual ValueTask<EntryReply> SymlinkAsync(FopContext ctx, in SymlinkRequest request) => Next.SymlinkAsync(ctx, in request);

    public virtual ValueTask<RenameReply> RenameAsync(FopContext ctx, in RenameRequest request) => Next.RenameAsync(ctx, in request);

    public virtual ValueTask<EntryReply> LinkAsync(FopContext ctx, in LinkRequest request) => Next.LinkAsync(ctx, in request);

    public virtual ValueTask<PrePostReply> TruncateAsync(FopContext ctx, in TruncateRequest request) => Next.TruncateAsync(ctx, in request);

    public virtual ValueTask<StatusReply> OpenAsync(FopContext ctx, in OpenRequest request) => Next.OpenAsync(ctx, in request);

    public virtual ValueTask<ReadReply> ReadAsync(FopContext ctx, in ReadRequest request) => Next.ReadAsync(ctx, in request);

    public virtual ValueTask<WriteReply> WriteAsync(FopContext ctx, in WriteRequest request) => Next.WriteAsync(ctx, in request);

    public virtual ValueTask<StatFsReply> StatfsAsync(FopContext ctx, in StatfsRequest request) => Next.StatfsAsync(ctx, in request);

    public virtual ValueTask<StatusReply> FlushAsync(FopContext ctx, in FlushRequest request) => Next.FlushAsync(ctx, in request);

    public virtual ValueTask<PrePostReply> FsyncAsync(FopContext ctx, in FsyncRequest request) => Next.FsyncAsync(ctx, in request);

    public virtual ValueTask<StatusReply> SetxattrAsync(FopContext ctx, in SetxattrRequest request) => Next.SetxattrAsync(ctx, in request);

    public virtual ValueTask<XattrReply> GetxattrAsync(FopContext ctx, in GetxattrRequest request) => Next.GetxattrAsync(ctx, in request);

    public virtual ValueTask<StatusReply> RemovexattrAsync(FopContext ctx, in RemovexattrRequest request) => Next.RemovexattrAsync(ctx, in request);

    public virtual ValueTask<StatusReply> OpendirAsync(FopContext ctx, in OpendirRequest request) => Next.OpendirAsync(ctx, in request);

    public virtual ValueTask<StatusReply> FsyncdirAsync(FopContext ctx, in FsyncdirRequest request) => Next.FsyncdirAsync(ctx, in request);

    public virtual ValueTask<StatusReply> AccessAsync(FopContext ctx, in AccessRequest request) => Next.AccessAsync(ctx, in request);

    public virtual ValueTask<CreateReply> CreateAsync(FopContext ctx, in CreateRequest request) => Next.CreateAsync(ctx, in request);

    public virtual ValueTask<PrePostReply> FtruncateAsync(FopContext ctx, in FtruncateRequest request) => Next.FtruncateAsync(ctx, in request);

    public virtual ValueTask<IattReply> FstatAsync(FopContext ctx, in FstatRequest request) => Next.FstatAsync(ctx, in request);

    public virtual ValueTask<LkReply> LkAsync(FopContext ctx, in LkRequest request) => Next.LkAsync(ctx, in request);

    public virtual ValueTask<LookupReply> LookupAsync(FopContext ctx, in LookupRequest request) => Next.LookupAsync(ctx, in request);

    public virtual ValueTask<ReaddirReply> ReaddirAsync(FopContext ctx, in ReaddirRequest request) => Next.ReaddirAsync(ctx, in request);

    public virtual ValueTask<StatusReply> InodelkAsync(FopContext ctx, in InodelkRequest request) => Next.InodelkAsync(ctx, in request);

    public virtual ValueTask<StatusReply> FinodelkAsync(FopContext ctx, in FinodelkRequest request) => Next.FinodelkAsync(ctx, in request);

    public virtual ValueTask<StatusReply> EntrylkAsync(FopContext ctx, in EntrylkRequest request) => Next.EntrylkAsync(ctx, in request);

    public virtual ValueTask<StatusReply> FentrylkAsync(FopContext ctx, in FentrylkRequest request) => Next.FentrylkAsync(ctx, in request);

    public virtual ValueTask<XattrReply> XattropAsync(FopContext ctx, in XattropRequest request) => Next.XattropAsync(ctx, in request);

    public virtual ValueTask<XattrReply> FxattropAsync(FopContext ctx, in FxattropRequest request) => Next.FxattropAsync(ctx, in request);

    public virtual ValueTask<XattrReply> FgetxattrAsync(FopContext ctx, in FgetxattrRequest request) => Next.FgetxattrAsync(ctx, in request);

    public virtual ValueTask<StatusReply> FsetxattrAsync(FopContext ctx, in FsetxattrRequest request) => Next.FsetxattrAsync(ctx, in request);

    public virtual ValueTask<RchecksumReply> RchecksumAsync(FopContext ctx, in RchecksumRequest request) => Next.RchecksumAsync(ctx, in request);

    public virtual ValueTask<PrePostReply> SetattrAsync(FopContext ctx, in SetattrRequest request) => Next.SetattrAsync(ctx, in request);

    public virtual ValueTask<PrePostReply> FsetattrAsync(FopContext ctx, in FsetattrRequest request) => Next.FsetattrAsync(ctx, in request);

    public virtual ValueTask<ReaddirReply> ReaddirpAsync(FopContext ctx, in ReaddirpRequest request) => Next.ReaddirpAsync(ctx, in request);

    public virtual ValueTask<StatusReply> ReleaseAsync(FopContext ctx, in ReleaseRequest request) => Next.ReleaseAsync(ctx, in request);

    public virtual ValueTask<StatusReply> ReleasedirAsync(FopContext ctx, in ReleasedirRequest request) => Next.ReleasedirAsync(ctx, in request);

    public virtual ValueTask<StatusReply> FremovexattrAsync(FopContext ctx, in FremovexattrRequest request) => Next.FremovexattrAsync(ctx, in request);

    public virtual ValueTask<PrePostReply> FallocateAsync(FopContext ctx, in FallocateRequest request) => Next.FallocateAsync(ctx, in request);

    public virtual ValueTask<PrePostReply> DiscardAsync(FopContext ctx, in DiscardRequest request) => Next.DiscardAsync(ctx, in request);

    public virtual ValueTask<PrePostReply> ZerofillAsync(FopContext ctx, in ZerofillRequest request) => Next.ZerofillAsync(ctx, in request);

    public virtual ValueTask<StatusReply> IpcAsync(FopContext ctx, in IpcRequest request) => Next.IpcAsync(ctx, in request);

    public virtual ValueTask<SeekReply> SeekAsync(FopContext ctx, in SeekRequest request) => Next.SeekAsync(ctx, in request);

    public virtual ValueTask<LeaseReply> LeaseAsync(FopContext ctx, in LeaseRequest request) => Next.LeaseAsync(ctx, in request);

    public virtual ValueTask<ActiveLocksReply> GetactivelkAsync(FopContext ctx, in GetactivelkRequest request) => Next.GetactivelkAsync(ctx, in request);

    public virtual ValueTask<StatusReply> SetactivelkAsync(FopContext ctx, in SetactivelkRequest request) => Next.SetactivelkAsync(ctx, in request);

    public virtual ValueTask<IattReply> IcreateAsync(FopContext ctx, in IcreateRequest request) => Next.IcreateAsync(ctx, in request);

    public virtual ValueTask<PrePostReply> NamelinkAsync(FopContext ctx, in NamelinkRequest request) => Next.NamelinkAsync(ctx, in request);

    public virtual ValueTask<EntryReply> PutAsync(FopContext ctx, in PutRequest request) => Next.PutAsync(ctx, in request);

    public virtual ValueTask<CopyFileRangeReply> CopyFileRangeAsync(FopContext ctx, in CopyFileRangeRequest request) => Next.CopyFileRangeAsync(ctx, in request);
}
