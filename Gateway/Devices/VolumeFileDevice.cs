using BlockProxy.Block;
using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Graph;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Gateway.Devices;

/// <summary>
/// A file on a volume as a block device: each request becomes fops on the open fd. The size is what the file had when it was opened.
/// </summary>
public sealed class VolumeFileDevice : IBlockDevice
{
    /// <summary>Bytes of one zerofill: bricks write zeros where they cannot make them, and a fop must not take minutes.</summary>
    public const long ZerofillPiece = 64L << 20;

    private readonly Volume _volume;
    private readonly Fd _fd;
    private readonly string _export;
    private readonly string _file;
    private readonly ILogger _logger;
    private readonly FopContext _context;
    private bool _cannotDiscard;

    internal VolumeFileDevice(Volume volume, Fd fd, string export, string file, BlockDeviceInfo info, FopContext context, ILogger logger)
    {
        _volume = volume;
        _fd = fd;
        _export = export;
        _file = file;
        _context = context;
        _logger = logger;
        Info = info;
    }

    public BlockDeviceInfo Info { get; }

    public async ValueTask<BlockError> ReadAsync(long offset, Memory<byte> destination)
    {
        var reply = await _volume.Top.ReadAsync(_context, new ReadRequest(_fd, offset, destination));
        if (reply.Errno != Errno.None)
            return Failed(Fop.Read, offset, destination.Length, reply.Errno);
        // What lies beyond the end of the file (another client may have shortened it) reads as zeros, as it does on a disk.
        destination.Span[reply.Count..].Clear();
        return BlockError.None;
    }

    public async ValueTask<BlockError> WriteAsync(long offset, Payload data, BlockWriteFlags flags)
    {
        var written = 0;
        while (written < data.Length)
        {
            var reply = await _volume.Top.WriteAsync(_context, new WriteRequest(_fd, offset + written, data.Slice(written, data.Length - written)));
            if (reply.Errno != Errno.None)
                return Failed(Fop.Write, offset, data.Length, reply.Errno);
            if (reply.Count <= 0)
                return Failed(Fop.Write, offset, data.Length, Errno.ENOSPC);
            written += reply.Count;
        }

        return (flags & BlockWriteFlags.Fua) != 0 ? await FlushAsync() : BlockError.None;
    }

    public async ValueTask<BlockError> FlushAsync()
    {
        // fdatasync is enough: it makes the data durable, and of the metadata what is needed to read it back.
        var reply = await _volume.Top.FsyncAsync(_context, new FsyncRequest(_fd, DataOnly: true));
        return reply.Errno == Errno.None ? BlockError.None : Failed(Fop.Fsync, 0, Info.Size, reply.Errno);
    }

    public async ValueTask<BlockError> TrimAsync(long offset, long length, BlockWriteFlags flags)
    {
        if (Volatile.Read(ref _cannotDiscard))
            return BlockError.None; // a trim is a hint
        var reply = await _volume.Top.DiscardAsync(_context, new DiscardRequest(_fd, offset, length));
        if (reply.Errno == Errno.EOPNOTSUPP)
        {
            RememberNoDiscard();
            return BlockError.None;
        }

        if (reply.Errno != Errno.None)
            return Failed(Fop.Discard, offset, length, reply.Errno);
        return (flags & BlockWriteFlags.Fua) != 0 ? await FlushAsync() : BlockError.None;
    }

    public async ValueTask<BlockError> WriteZeroesAsync(long offset, long length, BlockWriteFlags flags)
    {
        var error = (flags & BlockWriteFlags.NoHole) == 0 && !Volatile.Read(ref _cannotDiscard)
            ? await PunchAsync(offset, length, flags)
            : (flags & BlockWriteFlags.FastOnly) != 0 ? BlockError.NotSupported : await ZerofillAsync(offset, length);
        return error == BlockError.None && (flags & BlockWriteFlags.Fua) != 0 ? await FlushAsync() : error;
    }

    public ValueTask<BlockError> CacheAsync(long offset, long length) => new(BlockError.None);

    public async ValueTask<BlockError> DescribeAsync(long offset, long length, int maximumExtents, ICollection<BlockExtent> extents)
    {
        var end = offset + length;
        for (var at = offset; at < end && maximumExtents > 0; maximumExtents--)
        {
            var data = await _volume.Top.SeekAsync(_context, new SeekRequest(_fd, at, SeekWhat.Data));
            if (data.Errno is Errno.EOPNOTSUPP or Errno.EINVAL or Errno.ENOSYS)
            {
                extents.Add(new(end - at, BlockExtentKind.Data));
                return BlockError.None;
            }

            if (data.Errno is not (Errno.None or Errno.ENXIO))
                return Failed(Fop.Seek, at, end - at, data.Errno);
            var dataAt = data.Errno == Errno.ENXIO ? end : Math.Min(data.Offset, end);
            if (dataAt > at)
            {
                extents.Add(new(dataAt - at, BlockExtentKind.Hole | BlockExtentKind.Zero));
                at = dataAt;
                continue;
            }

            var hole = await _volume.Top.SeekAsync(_context, new SeekRequest(_fd, at, SeekWhat.Hole));
            if (hole.Errno is not (Errno.None or Errno.ENXIO))
                return Failed(Fop.Seek, at, end - at, hole.Errno);
            // A hole that begins here was made since the first question: call the least piece data, and the next question finds it.
            var holeAt = hole.Errno == Errno.ENXIO ? end : Math.Min(Math.Max(hole.Offset, at + 1), end);
            extents.Add(new(holeAt - at, BlockExtentKind.Data));
            at = holeAt;
        }

        return BlockError.None;
    }

    public ValueTask DisposeAsync() => _volume.CloseAsync(_context, _fd);

    private async ValueTask<BlockError> PunchAsync(long offset, long length, BlockWriteFlags flags)
    {
        var reply = await _volume.Top.DiscardAsync(_context, new DiscardRequest(_fd, offset, length));
        if (reply.Errno == Errno.None)
            return BlockError.None;
        if (reply.Errno != Errno.EOPNOTSUPP)
            return Failed(Fop.Discard, offset, length, reply.Errno);
        RememberNoDiscard();
        return (flags & BlockWriteFlags.FastOnly) != 0 ? BlockError.NotSupported : await ZerofillAsync(offset, length);
    }

    private async ValueTask<BlockError> ZerofillAsync(long offset, long length)
    {
        for (var at = offset; at < offset + length; at += ZerofillPiece)
        {
            var piece = Math.Min(ZerofillPiece, offset + length - at);
            var reply = await _volume.Top.ZerofillAsync(_context, new ZerofillRequest(_fd, at, piece));
            if (reply.Errno != Errno.None)
                return Failed(Fop.Zerofill, at, piece, reply.Errno);
        }

        return BlockError.None;
    }

    private void RememberNoDiscard()
    {
        if (!Volatile.Read(ref _cannotDiscard))
            DeviceLog.NoDiscard(_logger, _export);
        Volatile.Write(ref _cannotDiscard, true);
    }

    private BlockError Failed(Fop fop, long offset, long length, Errno errno)
    {
        DeviceLog.FopFailed(_logger, _export, fop, offset, length, _file, errno);
        return ErrnoMap.ToBlockError(errno);
    }
}
