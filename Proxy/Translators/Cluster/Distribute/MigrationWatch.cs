using BlockProxy.Io;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>Which attributes of a reply show the marks that a rebalance leaves on a file.</summary>
internal interface IMarkedReply<TReply>
{
    static abstract Iatt StatOf(in TReply reply);
}

internal readonly struct ReadMarks : IMarkedReply<ReadReply>
{
    public static Iatt StatOf(in ReadReply reply) => reply.Stat;
}

internal readonly struct WriteMarks : IMarkedReply<WriteReply>
{
    public static Iatt StatOf(in WriteReply reply) => reply.Post;
}

internal readonly struct IattMarks : IMarkedReply<IattReply>
{
    public static Iatt StatOf(in IattReply reply) => reply.Stat;
}

internal readonly struct PrePostMarks : IMarkedReply<PrePostReply>
{
    public static Iatt StatOf(in PrePostReply reply) => reply.Post;
}

/// <summary>
/// A fop on a file under way, pooled, whose reply is looked at for the marks of a rebalance. While a file is being moved a change would have to
/// go to both places: it fails with EIO instead. When the move is over, what is left is a link file, and the fop is done again where the data is.
/// </summary>
internal sealed class MigrationWatch<TFop, TReply, TMarks> : RelayedOperation<TReply>
    where TFop : struct, IFop<TFop, TReply>
    where TReply : struct, IReply<TReply>
    where TMarks : struct, IMarkedReply<TReply>
{
    private static readonly ObjectPool<MigrationWatch<TFop, TReply, TMarks>> Pool = new(static () => new(), 256);

    private DistributeTranslator _distribute = null!;
    private FopContext _context;
    private TFop _request;
    private Inode _inode = null!;
    private int _at;
    private bool _followed;

    /// <summary>Winds a fop to the subvolume that has the file, as far as is known.</summary>
    public static ValueTask<TReply> Wind(DistributeTranslator distribute, FopContext ctx, in TFop request, Inode inode, int at)
    {
        var pending = TFop.WindAsync(distribute.Children[at], ctx, in request);
        if (pending.IsCompletedSuccessfully)
        {
            var reply = pending.Result;
            return HasMoved(in reply) ? FollowAsync(distribute, ctx, request, inode, at, reply) : new(Check(distribute, inode, reply));
        }

        var watch = Pool.Rent();
        (watch._distribute, watch._context, watch._request, watch._inode, watch._at, watch._followed) = (distribute, ctx, request, inode, at, false);
        var task = watch.Task;
        watch.Await(pending);
        return task;
    }

    protected override bool TryGoOn(in TReply result, out ValueTask<TReply> next)
    {
        next = default;
        if (_followed || !HasMoved(in result))
            return false;
        _followed = true;
        next = FollowAsync(_distribute, _context, _request, _inode, _at, result);
        return true;
    }

    protected override TReply Relay(TReply result)
    {
        var reply = Check(_distribute, _inode, result);
        _context = default;
        _request = default;
        _inode = null!;
        return reply;
    }

    protected override void Recycle() => Pool.Return(this);

    private static bool HasMoved(in TReply reply) => reply.Errno == Errno.None && Linkto.HasMode(TMarks.StatOf(in reply));

    private static bool Changes => TFop.Number is not (Fop.Read or Fop.Fstat or Fop.Stat or Fop.Fsync);

    private static TReply Check(DistributeTranslator distribute, Inode inode, TReply reply)
    {
        if (reply.Errno != Errno.None || !Linkto.IsMigrating(TMarks.StatOf(in reply)))
            return reply;
        if (distribute.Of(inode).ReportMigration())
            DistributeLog.Migrating(distribute.Logger, distribute.Name, inode.ToString());
        return Changes ? TReply.Failed(Errno.EIO) : reply;
    }

    private static async ValueTask<TReply> FollowAsync(DistributeTranslator distribute, FopContext ctx, TFop request, Inode inode, int from, TReply reply)
    {
        distribute.Of(inode).Cached = -1;
        var (at, errno) = await distribute.Names.CachedAsync(ctx, inode);
        if (at < 0)
            return TReply.Failed(errno == Errno.ENOTCONN ? errno : Errno.EIO);
        if (at == from)
            return reply; // an ordinary file that happens to have such a mode
        distribute.Of(inode).HasMoved = true;
        DistributeLog.Moved(distribute.Logger, distribute.Name, inode.ToString(), distribute.Children[from].Name, distribute.Children[at].Name);
        var opened = await distribute.OpenWhereItIsAsync(ctx, DistributeTranslator.FdOf(in request), at);
        return opened == Errno.None ? Check(distribute, inode, await TFop.WindAsync(distribute.Children[at], ctx, in request)) : TReply.Failed(opened);
    }
}
