using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Protocol.Server;

namespace BlockProxy.Proxy.Translators.Features.Locks;

/// <summary>
/// features/locks: POSIX, inode and entry locks of a brick, in memory. They belong to a client and an owner of its choosing, and go when the
/// client does. gluster-translators section 11.4.
/// </summary>
public sealed partial class LocksTranslator(LocksOptions options, TimeProvider time) : Translator<LocksOptions>(options), IClientAware, ILockContention
{
    public const string TypeName = "features/locks";

    /// <summary>AFR's metadata lock: a range that stands for a domain of its own, so that data and metadata do not exclude each other.</summary>
    private const long MetadataStart = long.MaxValue - 1;

    private const string MetadataSuffix = ":metadata";

    private readonly LockTable _table = new(time);

    /// <inheritdoc/>
    public event Action<LockContention>? Contended;

    /// <inheritdoc/>
    public override string? CheckChildren() => Children.Count == 1 ? null : $"has {Children.Count} subvolumes; it takes one";

    /// <inheritdoc/>
    public void ClientLeft(string client) => _table.DropClient(client);

    /// <summary>Ends what waits; nobody is left to grant it.</summary>
    public override ValueTask StopAsync()
    {
        _table.DropAll();
        return default;
    }

    public override ValueTask<StatusReply> InodelkAsync(FopContext ctx, in InodelkRequest request) =>
        request.Loc.Inode is { } inode
            ? LockInode(ctx, inode.Gfid, request.Domain, request.Command, request.Lock)
            : new(StatusReply.Failed(Errno.ESTALE));

    public override ValueTask<StatusReply> FinodelkAsync(FopContext ctx, in FinodelkRequest request) =>
        LockInode(ctx, request.Fd.Inode.Gfid, request.Domain, request.Command, request.Lock);

    public override ValueTask<StatusReply> EntrylkAsync(FopContext ctx, in EntrylkRequest request) =>
        request.Loc.Inode is { } inode
            ? LockEntry(ctx, inode.Gfid, request.Domain, request.Name, request.Command, request.Type)
            : new(StatusReply.Failed(Errno.ESTALE));

    public override ValueTask<StatusReply> FentrylkAsync(FopContext ctx, in FentrylkRequest request) =>
        LockEntry(ctx, request.Fd.Inode.Gfid, request.Domain, request.Name, request.Command, request.Type);

    public override ValueTask<LkReply> LkAsync(FopContext ctx, in LkRequest request)
    {
        if (!TryGetRange(request.Lock, out var start, out var end) || request.Lock.Type > LkType.Unlock)
            return new(LkReply.Failed(Errno.EINVAL));
        var gfid = request.Fd.Inode.Gfid;
        var asked = new PosixLock(HolderOf(ctx), request.Lock.Type, start, end, request.Lock.Pid, request.Fd);
        switch (request.Command)
        {
            case LkCommand.Get:
                return new(new LkReply(Errno.None, _table.PosixConflict(gfid, asked)?.ToFileLock() ?? request.Lock with { Type = LkType.Unlock }));
            case LkCommand.Set:
                var errno = _table.SetPosix(gfid, asked, request.Lock, null, Options);
                return new(errno == Errno.None ? new LkReply(Errno.None, request.Lock) : LkReply.Failed(errno));
            case LkCommand.SetWait:
                // The grant continues on the thread that makes room for it: it only encodes and queues a reply.
                var waiter = new TaskCompletionSource<LkReply>();
                return _table.SetPosix(gfid, asked, request.Lock, waiter, Options) switch
                {
                    Errno.None => new(new LkReply(Errno.None, request.Lock)),
                    Errno.EAGAIN => new(waiter.Task),
                    var refused => new(LkReply.Failed(refused)),
                };
            default:
                return new(LkReply.Failed(Errno.ENOSYS)); // the reserve-lock family, which no client sends
        }
    }

