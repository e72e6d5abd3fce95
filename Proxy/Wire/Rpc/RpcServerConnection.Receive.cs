using System.Buffers;
using BlockProxy.Io;

namespace BlockProxy.Proxy.Wire.Rpc;

/// <summary>
/// The receive loop. A record that lies in one piece is handled where it is; else its head is gathered in an array of the connection. Either
/// way the payload of a call is copied once, from the pipe into the buffer it stays in.
/// </summary>
public sealed partial class RpcServerConnection
{
    private const int SmallHead = 4096;

    private byte[] _head = [];
    private int _headFilled;

    private async Task ReceiveAsync()
    {
        var input = _duplex.Input;
        try
        {
            while (true)
            {
                var result = await input.ReadAsync();
                var buffer = result.Buffer;
                if (result.IsCanceled)
                {
                    input.AdvanceTo(buffer.Start);
                    return;
                }

                if (TryTakeMark(ref buffer, out var mark))
                {
                    if (mark.IsLast && buffer.FirstSpan.Length >= mark.Length)
                    {
                        // The whole record lies here: no byte of its head is copied.
                        await HandleAsync(buffer.First[..mark.Length]);
                        input.AdvanceTo(buffer.GetPosition(mark.Length));
                        continue;
                    }

                    input.AdvanceTo(buffer.Start);
                    await ReceiveRecordAsync(mark);
                    continue;
                }

                input.AdvanceTo(buffer.Start, buffer.End);
                if (!result.IsCompleted)
                    continue;
                if (!buffer.IsEmpty)
                    throw new ProtocolViolationException("the connection ended within a record");
                return;
            }
        }
        finally
        {
            DropHead();
        }
    }

    private bool TryTakeMark(ref ReadOnlySequence<byte> buffer, out RecordMark mark)
    {
        mark = default;
        if (buffer.Length < RecordMark.Size)
            return false;
        Span<byte> word = stackalloc byte[RecordMark.Size];
        buffer.Slice(0, RecordMark.Size).CopyTo(word);
        mark = RecordMark.Read(word);
        CheckLength(mark.Length);
        buffer = buffer.Slice(RecordMark.Size);
        return true;
    }

    private void CheckLength(long length)
    {
        var limit = IsLoggedIn ? _limits.RecordBytes : _limits.RecordBytesBeforeLogin;
        if (length > limit)
            throw new ProtocolViolationException($"a record announces {length} bytes, the limit {(IsLoggedIn ? "is" : "before the login is")} {limit}");
    }

    /// <summary>Receives a record that has not arrived in one piece; its (first) fragment's mark was taken.</summary>
    private async Task ReceiveRecordAsync(RecordMark mark)
    {
        _headFilled = 0;
        if (!mark.IsLast)
        {
            await GatherFragmentsAsync(mark);
            await HandleAsync(_head.AsMemory(0, _headFilled));
            DropHead();
            return;
        }

        // Up to where the body begins, to learn which call it is.
        int needed;
        while (!RpcCallHeader.TryGetLength(Head, out needed) && needed <= mark.Length)
            await GatherAsync(needed - _headFilled);
        if (needed > mark.Length)
            await GatherAsync(mark.Length - _headFilled);
        var start = Understand(Head);
        if (start.Program is null || !start.Program.HasPayload(start.Procedure))
        {
            await GatherAsync(mark.Length - _headFilled);
            await HandleAsync(_head.AsMemory(0, _headFilled), start, null);
            DropHead();
            return;
        }

        while (!start.Program.TryGetHeadLength(start.Procedure, Head[start.BodyAt..], out needed) && start.BodyAt + needed <= mark.Length)
            await GatherAsync(start.BodyAt + needed - _headFilled);
        var headLength = Math.Min(start.BodyAt + needed, mark.Length);
        await GatherAsync(headLength - _headFilled);
        var length = mark.Length - headLength;
        CheckPayload(length);
        var ticket = await TakeTicketAsync(new(RpcCallClass.Windowed, length));
        var payload = _buffers.Rent(length);
        try
        {
            await CopyAsync(payload.Memory);
        }
        catch
        {
            payload.Release();
            ticket.Release();
            throw;
        }

        start.Program.Dispatch(new(this, start.Xid, start.Procedure, start.Context, ticket), _head.AsMemory(start.BodyAt, headLength - start.BodyAt), payload);
        DropHead();
    }

