using BlockProxy.Io;

namespace BlockProxy.Block;

internal enum FileOperationKind
{
    Read,
    Write,
    Flush,
    Trim,
    WriteZeroes,
    Cache,
    Describe,
}

/// <summary>One request of a <see cref="FileDevice"/> on its way through the blocking workers; pooled. It completes on the worker.</summary>
internal sealed class FileOperation(FileDevice device) : PooledOperation<BlockError>, IBlockingWork
{
    private FileOperationKind _kind;
    private long _offset;
    private long _length;
    private BlockWriteFlags _flags;
    private Memory<byte> _destination;
    private Payload _data;
    private int _maximumExtents;
    private ICollection<BlockExtent>? _extents;

    public ValueTask<BlockError> StartRead(long offset, Memory<byte> destination)
    {
        _destination = destination;
        return Start(FileOperationKind.Read, offset, destination.Length, BlockWriteFlags.None);
    }

    public ValueTask<BlockError> StartWrite(long offset, Payload data, BlockWriteFlags flags)
    {
        _data = data;
        return Start(FileOperationKind.Write, offset, data.Length, flags);
    }

    public ValueTask<BlockError> StartDescribe(long offset, long length, int maximumExtents, ICollection<BlockExtent> extents)
    {
        _maximumExtents = maximumExtents;
        _extents = extents;
        return Start(FileOperationKind.Describe, offset, length, BlockWriteFlags.None);
    }

    public ValueTask<BlockError> Start(FileOperationKind kind, long offset, long length, BlockWriteFlags flags)
    {
        (_kind, _offset, _length, _flags) = (kind, offset, length, flags);
        // Taken before it is queued: afterwards it may complete, and be recycled, at any moment.
        var task = Task;
        device.Queue(this);
        return task;
    }

    public void Run()
    {
        BlockError error;
        try
        {
            error = Perform();
        }
        catch (ObjectDisposedException)
        {
            error = BlockError.ShuttingDown; // the device was closed while this waited its turn
        }

        SetResult(error);
    }

    protected override void Recycle()
    {
        _destination = default;
        _data = default;
        _extents = null;
        device.Return(this);
    }

    private BlockError Perform() => _kind switch
    {
        FileOperationKind.Read => device.Read(_offset, _destination.Span),
        FileOperationKind.Write => device.Write(_offset, _data.Span, _flags),
        FileOperationKind.Flush => device.Flush(),
        FileOperationKind.Trim => device.Trim(_offset, _length, _flags),
        FileOperationKind.WriteZeroes => device.WriteZeroes(_offset, _length, _flags),
        FileOperationKind.Cache => device.Cache(_offset, _length),
        _ => device.Describe(_offset, _length, _maximumExtents, _extents!),
    };
}