    /// <summary>Releases the owner's POSIX locks on the file; with an empty owner, those taken through this very fd.</summary>
    public override ValueTask<StatusReply> FlushAsync(FopContext ctx, in FlushRequest request)
    {
        var fd = request.Fd;
        if (ctx.LockOwner.IsEmpty)
        {
            _table.DropPosix(fd.Inode.Gfid, held => ReferenceEquals(held.Fd, fd));
        }
        else
        {
            var holder = HolderOf(ctx);
            _table.DropPosix(fd.Inode.Gfid, held => held.Holder == holder);
        }

        return Next.FlushAsync(ctx, in request);
    }

    /// <summary>What was locked through an fd goes with it.</summary>
    public override ValueTask<StatusReply> ReleaseAsync(FopContext ctx, in ReleaseRequest request)
    {
        var fd = request.Fd;
        if (!fd.IsAnonymous)
            _table.DropPosix(fd.Inode.Gfid, held => ReferenceEquals(held.Fd, fd));
        return Next.ReleaseAsync(ctx, in request);
    }

    public override ValueTask<ActiveLocksReply> GetactivelkAsync(FopContext ctx, in GetactivelkRequest request) =>
        new(new ActiveLocksReply(Errno.None, _table.PosixLocksOf(request.Loc.Gfid)));

    private ValueTask<StatusReply> LockInode(FopContext ctx, Gfid gfid, string domain, LkCommand command, FileLock wire)
    {
        if (command is not (LkCommand.Set or LkCommand.SetWait) || wire.Type > LkType.Unlock || !TryGetRange(wire, out var start, out var end))
            return new(StatusReply.Failed(Errno.EINVAL));
        if (wire.Start == MetadataStart && wire.Length == 0)
            domain += MetadataSuffix;
        if (wire.Type == LkType.Unlock)
            return new(new StatusReply(_table.Unlock(gfid, domain, entries: false, Make(null))));
        var waiter = command == LkCommand.SetWait ? new TaskCompletionSource<StatusReply>() : null;
        return Take(gfid, domain, entries: false, Make(waiter));

        InodeLock Make(TaskCompletionSource<StatusReply>? waits) =>
            new(wire.Type, start, end, wire) { Holder = HolderOf(ctx), Pid = ctx.Caller.Pid, Waiter = waits };
    }

    private ValueTask<StatusReply> LockEntry(FopContext ctx, Gfid gfid, string domain, string? name, EntrylkCommand command, EntrylkType type)
    {
        if (command > EntrylkCommand.LockNonBlocking)
            return new(StatusReply.Failed(Errno.EINVAL));
        if (string.IsNullOrEmpty(name))
            name = null;
        if (command == EntrylkCommand.Unlock)
            return new(new StatusReply(_table.Unlock(gfid, domain, entries: true, Make(null))));
        var waiter = command == EntrylkCommand.Lock ? new TaskCompletionSource<StatusReply>() : null;
        return Take(gfid, domain, entries: true, Make(waiter));

        EntryLock Make(TaskCompletionSource<StatusReply>? waits) =>
            new(name, type) { Holder = HolderOf(ctx), Pid = ctx.Caller.Pid, Waiter = waits };
    }

    private ValueTask<StatusReply> Take(Gfid gfid, string domain, bool entries, DomainLock asked)
    {
        var errno = _table.Lock(gfid, domain, entries, asked, Options, out var notices);
        foreach (var notice in notices)
            Contended?.Invoke(notice);
        return errno == Errno.EAGAIN && asked.Waiter is { } waiter ? new(waiter.Task) : new(new StatusReply(errno));
    }

    private static LockHolder HolderOf(FopContext ctx) => new(ctx.Caller.Client, ctx.LockOwner);

    /// <summary>The range with an inclusive end; a length of 0 reaches to the end of all files, a negative one lies before the start.</summary>
    private static bool TryGetRange(FileLock wire, out long start, out long end)
    {
        start = wire.Start;
        end = long.MaxValue;
        if (wire.Length < 0)
        {
            if (wire.Start < 0 || wire.Start + wire.Length < 0)
                return false;
            (start, end) = (wire.Start + wire.Length, wire.Start - 1);
        }
        else if (wire.Length > 0)
        {
            if (wire.Start > long.MaxValue - (wire.Length - 1))
                return false;
            end = wire.Start + wire.Length - 1;
        }

        return start >= 0;
    }
}
