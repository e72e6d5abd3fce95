using BlockProxy.Block.Linux;
using BlockProxy.Io;
using Microsoft.Win32.SafeHandles;

namespace BlockProxy.Block;

/// <summary>
/// A raw image file, or a block device of the system, as a device. Reads that the page cache can answer run on the caller; everything else
/// runs on <see cref="BlockingWorkers"/>, never on a receive loop.
/// </summary>
/// <remarks>
/// A flush is fdatasync, which also writes the metadata that reading the data back takes; a write with FUA is one write with RWF_DSYNC, so it
/// does not wait for what others wrote. After a flush failed, the system has forgotten which pages were not written: every later flush fails
/// too, for none could be trusted.
/// </remarks>
public sealed class FileDevice : IBlockDevice
{
    /// <summary>The largest read that is tried on the caller's thread, bytes: a longer copy would hold up its loop.</summary>
    public const int InlineReadLimit = 256 << 10;

    private const int ZeroBlock = 1 << 20; // bytes written at a time where the file system cannot zero

    private readonly SafeFileHandle _file;
    private readonly BlockingWorkers _workers;
    private readonly ObjectPool<FileOperation> _operations;
    private int _closed;
    private volatile bool _cachedReads = true;
    private volatile bool _punchHole = true;
    private volatile bool _zeroRange = true;
    private volatile bool _flushFailed;

    private FileDevice(SafeFileHandle file, string path, long size, bool readOnly, BlockingWorkers workers)
    {
        _file = file;
        _workers = workers;
        _operations = new ObjectPool<FileOperation>(() => new FileOperation(this), limit: 256);
        Path = path;
        Info = new BlockDeviceInfo { Size = size, ReadOnly = readOnly, CanZeroFast = true, Description = path };
    }

    public string Path { get; }

    public BlockDeviceInfo Info { get; }

    /// <summary>Opens an existing file or block device; its size at this moment is the device's.</summary>
    /// <param name="path">The file.</param>
    /// <param name="readOnly">Whether it is opened for reading only.</param>
    /// <param name="workers">The threads that do the blocking calls; null for the process's.</param>
    /// <exception cref="IOException">It cannot be opened or is no file to hold a disk; the message says why.</exception>
    public static FileDevice Open(string path, bool readOnly = false, BlockingWorkers? workers = null)
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("file devices use Linux file calls");
        if (Directory.Exists(path))
            throw new IOException($"{path} is a directory, not a disk image");
        SafeFileHandle file;
        try
        {
            // Not sharing takes an advisory lock (flock), which keeps a second gateway off the same image.
            file = File.OpenHandle(path, FileMode.Open, readOnly ? FileAccess.Read : FileAccess.ReadWrite, readOnly ? FileShare.Read : FileShare.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot open {path}: {error.Message}", error);
        }

        var failed = NativeFile.Size(file, out var size);
        if (failed == 0 && size > 0)
            return new FileDevice(file, path, size, readOnly, workers ?? BlockingWorkers.Shared);
        file.Dispose();
        throw new IOException(failed == 0 ? $"{path} is empty: a disk needs a size" : $"{path} has no size: it is no file to hold a disk");
    }

    public ValueTask<BlockError> ReadAsync(long offset, Memory<byte> destination)
    {
        var done = 0;
        if (_cachedReads && destination.Length <= InlineReadLimit)
        {
            var error = ReadCached(offset, destination.Span, ref done);
            if (error is { } settled)
                return new(settled);
        }

        return _operations.Rent().StartRead(offset + done, destination[done..]);
    }

    public ValueTask<BlockError> WriteAsync(long offset, Payload data, BlockWriteFlags flags) => _operations.Rent().StartWrite(offset, data, flags);

    public ValueTask<BlockError> FlushAsync() => _operations.Rent().Start(FileOperationKind.Flush, 0, 0, BlockWriteFlags.None);

    public ValueTask<BlockError> TrimAsync(long offset, long length, BlockWriteFlags flags) =>
        _operations.Rent().Start(FileOperationKind.Trim, offset, length, flags);

    public ValueTask<BlockError> WriteZeroesAsync(long offset, long length, BlockWriteFlags flags) =>
        _operations.Rent().Start(FileOperationKind.WriteZeroes, offset, length, flags);

    public ValueTask<BlockError> CacheAsync(long offset, long length) =>
        _operations.Rent().Start(FileOperationKind.Cache, offset, length, BlockWriteFlags.None);

    public ValueTask<BlockError> DescribeAsync(long offset, long length, int maximumExtents, ICollection<BlockExtent> extents)
    {
        ArgumentNullException.ThrowIfNull(extents);
        return _operations.Rent().StartDescribe(offset, length, maximumExtents, extents);
    }

