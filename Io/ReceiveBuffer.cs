namespace BlockProxy.Io;

/// <summary>
/// Bytes received and not consumed yet, in one pooled block of fixed size: for protocols whose messages are small or whose payloads are
/// received straight into their own buffer.
/// </summary>
/// <remarks>Used by one reader; <see cref="Dispose"/> gives the block back.</remarks>
public sealed class ReceiveBuffer : IDisposable
{
    private readonly PooledBuffer _block;
    private int _start;
    private int _end;
    private bool _disposed;

    /// <param name="pool">Where the block comes from.</param>
    /// <param name="capacity">Bytes; no message that must be seen whole may be longer.</param>
    public ReceiveBuffer(BufferPool pool, int capacity)
    {
        ArgumentNullException.ThrowIfNull(pool);
        _block = pool.Rent(capacity);
    }

    public int Capacity => _block.Length;

    /// <summary>What was received and not consumed.</summary>
    public ReadOnlySpan<byte> Unread => _block.Span[_start.._end];

    /// <summary>The same bytes as memory; they stay in place until the next use of <see cref="Free"/>.</summary>
    public ReadOnlyMemory<byte> UnreadMemory => _block.Memory[_start.._end];

    /// <summary>Room for the next receive, never empty while less than <see cref="Capacity"/> is unread.</summary>
    public Memory<byte> Free
    {
        get
        {
            if (_start == _end)
            {
                _start = _end = 0;
            }
            else if (_start > 0)
            {
                // What is left over is the beginning of a message; moving it keeps the next receive large.
                _block.Span[_start.._end].CopyTo(_block.Span);
                _end -= _start;
                _start = 0;
            }

            return _block.Memory[_end..];
        }
    }

    /// <summary>Says that <paramref name="count"/> bytes were received into <see cref="Free"/>.</summary>
    public void Received(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_block.Length - _end));
        _end += count;
    }

    /// <summary>Drops the first <paramref name="count"/> unread bytes.</summary>
    public void Consume(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_end - _start));
        _start += count;
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _block.Release();
    }
}
