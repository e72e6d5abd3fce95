using BlockProxy.Block;
using BlockProxy.Io;
using BlockProxy.Nbd.Handshake;
using BlockProxy.Nbd.Wire;

namespace BlockProxy.Nbd;

/// <summary>
/// Puts replies on the wire, simple or structured as negotiated. The observer of the last message of a reply learns when it was sent, which
/// is when the request's place in the window is free again.
/// </summary>
internal sealed class ReplyWriter(SendQueue queue, bool structured)
{
    public bool Structured => structured;

    /// <summary>Success without data.</summary>
    public void Done(in NbdRequest request, ISendObserver sent)
    {
        // "MAY use either a simple reply or a structured reply to all other requests": the simple one is shorter.
        Span<byte> head = stackalloc byte[SimpleReply.Size];
        new SimpleReply(NbdErrno.None, request.Cookie).Write(head);
        queue.Send(head, default, sent);
    }

    public void Failed(in NbdRequest request, BlockError error, ISendObserver sent)
    {
        var errno = NbdErrors.ToWire(error, request, structured);
        if (!structured)
        {
            Span<byte> simple = stackalloc byte[SimpleReply.Size];
            new SimpleReply(errno, request.Cookie).Write(simple);
            queue.Send(simple, default, sent);
            return;
        }

        var message = NbdErrors.Message(error);
        Span<byte> chunk = stackalloc byte[ErrorChunk.Size + message.Length];
        new ErrorChunk(ReplyChunkFlags.Done, request.Cookie, errno, (ushort)message.Length).Write(chunk);
        message.CopyTo(chunk[ErrorChunk.Size..]);
        queue.Send(chunk, default, sent);
    }

    /// <summary>The whole data of a read.</summary>
    public void Data(in NbdRequest request, Payload data, ISendObserver sent)
    {
        if (structured)
        {
            DataChunk(request, request.Offset, data, ReplyChunkFlags.Done, sent);
            return;
        }

        Span<byte> head = stackalloc byte[SimpleReply.Size];
        new SimpleReply(NbdErrno.None, request.Cookie).Write(head);
        queue.Send(head, data, sent);
    }

    /// <summary>
    /// The data of a structured read in one chunk per extent, holes without their zeroes. The extents cover the request, whose data lies in
    /// <paramref name="data"/> except for the holes.
    /// </summary>
    public void Sparse(in NbdRequest request, IReadOnlyList<BlockExtent> extents, Payload data, ISendObserver sent)
    {
        // Several messages of one reply leave together.
        queue.Cork();
        var at = 0L;
        var last = extents.Count - 1;
        for (var i = 0; i < last; i++)
        {
            Chunk(request, at, extents[i], data, ReplyChunkFlags.None, null);
            at += extents[i].Length;
        }

        // With this one the whole reply may be sent at once: then the request and its extents are another's already.
        Chunk(request, at, extents[last], data, ReplyChunkFlags.Done, sent);
        queue.Uncork();
    }

    /// <summary>The extents of a block status request, already encoded as descriptors.</summary>
    public void BlockStatus(in NbdRequest request, Payload descriptors, ISendObserver sent)
    {
        Span<byte> head = stackalloc byte[BlockStatusChunk.Size];
        new BlockStatusChunk(ReplyChunkFlags.Done, request.Cookie, SetMetaContextOption.AllocationId, descriptors.Length / BlockDescriptor.Size).Write(head);
        queue.Send(head, descriptors, sent);
    }

    private void Chunk(in NbdRequest request, long at, BlockExtent extent, Payload data, ReplyChunkFlags flags, ISendObserver? sent)
    {
        var offset = request.Offset + (ulong)at;
        if ((extent.Kind & BlockExtentKind.Zero) != 0)
            HoleChunk(request, offset, (uint)extent.Length, flags, sent);
        else
            DataChunk(request, offset, data.Slice((int)at, (int)extent.Length), flags, sent);
    }

    private void DataChunk(in NbdRequest request, ulong offset, Payload data, ReplyChunkFlags flags, ISendObserver? sent)
    {
        Span<byte> head = stackalloc byte[OffsetDataChunk.Size];
        new OffsetDataChunk(flags, request.Cookie, offset, (uint)data.Length).Write(head);
        queue.Send(head, data, sent);
    }

    private void HoleChunk(in NbdRequest request, ulong offset, uint length, ReplyChunkFlags flags, ISendObserver? sent)
    {
        Span<byte> chunk = stackalloc byte[OffsetHoleChunk.Size];
        new OffsetHoleChunk(flags, request.Cookie, offset, length).Write(chunk);
        queue.Send(chunk, default, sent);
    }
}
