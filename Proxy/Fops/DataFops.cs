using BlockProxy.Io;

namespace BlockProxy.Proxy.Fops;

// Reading and writing bytes of an open file. One request record per fop; shapes of replies are in Replies.cs.

/// <summary>Fills <paramref name="Destination"/> from <paramref name="Offset"/> on. The destination is borrowed until completion: a layer must not complete while anything below may still write to it.</summary>
public readonly record struct ReadRequest(
    Fd Fd, long Offset, Memory<byte> Destination, uint Flag = 0, Xdata? Xdata = null)
    : IFop<ReadRequest, ReadReply>
{
    public static Fop Number => Fop.Read;

    public static ValueTask<ReadReply> WindAsync(Translator next, FopContext ctx, in ReadRequest request) => next.ReadAsync(ctx, in request);
}

/// <summary>Writes <paramref name="Data"/> at <paramref name="Offset"/>. The payload is borrowed until completion.</summary>
public readonly record struct WriteRequest(
    Fd Fd, long Offset, Payload Data, uint Flag = 0, Xdata? Xdata = null)
    : IFop<WriteRequest, WriteReply>
{
    public static Fop Number => Fop.Write;

    public static ValueTask<WriteReply> WindAsync(Translator next, FopContext ctx, in WriteRequest request) => next.WriteAsync(ctx, in request);
}

/// <summary>What close(2) sends: releases the owner's POSIX locks and reports late errors. It makes nothing durable.</summary>
public readonly record struct FlushRequest(Fd Fd, Xdata? Xdata = null) : IFop<FlushRequest, StatusReply>
{
    public static Fop Number => Fop.Flush;

    public static ValueTask<StatusReply> WindAsync(Translator next, FopContext ctx, in FlushRequest request) => next.FlushAsync(ctx, in request);
}

/// <summary>Makes completed writes durable; with <paramref name="DataOnly"/> as fdatasync.</summary>
public readonly record struct FsyncRequest(Fd Fd, bool DataOnly = false, Xdata? Xdata = null) : IFop<FsyncRequest, PrePostReply>
{
    public static Fop Number => Fop.Fsync;

    public static ValueTask<PrePostReply> WindAsync(Translator next, FopContext ctx, in FsyncRequest request) => next.FsyncAsync(ctx, in request);
}

/// <summary>Sets the size by path.</summary>
public readonly record struct TruncateRequest(Loc Loc, long Length, Xdata? Xdata = null) : IFop<TruncateRequest, PrePostReply>
{
    public static Fop Number => Fop.Truncate;

    public static ValueTask<PrePostReply> WindAsync(Translator next, FopContext ctx, in TruncateRequest request) => next.TruncateAsync(ctx, in request);
}

/// <summary>Sets the size of an open file.</summary>
public readonly record struct FtruncateRequest(Fd Fd, long Length, Xdata? Xdata = null) : IFop<FtruncateRequest, PrePostReply>
{
    public static Fop Number => Fop.Ftruncate;

    public static ValueTask<PrePostReply> WindAsync(Translator next, FopContext ctx, in FtruncateRequest request) => next.FtruncateAsync(ctx, in request);
}

/// <summary>Allocates space.</summary>
public readonly record struct FallocateRequest(
    Fd Fd, FallocateFlags Flags, long Offset, long Length, Xdata? Xdata = null)
    : IFop<FallocateRequest, PrePostReply>
{
    public static Fop Number => Fop.Fallocate;

    public static ValueTask<PrePostReply> WindAsync(Translator next, FopContext ctx, in FallocateRequest request) => next.FallocateAsync(ctx, in request);
}

/// <summary>Punches a hole; the size stays.</summary>
public readonly record struct DiscardRequest(Fd Fd, long Offset, long Length, Xdata? Xdata = null) : IFop<DiscardRequest, PrePostReply>
{
    public static Fop Number => Fop.Discard;

    public static ValueTask<PrePostReply> WindAsync(Translator next, FopContext ctx, in DiscardRequest request) => next.DiscardAsync(ctx, in request);
}

/// <summary>Makes the range read as zeros; extends the file if it reaches beyond its end.</summary>
public readonly record struct ZerofillRequest(Fd Fd, long Offset, long Length, Xdata? Xdata = null) : IFop<ZerofillRequest, PrePostReply>
{
    public static Fop Number => Fop.Zerofill;

    public static ValueTask<PrePostReply> WindAsync(Translator next, FopContext ctx, in ZerofillRequest request) => next.ZerofillAsync(ctx, in request);
}

/// <summary>Finds the next data or hole at or after <paramref name="Offset"/>; ENXIO beyond the end.</summary>
public readonly record struct SeekRequest(Fd Fd, long Offset, SeekWhat What, Xdata? Xdata = null) : IFop<SeekRequest, SeekReply>
{
    public static Fop Number => Fop.Seek;

    public static ValueTask<SeekReply> WindAsync(Translator next, FopContext ctx, in SeekRequest request) => next.SeekAsync(ctx, in request);
}

/// <summary>Checksums of a block, for self-heal.</summary>
public readonly record struct RchecksumRequest(
    Fd Fd, long Offset, int Length, Xdata? Xdata = null)
    : IFop<RchecksumRequest, RchecksumReply>
{
    public static Fop Number => Fop.Rchecksum;

    public static ValueTask<RchecksumReply> WindAsync(Translator next, FopContext ctx, in RchecksumRequest request) => next.RchecksumAsync(ctx, in request);
}

/// <summary>Copies bytes between two open files of one brick.</summary>
public readonly record struct CopyFileRangeRequest(
    Fd Source, long SourceOffset, Fd Destination, long DestinationOffset, int Length, uint Flags = 0, Xdata? Xdata = null)
    : IFop<CopyFileRangeRequest, CopyFileRangeReply>
{
    public static Fop Number => Fop.CopyFileRange;

    public static ValueTask<CopyFileRangeReply> WindAsync(Translator next, FopContext ctx, in CopyFileRangeRequest request) => next.CopyFileRangeAsync(ctx, in request);
}