    private static void CheckPayload(int length)
    {
        if (length > WireLimits.PayloadBytes)
            throw new ProtocolViolationException($"a call has {length} bytes of data, the limit is {WireLimits.PayloadBytes}");
    }

    /// <summary>Handles a record that lies in one piece.</summary>
    private ValueTask HandleAsync(ReadOnlyMemory<byte> record)
    {
        var start = Understand(record.Span);
        if (start.Program is not { } program || !program.HasPayload(start.Procedure))
            return HandleAsync(record, start, null);
        var body = record[start.BodyAt..];
        // A record too short for its head is handed on as it is, and the decoder refuses it.
        var headLength = program.TryGetHeadLength(start.Procedure, body.Span, out var needed) ? needed : body.Length;
        CheckPayload(body.Length - headLength);
        return HandleAsync(record, start, body[headLength..]);
    }

    private async ValueTask HandleAsync(ReadOnlyMemory<byte> record, CallStart start, ReadOnlyMemory<byte>? payload)
    {
        if (start.Program is not { } program)
        {
            SendRefusal(in start, await TakeTicketAsync(new(RpcCallClass.Control)));
            return;
        }

        var body = payload is { } raw ? record[start.BodyAt..^raw.Length] : record[start.BodyAt..];
        var ticket = await TakeTicketAsync(payload is { } counted ? new(RpcCallClass.Windowed, counted.Length) : program.Admit(start.Procedure, body.Span));
        PooledBuffer? copy = null;
        if (payload is { } bytes)
        {
            copy = _buffers.Rent(bytes.Length);
            bytes.CopyTo(copy.Memory);
        }

        program.Dispatch(new(this, start.Xid, start.Procedure, start.Context, ticket), body, copy);
    }

    private ReadOnlySpan<byte> Head => _head.AsSpan(0, _headFilled);

    /// <summary>All fragments of a record, one behind the other.</summary>
    private async Task GatherFragmentsAsync(RecordMark mark)
    {
        for (var fragments = 1; ; fragments++)
        {
            if (fragments > WireLimits.FragmentsPerRecord)
                throw new ProtocolViolationException($"a record of more than {WireLimits.FragmentsPerRecord} fragments");
            CheckLength((long)_headFilled + mark.Length);
            await GatherAsync(mark.Length);
            if (mark.IsLast)
                return;
            var word = new byte[RecordMark.Size];
            await CopyAsync(word);
            mark = RecordMark.Read(word);
        }
    }

    /// <summary>Appends the next bytes of the stream to the head. Memory grows with what has arrived, not with what was announced.</summary>
    private async ValueTask GatherAsync(int count)
    {
        while (count > 0)
        {
            var result = await _duplex.Input.ReadAsync();
            var taken = (int)Math.Min(count, result.Buffer.Length);
            EnsureHead(taken);
            result.Buffer.Slice(0, taken).CopyTo(_head.AsSpan(_headFilled));
            _headFilled += taken;
            count -= taken;
            _duplex.Input.AdvanceTo(result.Buffer.GetPosition(taken));
            CheckGoesOn(result, count);
        }
    }

    private async ValueTask CopyAsync(Memory<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var result = await _duplex.Input.ReadAsync();
            var taken = (int)Math.Min(destination.Length, result.Buffer.Length);
            result.Buffer.Slice(0, taken).CopyTo(destination.Span);
            destination = destination[taken..];
            _duplex.Input.AdvanceTo(result.Buffer.GetPosition(taken));
            CheckGoesOn(result, destination.Length);
        }
    }

    private static void CheckGoesOn(System.IO.Pipelines.ReadResult result, int missing)
    {
        if (missing == 0)
            return;
        if (result.IsCanceled)
            throw new IOException("the connection was closed");
        if (result.IsCompleted)
            throw new ProtocolViolationException("the connection ended within a record");
    }

    private void EnsureHead(int more)
    {
        if (_head.Length - _headFilled >= more)
            return;
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(SmallHead, Math.Max(_headFilled + more, _head.Length * 2)));
        Head.CopyTo(grown);
        if (_head.Length > 0)
            ArrayPool<byte>.Shared.Return(_head);
        _head = grown;
    }

    /// <summary>Forgets the head; a large one goes back to the pool, so that an idle connection holds little.</summary>
    private void DropHead()
    {
        _headFilled = 0;
        if (_head.Length <= SmallHead)
            return;
        ArrayPool<byte>.Shared.Return(_head);
        _head = [];
    }
}
