using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Options;

namespace BlockProxy.Proxy.Translators.Features;

/// <summary>Options of features/utime.</summary>
public sealed record UtimeOptions : IVolumeOptions<UtimeOptions>
{
    /// <summary>Reading leaves the access time alone.</summary>
    public bool NoAtime { get; init; } = true;

    public static OptionTable<UtimeOptions> Table { get; } = new OptionTable<UtimeOptions>()
        .Bool("noatime", "Reading a file or directory leaves its access time alone.", o => o.NoAtime, (o, v) => o with { NoAtime = v });
}

/// <summary>
/// features/utime: says in each fop which time stamps it sets, and to what. Bricks then ignore their own clocks; a fop without these marks leaves
/// the time stamps frozen. gluster-rpc section 3. Marks that a client above has set already are passed on unchanged.
/// </summary>
public sealed class UtimeTranslator(TranslatorContext context, UtimeOptions options) : Translator<UtimeOptions>(options)
{
    private const FopTimes NewEntry = FopTimes.Ctime | FopTimes.Mtime | FopTimes.Atime | FopTimes.ParentCtime | FopTimes.ParentMtime;
    private const FopTimes ChangedEntry = FopTimes.Ctime | FopTimes.ParentCtime | FopTimes.ParentMtime;
    private const FopTimes ChangedData = FopTimes.Ctime | FopTimes.Mtime;
    private const FopTimes Allocated = FopTimes.Mtime | FopTimes.Atime; // as stock clients send it

    private static readonly string[] InternalPrefixes = ["trusted.", "system.", "security.", "glusterfs."];

    private readonly TimeProvider _time = context.Environment.Time;

    public override ValueTask<CreateReply> CreateAsync(FopContext ctx, in CreateRequest request) => Next.CreateAsync(Mark(ctx, NewEntry), in request);

    public override ValueTask<EntryReply> MknodAsync(FopContext ctx, in MknodRequest request) => Next.MknodAsync(Mark(ctx, NewEntry), in request);

    public override ValueTask<EntryReply> MkdirAsync(FopContext ctx, in MkdirRequest request) => Next.MkdirAsync(Mark(ctx, NewEntry), in request);

    public override ValueTask<EntryReply> SymlinkAsync(FopContext ctx, in SymlinkRequest request) => Next.SymlinkAsync(Mark(ctx, NewEntry), in request);

    public override ValueTask<EntryReply> PutAsync(FopContext ctx, in PutRequest request) => Next.PutAsync(Mark(ctx, NewEntry), in request);

    public override ValueTask<EntryReply> LinkAsync(FopContext ctx, in LinkRequest request) => Next.LinkAsync(Mark(ctx, ChangedEntry), in request);

    public override ValueTask<RenameReply> RenameAsync(FopContext ctx, in RenameRequest request) => Next.RenameAsync(Mark(ctx, ChangedEntry), in request);

    public override ValueTask<PrePostReply> UnlinkAsync(FopContext ctx, in UnlinkRequest request) => Next.UnlinkAsync(Mark(ctx, ChangedEntry), in request);

    public override ValueTask<PrePostReply> RmdirAsync(FopContext ctx, in RmdirRequest request) => Next.RmdirAsync(Mark(ctx, ChangedEntry), in request);

    public override ValueTask<WriteReply> WriteAsync(FopContext ctx, in WriteRequest request) => Next.WriteAsync(Mark(ctx, ChangedData), in request);

    public override ValueTask<PrePostReply> TruncateAsync(FopContext ctx, in TruncateRequest request) => Next.TruncateAsync(Mark(ctx, ChangedData), in request);

    public override ValueTask<PrePostReply> FtruncateAsync(FopContext ctx, in FtruncateRequest request) => Next.FtruncateAsync(Mark(ctx, ChangedData), in request);

    public override ValueTask<CopyFileRangeReply> CopyFileRangeAsync(FopContext ctx, in CopyFileRangeRequest request) =>
        Next.CopyFileRangeAsync(Mark(ctx, ChangedData), in request);

    public override ValueTask<PrePostReply> FallocateAsync(FopContext ctx, in FallocateRequest request) => Next.FallocateAsync(Mark(ctx, Allocated), in request);