    /// <summary>Closes the file. The caller has waited for its requests; those of others still hold the file open until they are done.</summary>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
            _file.Dispose();
        return default;
    }

    internal void Queue(FileOperation operation) => _workers.Enqueue(operation);

    internal void Return(FileOperation operation) => _operations.Return(operation);

    internal BlockError Read(long offset, Span<byte> destination) => FileErrors.ToBlockError(NativeFile.Read(_file, destination, offset));

    internal BlockError Write(long offset, ReadOnlySpan<byte> data, BlockWriteFlags flags)
    {
        var durable = (flags & BlockWriteFlags.Fua) != 0;
        var error = NativeFile.Write(_file, data, offset, durable);
        // The error may be that of an older write, which the system reports once and then forgets.
        if (durable && error == NativeFile.EIO)
            _flushFailed = true;
        return FileErrors.ToBlockError(error);
    }

    internal BlockError Flush()
    {
        if (_flushFailed)
            return BlockError.Io;
        var error = NativeFile.DataSync(_file);
        if (error == 0)
            return BlockError.None;
        _flushFailed = true;
        return FileErrors.ToBlockError(error);
    }

    internal BlockError Trim(long offset, long length, BlockWriteFlags flags)
    {
        if (_punchHole)
        {
            var error = NativeFile.PunchHole(_file, offset, length);
            if (error == NativeFile.EOPNOTSUPP)
                _punchHole = false; // and a trim is a hint: doing nothing is success
            else if (error != 0)
                return FileErrors.ToBlockError(error);
        }

        return (flags & BlockWriteFlags.Fua) != 0 ? Flush() : BlockError.None;
    }

    internal BlockError WriteZeroes(long offset, long length, BlockWriteFlags flags)
    {
        var error = ZeroFast(offset, length, mayPunch: (flags & BlockWriteFlags.NoHole) == 0);
        if (error == BlockError.NotSupported && (flags & BlockWriteFlags.FastOnly) == 0)
            error = ZeroByWriting(offset, length);
        return error == BlockError.None && (flags & BlockWriteFlags.Fua) != 0 ? Flush() : error;
    }

    internal BlockError Cache(long offset, long length)
    {
        NativeFile.WillNeed(_file, offset, length);
        return BlockError.None;
    }

    internal BlockError Describe(long offset, long length, int maximumExtents, ICollection<BlockExtent> extents)
    {
        var end = offset + length;
        for (var count = 0; offset < end && count < maximumExtents; count++)
        {
            var error = NativeFile.NextData(_file, offset, out var data);
            if (error is not (0 or NativeFile.ENXIO))
            {
                // The file system does not tell holes: all of it is data.
                extents.Add(new BlockExtent(end - offset, BlockExtentKind.Data));
                return BlockError.None;
            }

            var next = error == NativeFile.ENXIO ? end : Math.Min(data, end);
            var kind = BlockExtentKind.Hole | BlockExtentKind.Zero;
            if (next == offset)
            {
                kind = BlockExtentKind.Data;
                if (NativeFile.NextHole(_file, offset, out next) != 0 || next <= offset)
                    next = end;
                next = Math.Min(next, end);
            }

            extents.Add(new BlockExtent(next - offset, kind));
            offset = next;
        }

        return BlockError.None;
    }

    /// <summary>Null: the rest is not in the page cache, or cannot be read this way.</summary>
    private BlockError? ReadCached(long offset, Span<byte> destination, ref int done)
    {
        int error;
        try
        {
            error = NativeFile.ReadCached(_file, destination, offset, ref done);
        }
        catch (ObjectDisposedException)
        {
            return BlockError.ShuttingDown;
        }

        if (error is NativeFile.EOPNOTSUPP or NativeFile.ENOSYS)
            _cachedReads = false;
        else if (error != NativeFile.EAGAIN)
            return FileErrors.ToBlockError(error);
        return null;
    }

    private BlockError ZeroFast(long offset, long length, bool mayPunch)
    {
        if (mayPunch && _punchHole)
        {
            var error = NativeFile.PunchHole(_file, offset, length);
            if (error != NativeFile.EOPNOTSUPP)
                return FileErrors.ToBlockError(error);
            _punchHole = false;
        }

        if (_zeroRange)
        {
            var error = NativeFile.ZeroRange(_file, offset, length);
            if (error != NativeFile.EOPNOTSUPP)
                return FileErrors.ToBlockError(error);
            _zeroRange = false;
        }

        return BlockError.NotSupported;
    }

    private BlockError ZeroByWriting(long offset, long length)
    {
        var zeroes = new byte[Math.Min(length, ZeroBlock)];
        while (length > 0)
        {
            var count = (int)Math.Min(length, zeroes.Length);
            var error = NativeFile.Write(_file, zeroes.AsSpan(0, count), offset, durable: false);
            if (error != 0)
                return FileErrors.ToBlockError(error);
            offset += count;
            length -= count;
        }

        return BlockError.None;
    }
}
