namespace BlockProxy.Io;

/// <summary>
/// A reference-counted block of memory rented from a <see cref="BufferPool"/>. It is born with one reference, which belongs to whoever
/// rented it; the memory goes back to the pool when the last reference is released.
/// </summary>
/// <remarks>
/// Ownership is one sentence: the front rents it, a fop borrows it until its <see cref="ValueTask"/> completes, and whoever keeps it longer
/// (a quorum's slow leg, a send queue) takes a reference with <see cref="Retain"/> and gives it back with <see cref="Release"/>.
/// </remarks>
public sealed class PooledBuffer
{
    private readonly BufferPool _pool;
    private readonly byte[] _array;
    private int _references;

    internal PooledBuffer(BufferPool pool, byte[] array, int sizeClass)
    {
        _pool = pool;
        _array = array;
        SizeClass = sizeClass;
    }

    /// <summary>The number of bytes asked for; the array behind it may be larger.</summary>
    public int Length { get; private set; }

    public Memory<byte> Memory => _array.AsMemory(0, Length);

    public Span<byte> Span => _array.AsSpan(0, Length);

    /// <summary>The whole rented array: for gather sends, which want an <see cref="ArraySegment{T}"/>.</summary>
    public byte[] Array => _array;

    internal int SizeClass { get; }

    internal string? RentedAt { get; set; }

    internal void Rented(int length)
    {
        Length = length;
        Volatile.Write(ref _references, 1);
    }

    /// <summary>Takes one more reference.</summary>
    public PooledBuffer Retain()
    {
        var references = Interlocked.Increment(ref _references);
        if (references <= 1)
            throw new InvalidOperationException("a buffer was retained after its last reference had been released");
        return this;
    }

    /// <summary>Gives one reference back; the last one returns the memory to the pool.</summary>
    public void Release()
    {
        var references = Interlocked.Decrement(ref _references);
        if (references < 0)
            throw new InvalidOperationException("a buffer was released more often than it was retained");
        if (references == 0)
            _pool.Return(this);
    }
}