    public override ValueTask<PrePostReply> ZerofillAsync(FopContext ctx, in ZerofillRequest request) => Next.ZerofillAsync(Mark(ctx, Allocated), in request);

    public override ValueTask<ReadReply> ReadAsync(FopContext ctx, in ReadRequest request) => Next.ReadAsync(MarkRead(ctx), in request);

    public override ValueTask<ReaddirReply> ReaddirAsync(FopContext ctx, in ReaddirRequest request) => Next.ReaddirAsync(MarkRead(ctx), in request);

    public override ValueTask<ReaddirReply> ReaddirpAsync(FopContext ctx, in ReaddirpRequest request) => Next.ReaddirpAsync(MarkRead(ctx), in request);

    public override ValueTask<StatusReply> OpenAsync(FopContext ctx, in OpenRequest request) => Next.OpenAsync(Mark(ctx, FopTimes.None), in request);

    public override ValueTask<StatusReply> OpendirAsync(FopContext ctx, in OpendirRequest request) => Next.OpendirAsync(Mark(ctx, FopTimes.None), in request);

    public override ValueTask<StatusReply> SetxattrAsync(FopContext ctx, in SetxattrRequest request) =>
        Next.SetxattrAsync(Mark(ctx, request.Values.Any(v => !IsInternal(v.Key)) ? FopTimes.Ctime : FopTimes.None), in request);

    public override ValueTask<StatusReply> FsetxattrAsync(FopContext ctx, in FsetxattrRequest request) =>
        Next.FsetxattrAsync(Mark(ctx, request.Values.Any(v => !IsInternal(v.Key)) ? FopTimes.Ctime : FopTimes.None), in request);

    public override ValueTask<StatusReply> RemovexattrAsync(FopContext ctx, in RemovexattrRequest request) =>
        Next.RemovexattrAsync(Mark(ctx, IsInternal(request.Name) ? FopTimes.None : FopTimes.Ctime), in request);

    public override ValueTask<StatusReply> FremovexattrAsync(FopContext ctx, in FremovexattrRequest request) =>
        Next.FremovexattrAsync(Mark(ctx, IsInternal(request.Name) ? FopTimes.None : FopTimes.Ctime), in request);

    public override ValueTask<PrePostReply> SetattrAsync(FopContext ctx, in SetattrRequest request)
    {
        var marked = Mark(ctx, TimesOf(request.Valid));
        return Next.SetattrAsync(marked, request with { Attributes = WithNow(request.Attributes, request.Valid, marked.Time) });
    }

    public override ValueTask<PrePostReply> FsetattrAsync(FopContext ctx, in FsetattrRequest request)
    {
        var marked = Mark(ctx, TimesOf(request.Valid));
        return Next.FsetattrAsync(marked, request with { Attributes = WithNow(request.Attributes, request.Valid, marked.Time) });
    }

    /// <summary>A change of mode or owner changes the ctime; a time that is to be "now" is the one of this fop.</summary>
    private static FopTimes TimesOf(SetattrFields valid)
    {
        var times = FopTimes.None;
        if (valid == SetattrFields.None || (valid & (SetattrFields.Mode | SetattrFields.Uid | SetattrFields.Gid)) != 0)
            times |= FopTimes.Ctime;
        if ((valid & SetattrFields.AtimeNow) != 0)
            times |= FopTimes.Atime;
        if ((valid & SetattrFields.MtimeNow) != 0)
            times |= FopTimes.Mtime;
        return times;
    }

    private static Iatt WithNow(Iatt attributes, SetattrFields valid, Timespec now) => attributes with
    {
        Atime = (valid & SetattrFields.AtimeNow) != 0 ? now : attributes.Atime,
        Mtime = (valid & SetattrFields.MtimeNow) != 0 ? now : attributes.Mtime,
    };

    private static bool IsInternal(string key) => InternalPrefixes.Any(p => key.StartsWith(p, StringComparison.Ordinal));

    private FopContext MarkRead(FopContext ctx) => Options.NoAtime ? ctx : Mark(ctx, FopTimes.Atime);

    private FopContext Mark(FopContext ctx, FopTimes times) =>
        ctx.Time != default ? ctx : ctx with { Times = times, Time = Timespec.From(_time.GetUtcNow()) };
}
