using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

public sealed partial class PosixTranslator
{
    /// <summary>Reads of what is in the page cache are answered at once; they never block.</summary>
    public override ValueTask<ReadReply> ReadAsync(FopContext ctx, in ReadRequest request)
    {
        if (_fops is not { } fops)
            return new(ReadReply.Failed(Errno.ENOTCONN));
        return ctx.Times == FopTimes.None && fops.Data.TryReadAtOnce(in request, out var reply) ? new(reply) : fops.Read.RunAsync(ctx, in request, mayBlock: true);
    }

    /// <summary>Writes into the page cache are done at once while they are fast; synchronous and large ones, and all while the disk is behind, are not.</summary>
    public override ValueTask<WriteReply> WriteAsync(FopContext ctx, in WriteRequest request)
    {
        if (_fops is not { } fops)
            return new(WriteReply.Failed(Errno.ENOTCONN));
        if (!fops.Data.MayWriteAtOnce(in request) || !_inline.TryBegin(out var begun))
            return fops.Write.RunAsync(ctx, in request, mayBlock: true);
        var reply = fops.Write.Execute(ctx, in request);
        _inline.End(begun);
        return new(reply);
    }

    public override ValueTask<LookupReply> LookupAsync(FopContext ctx, in LookupRequest request) =>
        _fops is { } fops ? fops.Lookup.RunAsync(ctx, in request) : new(LookupReply.Failed(Errno.ENOTCONN));

    public override ValueTask<CreateReply> CreateAsync(FopContext ctx, in CreateRequest request) =>
        _fops is { } fops ? fops.Create.RunAsync(ctx, in request) : new(CreateReply.Failed(Errno.ENOTCONN));

    public override ValueTask<EntryReply> MknodAsync(FopContext ctx, in MknodRequest request) =>
        _fops is { } fops ? fops.Mknod.RunAsync(ctx, in request) : new(EntryReply.Failed(Errno.ENOTCONN));

    public override ValueTask<EntryReply> MkdirAsync(FopContext ctx, in MkdirRequest request) =>
        _fops is { } fops ? fops.Mkdir.RunAsync(ctx, in request) : new(EntryReply.Failed(Errno.ENOTCONN));

    public override ValueTask<EntryReply> SymlinkAsync(FopContext ctx, in SymlinkRequest request) =>
        _fops is { } fops ? fops.Symlink.RunAsync(ctx, in request) : new(EntryReply.Failed(Errno.ENOTCONN));

    public override ValueTask<EntryReply> LinkAsync(FopContext ctx, in LinkRequest request) =>
        _fops is { } fops ? fops.Link.RunAsync(ctx, in request) : new(EntryReply.Failed(Errno.ENOTCONN));

    public override ValueTask<RenameReply> RenameAsync(FopContext ctx, in RenameRequest request) =>
        _fops is { } fops ? fops.Rename.RunAsync(ctx, in request) : new(RenameReply.Failed(Errno.ENOTCONN));

    public override ValueTask<PrePostReply> UnlinkAsync(FopContext ctx, in UnlinkRequest request) =>
        _fops is { } fops ? fops.Unlink.RunAsync(ctx, in request) : new(PrePostReply.Failed(Errno.ENOTCONN));

    public override ValueTask<PrePostReply> RmdirAsync(FopContext ctx, in RmdirRequest request) =>
        _fops is { } fops ? fops.Rmdir.RunAsync(ctx, in request) : new(PrePostReply.Failed(Errno.ENOTCONN));

    public override ValueTask<ReadlinkReply> ReadlinkAsync(FopContext ctx, in ReadlinkRequest request) =>
        _fops is { } fops ? fops.Readlink.RunAsync(ctx, in request) : new(ReadlinkReply.Failed(Errno.ENOTCONN));

    public override ValueTask<IattReply> StatAsync(FopContext ctx, in StatRequest request) =>
        _fops is { } fops ? fops.Stat.RunAsync(ctx, in request) : new(IattReply.Failed(Errno.ENOTCONN));

    public override ValueTask<IattReply> FstatAsync(FopContext ctx, in FstatRequest request) =>
        _fops is { } fops ? fops.Fstat.RunAsync(ctx, in request) : new(IattReply.Failed(Errno.ENOTCONN));

    public override ValueTask<PrePostReply> SetattrAsync(FopContext ctx, in SetattrRequest request) =>
        _fops is { } fops ? fops.Setattr.RunAsync(ctx, in request) : new(PrePostReply.Failed(Errno.ENOTCONN));

    public override ValueTask<PrePostReply> FsetattrAsync(FopContext ctx, in FsetattrRequest request) =>
        _fops is { } fops ? fops.Fsetattr.RunAsync(ctx, in request) : new(PrePostReply.Failed(Errno.ENOTCONN));

