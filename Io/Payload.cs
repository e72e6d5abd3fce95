namespace BlockProxy.Io;

/// <summary>
/// The bytes of a write: a slice of a <see cref="PooledBuffer"/>, or of plain memory that the garbage collector owns. Borrowed by whoever
/// receives it until the operation completes; <see cref="Retain"/> keeps it longer.
/// </summary>
public readonly struct Payload(ReadOnlyMemory<byte> memory, PooledBuffer? owner = null) : IEquatable<Payload>
{
    private readonly PooledBuffer? _owner = owner;

    public ReadOnlyMemory<byte> Memory { get; } = memory;

    public ReadOnlySpan<byte> Span => Memory.Span;

    public int Length => Memory.Length;

    /// <summary>Whether the memory is known not to move: pools keep their buffers on the pinned heap.</summary>
    internal bool IsPinned => _owner is not null;

    public bool IsEmpty => Memory.IsEmpty;

    /// <summary>A part of the same bytes; it shares the owner and takes no reference.</summary>
    public Payload Slice(int start, int length) => new(Memory.Slice(start, length), _owner);

    /// <summary>Takes a reference on the buffer behind the bytes, if a pool owns it.</summary>
    public Payload Retain()
    {
        _owner?.Retain();
        return this;
    }

    /// <summary>Gives back the reference that <see cref="Retain"/> took.</summary>
    public void Release() => _owner?.Release();

    public static implicit operator Payload(byte[] bytes) => new(bytes);

    public static implicit operator Payload(ReadOnlyMemory<byte> bytes) => new(bytes);

    public static implicit operator Payload(PooledBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        return new(buffer.Memory, buffer);
    }

    public static Payload FromPooledBuffer(PooledBuffer buffer) => buffer;

    /// <summary>Two payloads are equal when they are the same piece of memory, not when their bytes are.</summary>
    public bool Equals(Payload other) => Memory.Equals(other.Memory) && ReferenceEquals(_owner, other._owner);

    public override bool Equals(object? obj) => obj is Payload other && Equals(other);

    public override int GetHashCode() => Memory.GetHashCode();

    public static bool operator ==(Payload left, Payload right) => left.Equals(right);

    public static bool operator !=(Payload left, Payload right) => !left.Equals(right);
}
