using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using BlockProxy.Io;
using BlockProxy.Proxy.Wire.Xdr;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Wire.Rpc;

/// <summary>
/// The receive loop of a client's connection. A record that lies in the pipe is decoded there; a large one is put together in an array of its own;
/// the payload of a reply is copied from the pipe to where the caller wants it, as it arrives.
/// </summary>
internal sealed class RpcClientReceiver(RpcClient client, DuplexConnection connection, RpcCallTable calls, int recordLimit, ILogger logger)
{
    /// <summary>Records up to this size wait in the pipe until they are complete; larger ones are put together outside of it.</summary>
    private const int InPipeBytes = 64 << 10;

    /// <summary>The most of a reply with payload that may stand before the payload.</summary>
    private const int PayloadHeadBytes = 256 << 10;

    /// <summary>The record mark, the xid and the direction: what tells how to go on.</summary>
    private const int PrefixBytes = RecordMark.Size + 8;

    private RecordAssembler? _assembler;
    private bool _assembling;
    private IRpcPending? _filling;
    private Memory<byte> _destination;
    private bool _strangerReported;

    /// <summary>Whether the server did not keep to the protocol.</summary>
    public bool SawNonsense { get; private set; }

    /// <summary>Receives until the connection ends; answers why.</summary>
    public async Task<string> RunAsync(RpcWatch watch)
    {
        var input = connection.Input;
        var reason = await ReceiveAsync(input, watch);
        await input.CompleteAsync();
        _assembler?.Dispose();
        // Its caller's memory is not touched any more from here on.
        _filling?.Lost(connectionEnded: true);
        _filling = null;
        return reason;
    }

    private async Task<string> ReceiveAsync(PipeReader input, RpcWatch watch)
    {
        while (true)
        {
            ReadResult result;
            try
            {
                result = await input.ReadAsync();
            }
            catch (IOException error)
            {
                return error.Message;
            }

            if (result.IsCanceled)
                return "closed";
            watch.Received();
            var buffer = result.Buffer;
            var wrong = Process(ref buffer);
            var leftOver = !buffer.IsEmpty || _assembling || _filling is not null;
            input.AdvanceTo(buffer.Start, result.Buffer.End);
            if (wrong is not null)
            {
                SawNonsense = true;
                return wrong;
            }

            if (result.IsCompleted)
                return leftOver ? "it closed the connection in the middle of a record" : "it closed the connection";
        }
    }

    /// <summary>Takes what can be taken from the buffer; answers what is wrong, or null.</summary>
    private string? Process(ref ReadOnlySequence<byte> buffer)
    {
        string? wrong;
        bool progress;
        do
        {
            if (_filling is not null)
                (wrong, progress) = (null, Fill(ref buffer));
            else if (_assembling)
                wrong = Assemble(ref buffer, out progress);
            else
                wrong = TakeRecord(ref buffer, out progress);
        }
        while (wrong is null && progress);
        return wrong;
    }

    private string? TakeRecord(ref ReadOnlySequence<byte> buffer, out bool progress)
    {
        progress = false;
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        if (buffer.Length < RecordMark.Size)
            return null;
        var available = (int)Math.Min(buffer.Length, PrefixBytes);
        buffer.Slice(0, available).CopyTo(prefix);
        var mark = RecordMark.Read(prefix);
        if (mark.Length > recordLimit)
            return $"it announces a record of {mark.Length} bytes, the limit is {recordLimit}";
        if (!mark.IsLast)
        {
            progress = _assembling = true;
            return null;
        }

        if (mark.Length < PrefixBytes - RecordMark.Size)
            return $"it sent a record of {mark.Length} bytes, too short for a call or a reply";
        if (available < PrefixBytes)
            return null;

        var xid = BinaryPrimitives.ReadUInt32BigEndian(prefix[RecordMark.Size..]);
        var direction = BinaryPrimitives.ReadUInt32BigEndian(prefix[(RecordMark.Size + 4)..]);
        if (direction == (uint)RpcMessageType.Reply && calls.Peek(xid) is { HasPayload: true } call)
        {
            var outcome = BeginPayload(ref buffer, mark.Length, xid, call, out var wrong);
            progress = outcome == HeadOutcome.Taken;
            if (outcome != HeadOutcome.Ordinary)
                return wrong;
        }

        var whole = RecordMark.Size + mark.Length;
        if (buffer.Length < whole)
        {
            // A record that the pipe might not hold leaves it as it comes.
            progress = _assembling = mark.Length > InPipeBytes;
            return null;
        }

        progress = true;
        var record = buffer.Slice(RecordMark.Size, mark.Length);
        string? failure;
        if (record.IsSingleSegment)
        {
            failure = Dispatch(record.FirstSpan);
        }
        else
        {
            var rented = ArrayPool<byte>.Shared.Rent(mark.Length);
            record.CopyTo(rented);
            failure = Dispatch(rented.AsSpan(0, mark.Length));
            ArrayPool<byte>.Shared.Return(rented);
        }

        buffer = buffer.Slice(whole);
        return failure;
    }

    private enum HeadOutcome
    {
        /// <summary>No payload follows (the call was refused): the record is like any other.</summary>
        Ordinary,

        /// <summary>More has to arrive, or something is wrong.</summary>
        Stopped,

        /// <summary>The head was taken; the payload is being copied.</summary>
        Taken,
    }

