using System.Runtime.CompilerServices;
using BlockProxy.Block;
using BlockProxy.Io;
using BlockProxy.Nbd.Wire;

namespace BlockProxy.Nbd;

/// <summary>
/// One request from its header to its sent reply. Pooled: a connection makes as many as it ever has in flight. It owns the payload buffer of
/// a write, or of a read's data, from <see cref="Prepare"/> until the reply is queued; the send queue holds its own reference.
/// </summary>
internal sealed class ServedCommand : ISendObserver
{
    private const int SparseExtentLimit = 1024; // of one read; beyond it the zeroes are sent

    private readonly Transmission _owner;
    private readonly Action _deviceDone;
    private readonly List<BlockExtent> _extents = [];
    private NbdRequest _request;
    private BlockError _verdict;
    private PooledBuffer? _buffer;
    private long _windowBytes;
    private uint _missing;
    private bool _sparse;
    private ConfiguredValueTaskAwaitable<BlockError>.ConfiguredValueTaskAwaiter _device;

    public ServedCommand(Transmission owner)
    {
        _owner = owner;
        _deviceDone = DeviceDone;
    }

    /// <summary>Whether the payload, if there is one, was received or skipped.</summary>
    public bool IsWhole => _missing == 0;

    /// <summary>The part of the payload buffer that is not filled yet; empty when the payload is being skipped.</summary>
    public Memory<byte> Rest => _buffer is { } buffer && _request.Command == NbdCommand.Write ? buffer.Memory[^(int)_missing..] : default;

    private IBlockDevice Device => _owner.Export.Device;

    private BlockWriteFlags WriteFlags =>
        ((_request.Flags & NbdCommandFlags.Fua) != 0 ? BlockWriteFlags.Fua : 0)
        | ((_request.Flags & NbdCommandFlags.NoHole) != 0 ? BlockWriteFlags.NoHole : 0)
        | ((_request.Flags & NbdCommandFlags.FastZero) != 0 ? BlockWriteFlags.FastOnly : 0);

    /// <summary>Takes a request whose place in the window is acquired.</summary>
    /// <param name="verdict">Not None: the request is answered with this error, after its payload was skipped.</param>
    /// <param name="windowBytes">What the place holds of the window's bytes.</param>
    public void Prepare(in NbdRequest request, BlockError verdict, long windowBytes)
    {
        _request = request;
        _verdict = verdict;
        _windowBytes = windowBytes;
        _sparse = false;
        ClearExtents();
        _missing = request.Command == NbdCommand.Write ? request.Length : 0;
        if (verdict == BlockError.None && request.Command is NbdCommand.Read or NbdCommand.Write)
            _buffer = _owner.Pool.Rent((int)request.Length);
    }

    /// <summary>Takes payload from what was received; returns how many bytes of it.</summary>
    public int Take(ReadOnlySpan<byte> received)
    {
        var count = (int)Math.Min(_missing, (uint)received.Length);
        if (_buffer is not null && count > 0)
            received[..count].CopyTo(Rest.Span);
        _missing -= (uint)count;
        return count;
    }

    /// <summary>Says that <paramref name="count"/> bytes were received into <see cref="Rest"/>.</summary>
    public void Received(int count) => _missing -= (uint)count;

    /// <summary>The connection ended before the payload was whole.</summary>
    public void Abandon()
    {
        ReleaseBuffer();
        _owner.Retire(this, _windowBytes);
    }

    /// <summary>Hands the request to the device; the reply follows when it completes, now or later.</summary>
    public void Begin()
    {
        if (_verdict != BlockError.None)
        {
            Fail(_verdict);
            return;
        }

        BlockError error;
        try
        {
            var started = StartOnDevice();
            if (!started.IsCompleted)
            {
                _device = started.ConfigureAwait(false).GetAwaiter();
                _device.UnsafeOnCompleted(_deviceDone);
                return;
            }

            error = started.GetAwaiter().GetResult();
        }
#pragma warning disable CA1031 // a device that throws is a bug in it, and costs one request, not the server
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            error = Threw(thrown);
        }

