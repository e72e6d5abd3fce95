using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Features.Locks;

// Counts of locks that clients ask for in xdata, beside whatever they do: granted and waiting ones. gluster-translators section 11.4.
public sealed partial class LocksTranslator
{
    private const string InodelkCount = "glusterfs.inodelk-count";
    private const string InodelkDomainCount = "glusterfs.inodelk-dom-count";
    private const string EntrylkCount = "glusterfs.entrylk-count";
    private const string PosixlkCount = "glusterfs.posixlk-count";
    private const string ParentEntrylk = "glusterfs.parent-entrylk";

    public override ValueTask<LookupReply> LookupAsync(FopContext ctx, in LookupRequest request) => AsksForCounts(request.Xdata)
        ? CountedLookupAsync(Next.LookupAsync(ctx, in request), request.Loc, request.Xdata!)
        : Next.LookupAsync(ctx, in request);

    public override ValueTask<IattReply> StatAsync(FopContext ctx, in StatRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.StatAsync(ctx, in request), request.Loc.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.StatAsync(ctx, in request);

    public override ValueTask<IattReply> FstatAsync(FopContext ctx, in FstatRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.FstatAsync(ctx, in request), request.Fd.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.FstatAsync(ctx, in request);

    public override ValueTask<ReadReply> ReadAsync(FopContext ctx, in ReadRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.ReadAsync(ctx, in request), request.Fd.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.ReadAsync(ctx, in request);

    public override ValueTask<WriteReply> WriteAsync(FopContext ctx, in WriteRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.WriteAsync(ctx, in request), request.Fd.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.WriteAsync(ctx, in request);

    public override ValueTask<PrePostReply> FsyncAsync(FopContext ctx, in FsyncRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.FsyncAsync(ctx, in request), request.Fd.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.FsyncAsync(ctx, in request);

    public override ValueTask<PrePostReply> TruncateAsync(FopContext ctx, in TruncateRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.TruncateAsync(ctx, in request), request.Loc.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.TruncateAsync(ctx, in request);

    public override ValueTask<PrePostReply> FtruncateAsync(FopContext ctx, in FtruncateRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.FtruncateAsync(ctx, in request), request.Fd.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.FtruncateAsync(ctx, in request);

    public override ValueTask<PrePostReply> FallocateAsync(FopContext ctx, in FallocateRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.FallocateAsync(ctx, in request), request.Fd.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.FallocateAsync(ctx, in request);

    public override ValueTask<PrePostReply> DiscardAsync(FopContext ctx, in DiscardRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.DiscardAsync(ctx, in request), request.Fd.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.DiscardAsync(ctx, in request);

    public override ValueTask<PrePostReply> ZerofillAsync(FopContext ctx, in ZerofillRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.ZerofillAsync(ctx, in request), request.Fd.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.ZerofillAsync(ctx, in request);

    public override ValueTask<StatusReply> OpenAsync(FopContext ctx, in OpenRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.OpenAsync(ctx, in request), request.Loc.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.OpenAsync(ctx, in request);

    public override ValueTask<PrePostReply> SetattrAsync(FopContext ctx, in SetattrRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.SetattrAsync(ctx, in request), request.Loc.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.SetattrAsync(ctx, in request);

    public override ValueTask<PrePostReply> FsetattrAsync(FopContext ctx, in FsetattrRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.FsetattrAsync(ctx, in request), request.Fd.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.FsetattrAsync(ctx, in request);

    public override ValueTask<StatusReply> SetxattrAsync(FopContext ctx, in SetxattrRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.SetxattrAsync(ctx, in request), request.Loc.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.SetxattrAsync(ctx, in request);

    public override ValueTask<StatusReply> FsetxattrAsync(FopContext ctx, in FsetxattrRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.FsetxattrAsync(ctx, in request), request.Fd.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.FsetxattrAsync(ctx, in request);

    public override ValueTask<StatusReply> RemovexattrAsync(FopContext ctx, in RemovexattrRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.RemovexattrAsync(ctx, in request), request.Loc.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.RemovexattrAsync(ctx, in request);

    public override ValueTask<StatusReply> FremovexattrAsync(FopContext ctx, in FremovexattrRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.FremovexattrAsync(ctx, in request), request.Fd.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.FremovexattrAsync(ctx, in request);

    public override ValueTask<XattrReply> GetxattrAsync(FopContext ctx, in GetxattrRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.GetxattrAsync(ctx, in request), request.Loc.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.GetxattrAsync(ctx, in request);

    public override ValueTask<XattrReply> FgetxattrAsync(FopContext ctx, in FgetxattrRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.FgetxattrAsync(ctx, in request), request.Fd.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.FgetxattrAsync(ctx, in request);

    public override ValueTask<XattrReply> XattropAsync(FopContext ctx, in XattropRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.XattropAsync(ctx, in request), request.Loc.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.XattropAsync(ctx, in request);

    public override ValueTask<XattrReply> FxattropAsync(FopContext ctx, in FxattropRequest request) => AsksForCounts(request.Xdata)
        ? CountedAsync(Next.FxattropAsync(ctx, in request), request.Fd.Inode, request.Xdata!, static (reply, xdata) => reply with { Xdata = xdata })
        : Next.FxattropAsync(ctx, in request);

    private static bool AsksForCounts(Xdata? xdata)
    {
        if (xdata is null)
            return false;
        foreach (var (key, _) in xdata)
        {
            if (key is InodelkCount or InodelkDomainCount or EntrylkCount or PosixlkCount or ParentEntrylk)
                return true;
        }

        return false;
    }

    private async ValueTask<TReply> CountedAsync<TReply>(ValueTask<TReply> wound, Inode? inode, Xdata asked, Func<TReply, Xdata, TReply> with)
        where TReply : struct, IReply<TReply>
    {
        var reply = await wound;
        return reply.Errno == Errno.None ? with(reply, AddCounts(reply.Xdata?.Copy() ?? [], asked, inode?.Gfid ?? Gfid.Null)) : reply;
    }

    /// <summary>What is looked up by name is known only by the reply; whether the name is locked is answered even when nothing is there.</summary>
    private async ValueTask<LookupReply> CountedLookupAsync(ValueTask<LookupReply> wound, Loc loc, Xdata asked)
    {
        var reply = await wound;
        var answer = reply.Xdata?.Copy() ?? [];
        if (asked.Contains(ParentEntrylk) && loc.Parent is { } parent && loc.Name is { } name)
        {
            var locked = _table.Ask(parent.Gfid, name, static (locks, entry) => locks.IsNameLocked(entry), otherwise: false);
            answer[ParentEntrylk] = XdataValue.Int(locked ? 1 : 0);
        }

        return reply with { Xdata = AddCounts(answer, asked, reply.Errno == Errno.None ? reply.Stat.Gfid : Gfid.Null) };
    }

    private Xdata AddCounts(Xdata answer, Xdata asked, Gfid inode)
    {
        if (asked.Contains(EntrylkCount))
            answer[EntrylkCount] = Count(static (locks, _) => locks.EntrylkCount);
        if (asked.TryGet(InodelkDomainCount, out var domain))
            answer[InodelkCount] = XdataValue.Int(_table.Ask(inode, domain.AsText() ?? "", static (locks, name) => locks.InodelkCountOf(name), otherwise: 0));
        else if (asked.Contains(InodelkCount))
            answer[InodelkCount] = Count(static (locks, _) => locks.InodelkCount);
        if (asked.Contains(PosixlkCount))
            answer[PosixlkCount] = Count(static (locks, _) => locks.Posix.Count);
        return answer;

        XdataValue Count(Func<InodeLocks, int, int> count) => XdataValue.Int(_table.Ask(inode, 0, count, otherwise: 0));
    }
}
