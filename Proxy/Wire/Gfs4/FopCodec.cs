using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Gfs4;

// The file operations on the wire: program 1298437 version 400, gluster-rpc section 7. One codec per fop, for both directions of both sides, in the
// families of Fops (DataCodecs.cs, EntryCodecs.cs, ...). All of it is pure: bytes in, value out.
//
// A client, generically (request: TRequest):
//   var codec = FopCodecs.Of<TRequest, TReply>();
//   codec.WriteRequest(ref writer, in request, handles);   then send writer.Written and codec.RequestPayload(in request)
//   ... the reply's XDR part arrives (all of it, or PayloadHead.TryGetReplyLength bytes when codec.ReplyHasPayload) ...
//   var reply = codec.ReadReply(ref reader, in request, out var newFd);   if (reader.Failed) the peer answered nonsense: close
//   the rest of the record, codec.PayloadLength(in reply) bytes, belongs into codec.ReplyDestination(in request)
//   codec.OpenedFd(in request), if any, has the remote number newFd now
//
// A server, from the procedure number: FopCodecs.Find(procedure)?.Accept(visitor), whose Visit<TRequest, TReply>(codec) does
//   var request = codec.ReadRequest(ref reader, objects);
//   if (reader.Failed) answer GARBAGE_ARGS; if (reader.Refusal != Errno.None) answer TReply.Failed(reader.Refusal); else wind it
//   codec.WriteReply(ref writer, in reply, newFd);   then send writer.Written and, for READ, PayloadLength(in reply) bytes of the destination

/// <summary>The remote numbers of open files, as a client knows them.</summary>
public interface IRemoteHandles
{
    /// <summary>The number that the peer gave; -2 for a file that it is to open by its gfid. gluster-rpc section 9.</summary>
    long RemoteFd(Fd fd);
}

/// <summary>What the numbers and gfids of a call mean to the server that decodes it.</summary>
public interface IWireObjects
{
    /// <summary>The inode of that gfid, never the null gfid.</summary>
    Inode Inode(Gfid gfid);

    /// <summary>
    /// The open file of that number: -2 is an anonymous one of the gfid. Null when nobody holds it (-1 too): the call is then refused with EBADF.
    /// </summary>
    Fd? Fd(long number, Gfid gfid);

    /// <summary>Makes the fd for OPEN, OPENDIR and CREATE, which has no number until the call succeeded. The gfid is null if the client named none.</summary>
    Fd NewFd(Gfid gfid, OpenFlags flags);

    /// <summary>Memory for the data of a READ; called at most once per call, and last, when everything else was in order.</summary>
    /// <param name="size">Bytes, at most <see cref="WireLimits.PayloadBytes"/>.</param>
    Memory<byte> ReadDestination(int size);

    /// <summary>The bytes that followed the XDR part of a WRITE or PUT.</summary>
    Payload Payload { get; }
}

/// <summary>Something to be done with the codec of a fop that is known by its number only.</summary>
public interface IFopCodecVisitor<out TResult>
{
    TResult Visit<TRequest, TReply>(FopCodec<TRequest, TReply> codec)
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply>;
}

/// <summary>The codec of some fop.</summary>
public abstract class FopCodec
{
    public abstract Fop Fop { get; }

    /// <summary>Raw bytes follow the XDR part of the call: WRITE, PUT.</summary>
    public virtual bool RequestHasPayload => false;

    /// <summary>Raw bytes follow the XDR part of the reply: READ.</summary>
    public virtual bool ReplyHasPayload => false;

    /// <summary>Calls the visitor with the codec's types.</summary>
    public abstract TResult Accept<TResult>(IFopCodecVisitor<TResult> visitor);
}

/// <summary>The codec of one fop.</summary>
public abstract class FopCodec<TRequest, TReply> : FopCodec
    where TRequest : struct, IFop<TRequest, TReply>
    where TReply : struct, IReply<TReply>
{
    public sealed override Fop Fop => TRequest.Number;

    public sealed override TResult Accept<TResult>(IFopCodecVisitor<TResult> visitor)
    {
        ArgumentNullException.ThrowIfNull(visitor);
        return visitor.Visit(this);
    }

    /// <summary>Writes the XDR part of the call's body.</summary>
    public abstract void WriteRequest(ref XdrWriter writer, in TRequest request, IRemoteHandles handles);

    /// <summary>Reads the XDR part of the call's body. Look at <see cref="XdrReader.Failed"/> and <see cref="XdrReader.Refusal"/> before using it.</summary>
    public abstract TRequest ReadRequest(ref XdrReader reader, IWireObjects objects);

    /// <summary>Writes the XDR part of the reply's body, of full size even when it failed.</summary>
    /// <param name="newFd">The number of the file that OPEN, OPENDIR or CREATE opened.</param>
    public abstract void WriteReply(ref XdrWriter writer, in TReply reply, long newFd = WireFd.None);

    /// <summary>Reads the XDR part of the reply's body. Look at <see cref="XdrReader.Failed"/> before using it.</summary>
    /// <param name="request">The call it answers: what does not fit it is a failure.</param>
    /// <param name="newFd">The number of the file that OPEN, OPENDIR or CREATE opened; else <see cref="WireFd.None"/>.</param>
    public abstract TReply ReadReply(ref XdrReader reader, in TRequest request, out long newFd);

    /// <summary>The fd that the call opens, if it opens one.</summary>
    public virtual Fd? OpenedFd(in TRequest request) => null;

    /// <summary>What follows the XDR part of the call.</summary>
    public virtual Payload RequestPayload(in TRequest request) => default;

    /// <summary>Where a client puts what follows the XDR part of the reply.</summary>
    public virtual Memory<byte> ReplyDestination(in TRequest request) => default;

    /// <summary>How many bytes follow the XDR part of the reply.</summary>
    public virtual int PayloadLength(in TReply reply) => 0;
}

/// <summary>Numbers of open files that stand for something else. gluster-rpc section 9.</summary>
public static class WireFd
{
    public const long None = -1;

    /// <summary>The peer opens the gfid by itself for this call.</summary>
    public const long Anonymous = -2;

    /// <summary>Stands in a request whose fd number nobody holds; such a request is refused and never wound.</summary>
    public static Fd Unknown { get; } = new(new Inode(Gfid.Null), OpenFlags.ReadOnly);
}