        Reply(error);
    }

    void ISendObserver.Sent(bool sent) => _owner.Retire(this, _windowBytes);

    private ValueTask<BlockError> StartOnDevice()
    {
        var offset = (long)_request.Offset;
        long length = _request.Length;
        switch (_request.Command)
        {
            case NbdCommand.Read:
                return StartRead(offset, length);
            case NbdCommand.Write:
                return Device.WriteAsync(offset, _buffer!, WriteFlags);
            case NbdCommand.Flush:
                return Device.FlushAsync();
            case NbdCommand.Trim:
                return Device.TrimAsync(offset, length, WriteFlags);
            case NbdCommand.WriteZeroes:
                return Device.WriteZeroesAsync(offset, length, WriteFlags);
            case NbdCommand.Cache:
                return Device.CacheAsync(offset, length);
            case NbdCommand.BlockStatus:
                var one = (_request.Flags & NbdCommandFlags.ReqOne) != 0;
                return Device.DescribeAsync(offset, length, one ? 1 : _owner.Limits.MaxExtents, _extents);
            default:
                throw new InvalidOperationException($"command {_request.Command} passed the check");
        }
    }

    private ValueTask<BlockError> StartRead(long offset, long length)
    {
        // Holes are sent as holes where the device knows them at once and the client did not ask for one piece.
        if (!_owner.Replies.Structured || (_request.Flags & NbdCommandFlags.Df) != 0 || !Device.Info.KnowsHolesCheaply)
            return Device.ReadAsync(offset, _buffer!.Memory);
        var described = Device.DescribeAsync(offset, length, SparseExtentLimit, _extents);
        if (!described.IsCompleted)
            return ReadSparseAsync(described, offset, length);
        var error = described.GetAwaiter().GetResult();
        if (error == BlockError.None && _extents is not [{ Kind: BlockExtentKind.Data }])
            return ReadSparseAsync(new(error), offset, length);
        _extents.Clear();
        // A description that failed says nothing about the read.
        return Device.ReadAsync(offset, _buffer!.Memory);
    }

    private async ValueTask<BlockError> ReadSparseAsync(ValueTask<BlockError> described, long offset, long length)
    {
        var error = await described.ConfigureAwait(false);
        var covered = 0L;
        foreach (var extent in _extents)
            covered += extent.Length;
        if (error != BlockError.None || covered != length)
        {
            _extents.Clear();
            return await Device.ReadAsync(offset, _buffer!.Memory).ConfigureAwait(false);
        }

        var at = 0;
        foreach (var extent in _extents)
        {
            if ((extent.Kind & BlockExtentKind.Zero) == 0)
            {
                error = await Device.ReadAsync(offset + at, _buffer!.Memory.Slice(at, (int)extent.Length)).ConfigureAwait(false);
                if (error != BlockError.None)
                    return error;
            }

            at += (int)extent.Length;
        }

        _sparse = true;
        return BlockError.None;
    }

    private void DeviceDone()
    {
        BlockError error;
        try
        {
            error = _device.GetResult();
        }
#pragma warning disable CA1031 // as in Begin
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            error = Threw(thrown);
        }

        _device = default;
        Reply(error);
    }

    private void Reply(BlockError error)
    {
        if (error != BlockError.None)
        {
            Fail(error);
            return;
        }

        // Once the reply is queued, another thread may have sent it and the command may serve another request: hands off after that.
        var buffer = _buffer;
        _buffer = null;
        switch (_request.Command)
        {
            case NbdCommand.Read when _sparse:
                _owner.Replies.Sparse(_request, _extents, buffer!, this);
                break;
            case NbdCommand.Read:
                _owner.Replies.Data(_request, buffer!, this);
                break;
            case NbdCommand.BlockStatus:
                buffer = _owner.Pool.Rent(_extents.Count * BlockDescriptor.Size);
                _owner.Replies.BlockStatus(_request, new Payload(buffer.Memory[..EncodeExtents(buffer.Span)], buffer), this);
                break;
            default:
                _owner.Replies.Done(_request, this);
                break;
        }

        buffer?.Release();
    }

    private void Fail(BlockError error)
    {
        NbdLog.RequestFailed(_owner.Logger, _owner.Client, _request.Command, _request.Flags, _request.Offset, _request.Length, error);
        ReleaseBuffer();
        _owner.Replies.Failed(_request, error, this);
    }

    /// <summary>Neighbours of one kind become one descriptor, as the text wants it. Returns the bytes written.</summary>
    private int EncodeExtents(Span<byte> destination)
    {
        var at = 0;
        var run = default(BlockDescriptor);
        foreach (var extent in _extents)
        {
            var flags = (AllocationFlags)extent.Kind;
            if (run.Length > 0 && run.Flags != flags)
            {
                run.Write(destination[at..]);
                at += BlockDescriptor.Size;
                run = default;
            }

            run = new(run.Length + (uint)extent.Length, flags);
        }

        run.Write(destination[at..]);
        return at + BlockDescriptor.Size;
    }

    private void ClearExtents()
    {
        _extents.Clear();
        // A request that needed many is rare; its list is not kept.
        if (_extents.Capacity > SparseExtentLimit)
            _extents.Capacity = 0;
    }

    private BlockError Threw(Exception thrown)
    {
        NbdLog.DeviceThrew(_owner.Logger, thrown, _owner.Export.Name, _request.Command);
        return BlockError.Io;
    }

    private void ReleaseBuffer()
    {
        _buffer?.Release();
        _buffer = null;
    }
}
