using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Wire.Gfs4;

/// <summary>All codecs, by procedure number. NULL has no body, and COMPOUND is answered GARBAGE_ARGS by bricks: neither has one.</summary>
public static class FopCodecs
{
    private static readonly FopCodec?[] Table = Build();

    /// <summary>Every codec, in the order of the procedure numbers.</summary>
    public static IReadOnlyList<FopCodec> All { get; } = [.. Table.OfType<FopCodec>()];

    /// <summary>The codec of that procedure, or null: PROC_UNAVAIL.</summary>
    public static FopCodec? Find(uint procedure) => procedure < (uint)Table.Length ? Table[procedure] : null;

    /// <summary>The codec of a request's type.</summary>
    public static FopCodec<TRequest, TReply> Of<TRequest, TReply>()
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply> => ByType<TRequest, TReply>.Codec;

    private static class ByType<TRequest, TReply>
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply>
    {
        public static readonly FopCodec<TRequest, TReply> Codec =
            (FopCodec<TRequest, TReply>?)Find((uint)TRequest.Number) ?? throw new InvalidOperationException($"no codec for {TRequest.Number}");
    }

    private static FopCodec?[] Build()
    {
        FopCodec[] codecs =
        [
            new StatCodec(), new FstatCodec(), new SetattrCodec(), new FsetattrCodec(), new AccessCodec(), new StatfsCodec(), new IpcCodec(),
            new ReadCodec(), new WriteCodec(), new FlushCodec(), new FsyncCodec(), new TruncateCodec(), new FtruncateCodec(), new FallocateCodec(),
            new DiscardCodec(), new ZerofillCodec(), new SeekCodec(), new RchecksumCodec(), new CopyFileRangeCodec(),
            new LookupCodec(), new CreateCodec(), new MknodCodec(), new MkdirCodec(), new SymlinkCodec(), new LinkCodec(), new UnlinkCodec(),
            new RmdirCodec(), new RenameCodec(), new ReadlinkCodec(), new IcreateCodec(), new NamelinkCodec(), new PutCodec(),
            new OpenCodec(), new ReleaseCodec(), new OpendirCodec(), new ReleasedirCodec(), new FsyncdirCodec(), new ReaddirCodec(), new ReaddirpCodec(),
            new SetxattrCodec(), new FsetxattrCodec(), new GetxattrCodec(), new FgetxattrCodec(), new RemovexattrCodec(), new FremovexattrCodec(),
            new XattropCodec(), new FxattropCodec(),
            new LkCodec(), new InodelkCodec(), new FinodelkCodec(), new EntrylkCodec(), new FentrylkCodec(), new LeaseCodec(), new GetactivelkCodec(),
            new SetactivelkCodec(),
        ];
        var table = new FopCodec?[(int)Fop.CopyFileRange + 1];
        foreach (var codec in codecs)
            table[(int)codec.Fop] = codec;
        return table;
    }
}
