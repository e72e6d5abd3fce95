using System.Buffers;
using System.Buffers.Binary;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Wire.Xdr;

/// <summary>
/// Writes XDR (RFC 4506: big-endian, padded to 4 bytes) into scratch memory: first into what the caller gave (a stackalloc, say), then into arrays
/// of the shared pool. Nothing is allocated in the steady state.
/// </summary>
/// <remarks>
/// It is passed by reference and must be disposed: <c>var writer = new XdrWriter(stackalloc byte[512]); try { … Send(writer.Written); } finally { writer.Dispose(); }</c>
/// </remarks>
public ref struct XdrWriter
{
    private const int SmallestRent = 1024;

    private Span<byte> _buffer;
    private byte[]? _rented;
    private int _length;

    /// <param name="scratch">Used as long as it is large enough.</param>
    public XdrWriter(Span<byte> scratch) => _buffer = scratch;

    /// <summary>Bytes written.</summary>
    public readonly int Length => _length;

    /// <summary>What was written; valid until the next write.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    /// <summary>Takes the next <paramref name="length"/> bytes, with undefined content, for the caller to fill.</summary>
    public Span<byte> Reserve(int length)
    {
        if (length > _buffer.Length - _length)
            Grow(length);
        var reserved = _buffer.Slice(_length, length);
        _length += length;
        return reserved;
    }

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);

    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Reserve(4), value);

    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Reserve(8), value);

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Reserve(8), value);

    public void WriteDouble(double value) => BinaryPrimitives.WriteDoubleBigEndian(Reserve(8), value);

    /// <summary>16 raw bytes.</summary>
    public void WriteGfid(Gfid gfid) => gfid.Write(Reserve(Gfid.Size));

    /// <summary>Bytes as they are, neither length nor padding.</summary>
    public void WriteRaw(scoped ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>u32 length, bytes, padding.</summary>
    public void WriteOpaque(scoped ReadOnlySpan<byte> bytes)
    {
        WriteUInt32((uint)bytes.Length);
        WriteRaw(bytes);
        Pad(bytes.Length);
    }

    /// <summary>A string without a NUL; see <see cref="ByteText"/>.</summary>
    public void WriteText(scoped ReadOnlySpan<char> text) => WriteText(text, terminated: false);

    /// <summary>A string whose length includes one NUL at its end: keys and text values of dictionaries.</summary>
    public void WriteTerminatedText(scoped ReadOnlySpan<char> text) => WriteText(text, terminated: true);

    /// <summary>Overwrites a word written before: sizes that are known only afterwards.</summary>
    public readonly void PatchUInt32(int at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(_buffer[.._length].Slice(at, 4), value);

    /// <summary>Takes back the last bytes: room that was reserved and not needed.</summary>
    public void Shrink(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _length);
        _length -= bytes;
    }

    /// <summary>Forgets what was written and keeps the memory.</summary>
    public void Clear() => _length = 0;

    /// <summary>Gives the memory back to the pool.</summary>
    public void Dispose()
    {
        var rented = _rented;
        this = default;
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    private void WriteText(scoped ReadOnlySpan<char> text, bool terminated)
    {
        var at = _length;
        WriteUInt32(0);
        var room = Reserve(ByteText.MaximumByteCount(text) + 1);
        var length = ByteText.Encode(text, room);
        if (terminated)
            room[length++] = 0;
        Shrink(room.Length - length);
        PatchUInt32(at, (uint)length);
        Pad(length);
    }

    private void Pad(int length)
    {
        var padding = -length & 3;
        if (padding > 0)
            Reserve(padding).Clear();
    }

    private void Grow(int more)
    {
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestRent, Math.Max(_length + more, _buffer.Length * 2)));
        Written.CopyTo(grown);
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
        _rented = grown;
        _buffer = grown;
    }
}