    public override ValueTask<StatusReply> AccessAsync(FopContext ctx, in AccessRequest request) =>
        _fops is { } fops ? fops.Access.RunAsync(ctx, in request) : new(StatusReply.Failed(Errno.ENOTCONN));

    public override ValueTask<StatFsReply> StatfsAsync(FopContext ctx, in StatfsRequest request) =>
        _fops is { } fops ? fops.Statfs.RunAsync(ctx, in request) : new(StatFsReply.Failed(Errno.ENOTCONN));

    public override ValueTask<StatusReply> OpenAsync(FopContext ctx, in OpenRequest request) =>
        _fops is { } fops ? fops.Open.RunAsync(ctx, in request) : new(StatusReply.Failed(Errno.ENOTCONN));

    public override ValueTask<StatusReply> OpendirAsync(FopContext ctx, in OpendirRequest request) =>
        _fops is { } fops ? fops.Opendir.RunAsync(ctx, in request) : new(StatusReply.Failed(Errno.ENOTCONN));

    public override ValueTask<StatusReply> FlushAsync(FopContext ctx, in FlushRequest request) =>
        _fops is { } fops ? fops.Flush.RunAsync(ctx, in request) : new(StatusReply.Failed(Errno.ENOTCONN));

    public override ValueTask<StatusReply> ReleaseAsync(FopContext ctx, in ReleaseRequest request) =>
        _fops is { } fops ? fops.Release.RunAsync(ctx, in request) : new(StatusReply.Failed(Errno.ENOTCONN));

    public override ValueTask<StatusReply> ReleasedirAsync(FopContext ctx, in ReleasedirRequest request) =>
        _fops is { } fops ? fops.Releasedir.RunAsync(ctx, in request) : new(StatusReply.Failed(Errno.ENOTCONN));

    public override ValueTask<StatusReply> FsyncdirAsync(FopContext ctx, in FsyncdirRequest request) =>
        _fops is { } fops ? fops.Fsyncdir.RunAsync(ctx, in request, mayBlock: true) : new(StatusReply.Failed(Errno.ENOTCONN));

    public override ValueTask<ReaddirReply> ReaddirAsync(FopContext ctx, in ReaddirRequest request) =>
        _fops is { } fops ? fops.Readdir.RunAsync(ctx, in request) : new(ReaddirReply.Failed(Errno.ENOTCONN));

    public override ValueTask<ReaddirReply> ReaddirpAsync(FopContext ctx, in ReaddirpRequest request) =>
        _fops is { } fops ? fops.Readdirp.RunAsync(ctx, in request) : new(ReaddirReply.Failed(Errno.ENOTCONN));

    public override ValueTask<PrePostReply> FsyncAsync(FopContext ctx, in FsyncRequest request) =>
        _fops is { } fops ? fops.Fsync.RunAsync(ctx, in request, mayBlock: true) : new(PrePostReply.Failed(Errno.ENOTCONN));

    public override ValueTask<PrePostReply> TruncateAsync(FopContext ctx, in TruncateRequest request) =>
        _fops is { } fops ? fops.Truncate.RunAsync(ctx, in request, mayBlock: true) : new(PrePostReply.Failed(Errno.ENOTCONN));

    public override ValueTask<PrePostReply> FtruncateAsync(FopContext ctx, in FtruncateRequest request) =>
        _fops is { } fops ? fops.Ftruncate.RunAsync(ctx, in request, mayBlock: true) : new(PrePostReply.Failed(Errno.ENOTCONN));

    public override ValueTask<PrePostReply> FallocateAsync(FopContext ctx, in FallocateRequest request) =>
        _fops is { } fops ? fops.Fallocate.RunAsync(ctx, in request, mayBlock: true) : new(PrePostReply.Failed(Errno.ENOTCONN));

    public override ValueTask<PrePostReply> DiscardAsync(FopContext ctx, in DiscardRequest request) =>
        _fops is { } fops ? fops.Discard.RunAsync(ctx, in request, mayBlock: true) : new(PrePostReply.Failed(Errno.ENOTCONN));

    public override ValueTask<PrePostReply> ZerofillAsync(FopContext ctx, in ZerofillRequest request) =>
        _fops is { } fops ? fops.Zerofill.RunAsync(ctx, in request, mayBlock: true) : new(PrePostReply.Failed(Errno.ENOTCONN));

    public override ValueTask<SeekReply> SeekAsync(FopContext ctx, in SeekRequest request) =>
        _fops is { } fops ? fops.Seek.RunAsync(ctx, in request) : new(SeekReply.Failed(Errno.ENOTCONN));

