using BlockProxy.Proxy.Fops;

namespace BlockProxy.UnitTests.Translators;

/// <summary>Remembers the fops that reach it, with their contexts; everything succeeds.</summary>
internal sealed class RecordingChild : InterceptingTranslator
{
    public List<(Fop Fop, FopContext Context, object Request)> Seen { get; } = [];

    /// <summary>What the next fops answer.</summary>
    public Errno Answer { get; set; }

    protected override ValueTask<TReply> AroundAsync<TFop, TReply>(FopContext ctx, in TFop request)
    {
        Seen.Add((TFop.Number, ctx, request));
        return new(Answer == Errno.None ? default : TReply.Failed(Answer));
    }
}

/// <summary>Makes a request of every fop and winds it.</summary>
internal static class EveryFop
{
    private static readonly Inode File = new(new Gfid(1, 2));
    private static readonly Fd Fd = new(File, OpenFlags.ReadWrite);
    private static readonly Loc Loc = Loc.At(new Inode(Gfid.Root), "name", File);
    private static readonly Xdata Values = new() { ["user.k"] = XdataValue.Bytes([1]) };

    /// <summary>Each fop, with what winds it and answers its error.</summary>
    public static IReadOnlyDictionary<Fop, Func<Translator, FopContext, Task<Errno>>> All { get; } = new Dictionary<Fop, Func<Translator, FopContext, Task<Errno>>>
    {
        [Fop.Stat] = Of<StatRequest, IattReply>(new(Loc)),
        [Fop.Readlink] = Of<ReadlinkRequest, ReadlinkReply>(new(Loc)),
        [Fop.Mknod] = Of<MknodRequest, EntryReply>(new(Loc, 0x81a4)),
        [Fop.Mkdir] = Of<MkdirRequest, EntryReply>(new(Loc, 0x1ed)),
        [Fop.Unlink] = Of<UnlinkRequest, PrePostReply>(new(Loc)),
        [Fop.Rmdir] = Of<RmdirRequest, PrePostReply>(new(Loc)),
        [Fop.Symlink] = Of<SymlinkRequest, EntryReply>(new(Loc, "target")),
        [Fop.Rename] = Of<RenameRequest, RenameReply>(new(Loc, Loc)),
        [Fop.Link] = Of<LinkRequest, EntryReply>(new(Loc, Loc)),
        [Fop.Truncate] = Of<TruncateRequest, PrePostReply>(new(Loc, 0)),
        [Fop.Open] = Of<OpenRequest, StatusReply>(new(Loc, Fd, OpenFlags.ReadWrite)),
        [Fop.Read] = Of<ReadRequest, ReadReply>(new(Fd, 0, new byte[1])),
        [Fop.Write] = Of<WriteRequest, WriteReply>(new(Fd, 0, new byte[1])),
        [Fop.Statfs] = Of<StatfsRequest, StatFsReply>(new(Loc)),
        [Fop.Flush] = Of<FlushRequest, StatusReply>(new(Fd)),
        [Fop.Fsync] = Of<FsyncRequest, PrePostReply>(new(Fd)),
        [Fop.Setxattr] = Of<SetxattrRequest, StatusReply>(new(Loc, Values)),
        [Fop.Getxattr] = Of<GetxattrRequest, XattrReply>(new(Loc)),
        [Fop.Removexattr] = Of<RemovexattrRequest, StatusReply>(new(Loc, "user.k")),
        [Fop.Opendir] = Of<OpendirRequest, StatusReply>(new(Loc, Fd)),
        [Fop.Fsyncdir] = Of<FsyncdirRequest, StatusReply>(new(Fd)),
        [Fop.Access] = Of<AccessRequest, StatusReply>(new(Loc, 4)),
        [Fop.Create] = Of<CreateRequest, CreateReply>(new(Loc, Fd, OpenFlags.ReadWrite, 0x1a4)),
        [Fop.Ftruncate] = Of<FtruncateRequest, PrePostReply>(new(Fd, 0)),
        [Fop.Fstat] = Of<FstatRequest, IattReply>(new(Fd)),
        [Fop.Lk] = Of<LkRequest, LkReply>(new(Fd, LkCommand.Get, default)),
        [Fop.Lookup] = Of<LookupRequest, LookupReply>(new(Loc)),
        [Fop.Readdir] = Of<ReaddirRequest, ReaddirReply>(new(Fd, 0, 4096)),
        [Fop.Inodelk] = Of<InodelkRequest, StatusReply>(new(Loc, "d", LkCommand.Set, default)),
        [Fop.Finodelk] = Of<FinodelkRequest, StatusReply>(new(Fd, "d", LkCommand.Set, default)),
        [Fop.Entrylk] = Of<EntrylkRequest, StatusReply>(new(Loc, "d", "n", EntrylkCommand.Lock, EntrylkType.Write)),
        [Fop.Fentrylk] = Of<FentrylkRequest, StatusReply>(new(Fd, "d", "n", EntrylkCommand.Lock, EntrylkType.Write)),
        [Fop.Xattrop] = Of<XattropRequest, XattrReply>(new(Loc, XattropKind.AddArray, Values)),
        [Fop.Fxattrop] = Of<FxattropRequest, XattrReply>(new(Fd, XattropKind.AddArray, Values)),
        [Fop.Fgetxattr] = Of<FgetxattrRequest, XattrReply>(new(Fd)),
        [Fop.Fsetxattr] = Of<FsetxattrRequest, StatusReply>(new(Fd, Values)),
        [Fop.Rchecksum] = Of<RchecksumRequest, RchecksumReply>(new(Fd, 0, 1)),
        [Fop.Setattr] = Of<SetattrRequest, PrePostReply>(new(Loc, default, SetattrFields.Mode)),
        [Fop.Fsetattr] = Of<FsetattrRequest, PrePostReply>(new(Fd, default, SetattrFields.Mode)),
        [Fop.Readdirp] = Of<ReaddirpRequest, ReaddirReply>(new(Fd, 0, 4096)),
        [Fop.Release] = Of<ReleaseRequest, StatusReply>(new(Fd)),
        [Fop.Releasedir] = Of<ReleasedirRequest, StatusReply>(new(Fd)),
        [Fop.Fremovexattr] = Of<FremovexattrRequest, StatusReply>(new(Fd, "user.k")),
        [Fop.Fallocate] = Of<FallocateRequest, PrePostReply>(new(Fd, FallocateFlags.None, 0, 1)),
        [Fop.Discard] = Of<DiscardRequest, PrePostReply>(new(Fd, 0, 1)),
        [Fop.Zerofill] = Of<ZerofillRequest, PrePostReply>(new(Fd, 0, 1)),
        [Fop.Ipc] = Of<IpcRequest, StatusReply>(new(1)),
        [Fop.Seek] = Of<SeekRequest, SeekReply>(new(Fd, 0, SeekWhat.Data)),
        [Fop.Lease] = Of<LeaseRequest, LeaseReply>(new(Loc, default)),
        [Fop.Getactivelk] = Of<GetactivelkRequest, ActiveLocksReply>(new(Loc)),
        [Fop.Setactivelk] = Of<SetactivelkRequest, StatusReply>(new(Loc, [])),
        [Fop.Icreate] = Of<IcreateRequest, IattReply>(new(Loc, 0x81a4)),
        [Fop.Namelink] = Of<NamelinkRequest, PrePostReply>(new(Loc)),
        [Fop.Put] = Of<PutRequest, EntryReply>(new(Loc, 0x1a4, 0, OpenFlags.ReadWrite, 0, new byte[1], null)),
        [Fop.CopyFileRange] = Of<CopyFileRangeRequest, CopyFileRangeReply>(new(Fd, 0, Fd, 0, 1)),
    };

    private static Func<Translator, FopContext, Task<Errno>> Of<TFop, TReply>(TFop request)
        where TFop : struct, IFop<TFop, TReply>
        where TReply : struct, IReply<TReply> => async (top, ctx) => (await TFop.WindAsync(top, ctx, in request)).Errno;
}