    /// <summary>Decodes the head of a reply with payload as soon as it is there, whatever has arrived of the payload.</summary>
    private HeadOutcome BeginPayload(ref ReadOnlySequence<byte> buffer, int length, uint xid, IRpcPending call, out string? wrong)
    {
        wrong = null;
        var arrived = buffer.Slice(RecordMark.Size, Math.Min(length, buffer.Length - RecordMark.Size));
        var size = (int)Math.Min(arrived.Length, PayloadHeadBytes);
        byte[]? rented = null;
        var head = arrived.FirstSpan;
        if (!NeedsMore(head, call, length, out var bodyAt, out var headLength, out wrong) && wrong is null)
        {
            // All of the head lies in the first segment: the usual case.
        }
        else if (head.Length < size && wrong is null)
        {
            rented = ArrayPool<byte>.Shared.Rent(size);
            arrived.Slice(0, size).CopyTo(rented);
            head = rented.AsSpan(0, size);
            NeedsMore(head, call, length, out bodyAt, out headLength, out wrong);
        }

        var outcome = HeadOutcome.Stopped;
        if (wrong is null && headLength >= 0)
            outcome = bodyAt < 0 ? HeadOutcome.Ordinary : TakeHead(head[bodyAt..headLength], length - headLength, xid, out wrong);
        if (outcome == HeadOutcome.Taken)
            buffer = buffer.Slice(RecordMark.Size + headLength);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return outcome;
    }

    /// <summary>Finds the head's length; -1 while it is not known. <paramref name="bodyAt"/> is -1 when the call was not executed.</summary>
    private static bool NeedsMore(ReadOnlySpan<byte> head, IRpcPending call, int length, out int bodyAt, out int headLength, out string? wrong)
    {
        wrong = null;
        bodyAt = headLength = -1;
        if (RpcReplyHeader.TryGetLength(head, out var needed))
        {
            var reader = new XdrReader(head[..needed]);
            var header = RpcReplyHeader.Read(ref reader);
            if (!header.IsSuccess)
            {
                headLength = needed;
                return false;
            }

            var at = needed;
            if (call.TryGetBodyLength(head[at..], out needed))
            {
                bodyAt = at;
                headLength = at + needed;
                return false;
            }

            needed += at;
        }

        if (needed > length)
            wrong = $"its reply to {call.Description} is too short";
        else if (needed > PayloadHeadBytes)
            wrong = $"its reply to {call.Description} has {needed} bytes before the payload, the limit is {PayloadHeadBytes}";
        return true;
    }

    private HeadOutcome TakeHead(ReadOnlySpan<byte> body, int payloadLength, uint xid, out string? wrong)
    {
        wrong = null;
        if (calls.Take(xid) is not { } call)
            return HeadOutcome.Ordinary; // given up just now; the record is then skipped like any other nobody waits for
        var reader = new XdrReader(body);
        wrong = call.BeginPayload(ref reader, payloadLength, out var place);
        if (wrong is not null)
        {
            wrong = $"its reply to {call.Description} cannot be understood: {wrong}";
            call.Lost(connectionEnded: true);
            return HeadOutcome.Stopped;
        }

        _filling = call;
        _destination = place.Destination[..place.Length];
        return HeadOutcome.Taken;
    }

    /// <summary>Copies payload to the caller's memory; whether it is complete.</summary>
    private bool Fill(ref ReadOnlySequence<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, _destination.Length);
        buffer.Slice(0, count).CopyTo(_destination.Span);
        buffer = buffer.Slice(count);
        _destination = _destination[count..];
        if (!_destination.IsEmpty)
            return false;
        var call = _filling!;
        _filling = null;
        call.PayloadArrived();
        return true;
    }

    private string? Assemble(ref ReadOnlySequence<byte> buffer, out bool progress)
    {
        progress = false;
        _assembler ??= new RecordAssembler(recordLimit);
        while (!buffer.IsEmpty)
        {
            var piece = buffer.FirstSpan;
            var before = piece.Length;
            var complete = _assembler.Consume(ref piece);
            buffer = buffer.Slice(before - piece.Length);
            if (_assembler.Failure is { } failure)
                return failure;
            if (!complete)
                continue;
            _assembling = false;
            progress = true;
            var record = _assembler.Record;
            return record.Length < PrefixBytes - RecordMark.Size ? $"it sent a record of {record.Length} bytes, too short for a call or a reply" : Dispatch(record);
        }

        return null;
    }

    private string? Dispatch(ReadOnlySpan<byte> record)
    {
        var reader = new XdrReader(record);
        switch ((RpcMessageType)BinaryPrimitives.ReadUInt32BigEndian(record[4..]))
        {
            case RpcMessageType.Reply:
                var reply = RpcReplyHeader.Read(ref reader);
                if (reader.Failed)
                    return $"it sent a reply that cannot be read: {reader.Failure}";
                if (calls.Take(reply.Xid) is not { } call)
                {
                    ReportStranger(reply.Xid);
                    return null;
                }

                var description = call.Description;
                return call.Reply(in reply, ref reader) is { } wrong ? $"its reply to {description} cannot be understood: {wrong}" : null;

            case RpcMessageType.Call:
                if (RpcCallHeader.Read(ref reader, out var header) != RpcCallVerdict.Call)
                    return $"it sent a call that cannot be read: {reader.Failure}";
                client.Callback?.Invoke(header.Program, header.Procedure, ref reader);
                return null;

            default:
                return "it sent a record that is neither a call nor a reply";
        }
    }

    private void ReportStranger(uint xid)
    {
        if (_strangerReported)
            return;
        _strangerReported = true;
        RpcClientLog.UnknownXid(logger, connection.RemoteName, xid);
    }
}