    public override ValueTask<CopyFileRangeReply> CopyFileRangeAsync(FopContext ctx, in CopyFileRangeRequest request) =>
        _fops is { } fops ? fops.CopyFileRange.RunAsync(ctx, in request, mayBlock: true) : new(CopyFileRangeReply.Failed(Errno.ENOTCONN));

    public override ValueTask<RchecksumReply> RchecksumAsync(FopContext ctx, in RchecksumRequest request) =>
        _fops is { } fops ? fops.Rchecksum.RunAsync(ctx, in request, mayBlock: true) : new(RchecksumReply.Failed(Errno.ENOTCONN));

    public override ValueTask<StatusReply> SetxattrAsync(FopContext ctx, in SetxattrRequest request) =>
        _fops is { } fops ? fops.Setxattr.RunAsync(ctx, in request) : new(StatusReply.Failed(Errno.ENOTCONN));

    public override ValueTask<StatusReply> FsetxattrAsync(FopContext ctx, in FsetxattrRequest request) =>
        _fops is { } fops ? fops.Fsetxattr.RunAsync(ctx, in request) : new(StatusReply.Failed(Errno.ENOTCONN));

    public override ValueTask<StatusReply> RemovexattrAsync(FopContext ctx, in RemovexattrRequest request) =>
        _fops is { } fops ? fops.Removexattr.RunAsync(ctx, in request) : new(StatusReply.Failed(Errno.ENOTCONN));

    public override ValueTask<StatusReply> FremovexattrAsync(FopContext ctx, in FremovexattrRequest request) =>
        _fops is { } fops ? fops.Fremovexattr.RunAsync(ctx, in request) : new(StatusReply.Failed(Errno.ENOTCONN));

    public override ValueTask<XattrReply> GetxattrAsync(FopContext ctx, in GetxattrRequest request) =>
        _fops is { } fops ? fops.Getxattr.RunAsync(ctx, in request) : new(XattrReply.Failed(Errno.ENOTCONN));

    public override ValueTask<XattrReply> FgetxattrAsync(FopContext ctx, in FgetxattrRequest request) =>
        _fops is { } fops ? fops.Fgetxattr.RunAsync(ctx, in request) : new(XattrReply.Failed(Errno.ENOTCONN));

    public override ValueTask<XattrReply> XattropAsync(FopContext ctx, in XattropRequest request) =>
        _fops is { } fops ? fops.Xattrop.RunAsync(ctx, in request) : new(XattrReply.Failed(Errno.ENOTCONN));

    public override ValueTask<XattrReply> FxattropAsync(FopContext ctx, in FxattropRequest request) =>
        _fops is { } fops ? fops.Fxattrop.RunAsync(ctx, in request) : new(XattrReply.Failed(Errno.ENOTCONN));

    // What a brick leaves to the translators above it, or does not have.

    public override ValueTask<LkReply> LkAsync(FopContext ctx, in LkRequest request) => new(LkReply.Failed(Errno.ENOSYS));

    public override ValueTask<StatusReply> InodelkAsync(FopContext ctx, in InodelkRequest request) => new(StatusReply.Failed(Errno.ENOSYS));

    public override ValueTask<StatusReply> FinodelkAsync(FopContext ctx, in FinodelkRequest request) => new(StatusReply.Failed(Errno.ENOSYS));

    public override ValueTask<StatusReply> EntrylkAsync(FopContext ctx, in EntrylkRequest request) => new(StatusReply.Failed(Errno.ENOSYS));

    public override ValueTask<StatusReply> FentrylkAsync(FopContext ctx, in FentrylkRequest request) => new(StatusReply.Failed(Errno.ENOSYS));

    public override ValueTask<LeaseReply> LeaseAsync(FopContext ctx, in LeaseRequest request) => new(LeaseReply.Failed(Errno.ENOSYS));

    public override ValueTask<ActiveLocksReply> GetactivelkAsync(FopContext ctx, in GetactivelkRequest request) => new(ActiveLocksReply.Failed(Errno.ENOSYS));

    public override ValueTask<StatusReply> SetactivelkAsync(FopContext ctx, in SetactivelkRequest request) => new(StatusReply.Failed(Errno.ENOSYS));

    public override ValueTask<IattReply> IcreateAsync(FopContext ctx, in IcreateRequest request) => new(IattReply.Failed(Errno.ENOSYS));

    public override ValueTask<PrePostReply> NamelinkAsync(FopContext ctx, in NamelinkRequest request) => new(PrePostReply.Failed(Errno.ENOSYS));

    public override ValueTask<EntryReply> PutAsync(FopContext ctx, in PutRequest request) => new(EntryReply.Failed(Errno.ENOSYS));

    public override ValueTask<StatusReply> IpcAsync(FopContext ctx, in IpcRequest request) => new(StatusReply.Failed(Errno.EOPNOTSUPP));
}
