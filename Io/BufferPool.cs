using System.Collections.Concurrent;
using System.Diagnostics;
using System.Numerics;

namespace BlockProxy.Io;

/// <summary>
/// Rents <see cref="PooledBuffer"/>s in size classes that are powers of two from 4 KiB to 32 MiB. What is in use is bounded by the
/// <see cref="Window"/>s of the connections that rent; what lies idle here is bounded by <see cref="IdleBytesLimit"/>.
/// </summary>
public sealed class BufferPool
{
    private const int SmallestShift = 12; // 4 KiB: below that a class of its own saves nothing
    private const int LargestShift = 25; // 32 MiB: the largest request any front accepts

    private readonly IdleStack[] _idle;
    private readonly ConcurrentDictionary<PooledBuffer, byte>? _ledger;
    private long _idleBytes;
    private long _rented;

    /// <param name="idleBytesLimit">Bytes kept for reuse; memory returned beyond it is left to the garbage collector.</param>
    /// <param name="ledger">Whether every rented buffer is remembered with the stack that rented it, to name a leak. Costly.</param>
    public BufferPool(long idleBytesLimit = 256L << 20, bool ledger = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(idleBytesLimit);
        IdleBytesLimit = idleBytesLimit;
        _idle = new IdleStack[LargestShift - SmallestShift + 1];
        for (var i = 0; i < _idle.Length; i++)
            _idle[i] = new IdleStack();
        if (ledger)
            _ledger = new ConcurrentDictionary<PooledBuffer, byte>();
    }

    /// <summary>The pool of this process.</summary>
    public static BufferPool Shared { get; } = new();

    public long IdleBytesLimit { get; }

    /// <summary>Bytes that lie idle in the pool.</summary>
    public long IdleBytes => Volatile.Read(ref _idleBytes);

    /// <summary>Buffers rented and not returned yet. Zero when nothing is in flight; anything else then is a leak.</summary>
    public long Outstanding => Volatile.Read(ref _rented);

    /// <summary>Rents <paramref name="length"/> bytes with undefined content; the caller owns the one reference.</summary>
    public PooledBuffer Rent(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var sizeClass = SizeClassOf(length);
        var buffer = sizeClass < 0 ? null : _idle[sizeClass].TryPop();
        if (buffer is null)
        {
            // Pinned, so that a system call can be given its address without further ado.
            var capacity = sizeClass < 0 ? length : 1 << (sizeClass + SmallestShift);
            buffer = new PooledBuffer(this, GC.AllocateUninitializedArray<byte>(capacity, pinned: true), sizeClass);
        }
        else
        {
            Interlocked.Add(ref _idleBytes, -buffer.Array.Length);
        }

        buffer.Rented(length);
        Interlocked.Increment(ref _rented);
        if (_ledger is not null)
        {
            buffer.RentedAt = new StackTrace(1, fNeedFileInfo: false).ToString();
            _ledger.TryAdd(buffer, 0);
        }

        return buffer;
    }

    /// <summary>Where each outstanding buffer was rented; empty unless the pool keeps a ledger.</summary>
    public IReadOnlyList<string> Leaks() => _ledger is null ? [] : [.. _ledger.Keys.Select(b => b.RentedAt ?? "")];

    internal void Return(PooledBuffer buffer)
    {
        Interlocked.Decrement(ref _rented);
        _ledger?.TryRemove(buffer, out _);
        if (buffer.SizeClass < 0)
            return;
        if (Interlocked.Add(ref _idleBytes, buffer.Array.Length) > IdleBytesLimit)
        {
            Interlocked.Add(ref _idleBytes, -buffer.Array.Length);
            return;
        }

        _idle[buffer.SizeClass].Push(buffer);
    }

    private static int SizeClassOf(int length)
    {
        if (length <= 1 << SmallestShift)
            return 0;
        var shift = BitOperations.Log2((uint)length - 1) + 1;
        return shift > LargestShift ? -1 : shift - SmallestShift;
    }

    /// <summary>The buffer returned last is rented first: its memory is the most likely to be in the processor's cache.</summary>
    private sealed class IdleStack
    {
        private readonly Lock _gate = new();
        private PooledBuffer?[] _items = new PooledBuffer?[16];
        private int _count;

        public PooledBuffer? TryPop()
        {
            lock (_gate)
            {
                if (_count == 0)
                    return null;
                var item = _items[--_count];
                _items[_count] = null;
                return item;
            }
        }

        public void Push(PooledBuffer buffer)
        {
            lock (_gate)
            {
                if (_count == _items.Length)
                    Array.Resize(ref _items, _count * 2);
                _items[_count++] = buffer;
            }
        }
    }
}
