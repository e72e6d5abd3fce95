using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Gfs4;

// The replies that several fops share: R0 to R3 and RD of gluster-rpc section 7. A codec derives from its shape and adds its call.

/// <summary>R0: i32 op_ret, i32 op_errno, dict.</summary>
public abstract class StatusCodec<TRequest> : FopCodec<TRequest, StatusReply>
    where TRequest : struct, IFop<TRequest, StatusReply>
{
    public override void WriteReply(ref XdrWriter writer, in StatusReply reply, long newFd = WireFd.None) => writer.WriteHead(reply.Errno, reply.Xdata);

    public override StatusReply ReadReply(ref XdrReader reader, in TRequest request, out long newFd)
    {
        newFd = WireFd.None;
        return new(reader.ReadStatus(), reader.ReadXdata());
    }
}

/// <summary>R0, i64 fd: what opens something.</summary>
public abstract class OpenedCodec<TRequest> : FopCodec<TRequest, StatusReply>
    where TRequest : struct, IFop<TRequest, StatusReply>
{
    public sealed override void WriteReply(ref XdrWriter writer, in StatusReply reply, long newFd = WireFd.None)
    {
        writer.WriteHead(reply.Errno, reply.Xdata);
        writer.WriteInt64(reply.Errno == Errno.None ? newFd : 0);
    }

    public sealed override StatusReply ReadReply(ref XdrReader reader, in TRequest request, out long newFd)
    {
        var reply = new StatusReply(reader.ReadStatus(), reader.ReadXdata());
        newFd = NewFd(reader.ReadInt64(), reply.Errno);
        return reply;
    }

    internal static long NewFd(long number, Errno errno) => errno == Errno.None ? number : WireFd.None;
}

/// <summary>R1: R0, iattx.</summary>
public abstract class IattCodec<TRequest> : FopCodec<TRequest, IattReply>
    where TRequest : struct, IFop<TRequest, IattReply>
{
    public sealed override void WriteReply(ref XdrWriter writer, in IattReply reply, long newFd = WireFd.None)
    {
        writer.WriteHead(reply.Errno, reply.Xdata);
        writer.WriteIatt(reply.Stat);
    }

    public sealed override IattReply ReadReply(ref XdrReader reader, in TRequest request, out long newFd)
    {
        newFd = WireFd.None;
        var errno = reader.ReadStatus();
        var xdata = reader.ReadXdata();
        return new(errno, reader.ReadIatt(), xdata);
    }
}

/// <summary>R2: R0, iattx before, iattx after.</summary>
public abstract class PrePostCodec<TRequest> : FopCodec<TRequest, PrePostReply>
    where TRequest : struct, IFop<TRequest, PrePostReply>
{
    public sealed override void WriteReply(ref XdrWriter writer, in PrePostReply reply, long newFd = WireFd.None)
    {
        writer.WriteHead(reply.Errno, reply.Xdata);
        writer.WriteIatt(reply.Pre);
        writer.WriteIatt(reply.Post);
    }

    public sealed override PrePostReply ReadReply(ref XdrReader reader, in TRequest request, out long newFd)
    {
        newFd = WireFd.None;
        var errno = reader.ReadStatus();
        var xdata = reader.ReadXdata();
        return new(errno, reader.ReadIatt(), reader.ReadIatt(), xdata);
    }
}

/// <summary>R3: R0, iattx of the entry, its parent's before and after.</summary>
public abstract class EntryCodec<TRequest> : FopCodec<TRequest, EntryReply>
    where TRequest : struct, IFop<TRequest, EntryReply>
{
    public sealed override void WriteReply(ref XdrWriter writer, in EntryReply reply, long newFd = WireFd.None)
    {
        writer.WriteHead(reply.Errno, reply.Xdata);
        writer.WriteIatt(reply.Stat);
        writer.WriteIatt(reply.PreParent);
        writer.WriteIatt(reply.PostParent);
    }

    public sealed override EntryReply ReadReply(ref XdrReader reader, in TRequest request, out long newFd)
    {
        newFd = WireFd.None;
        var errno = reader.ReadStatus();
        var xdata = reader.ReadXdata();
        return new(errno, reader.ReadIatt(), reader.ReadIatt(), reader.ReadIatt(), xdata);
    }
}

/// <summary>RD: R0, dict of values, two iattx that nobody fills in.</summary>
public abstract class XattrCodec<TRequest> : FopCodec<TRequest, XattrReply>
    where TRequest : struct, IFop<TRequest, XattrReply>
{
    public sealed override void WriteReply(ref XdrWriter writer, in XattrReply reply, long newFd = WireFd.None)
    {
        writer.WriteHead(reply.Errno, reply.Xdata, Result(in reply));
        writer.WriteXdata(reply.Values);
        writer.Reserve(2 * XdrStructures.IattSize).Clear();
    }

    public sealed override XattrReply ReadReply(ref XdrReader reader, in TRequest request, out long newFd)
    {
        newFd = WireFd.None;
        var errno = reader.ReadStatus();
        var xdata = reader.ReadXdata();
        var values = reader.ReadXdata();
        reader.Take(2 * XdrStructures.IattSize);
        return new(errno, values, xdata);
    }

    /// <summary>op_ret of a success.</summary>
    private protected virtual int Result(in XattrReply reply) => 0;
}
