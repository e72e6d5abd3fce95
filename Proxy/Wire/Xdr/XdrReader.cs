using System.Buffers.Binary;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Wire.Xdr;

/// <summary>
/// Reads XDR (RFC 4506: big-endian, padded to 4 bytes) from one contiguous piece of memory. It never throws on bad input: the first thing that is
/// wrong is kept in <see cref="Failure"/>, and every later read returns zero or nothing. Decode everything, then look at <see cref="Failed"/> once.
/// </summary>
/// <remarks>Each length is compared with a limit and with what is left before anything is allocated. Spans that are returned point into the source.</remarks>
public ref struct XdrReader(ReadOnlySpan<byte> source)
{
    private readonly ReadOnlySpan<byte> _source = source;
    private int _at;
    private int _failedAt;
    private string? _failure;

    /// <summary>Bytes read.</summary>
    public readonly int Position => _at;

    /// <summary>Bytes not read yet; 0 after a failure.</summary>
    public readonly int Remaining => _source.Length - _at;

    public readonly bool Failed => _failure is not null;

    /// <summary>What was wrong and where, for the log; null while all is well.</summary>
    public readonly string? Failure => _failure is null ? null : $"{_failure}, at byte {_failedAt} of {_source.Length}";

    /// <summary>
    /// The error to answer although the bytes decode: an fd number nobody holds (EBADF), an offset or a size beyond what is possible (EINVAL).
    /// The first one is kept. A server answers it without calling anything.
    /// </summary>
    public Errno Refusal { get; private set; }

    /// <summary>Keeps the first thing that was wrong and ends the reading.</summary>
    public void Fail(string what)
    {
        if (_failure is not null)
            return;
        _failure = what;
        _failedAt = _at;
        _at = _source.Length;
    }

    public void Refuse(Errno errno)
    {
        if (Refusal == Errno.None)
            Refusal = errno;
    }

    /// <summary>The next <paramref name="length"/> bytes; an empty span, and a failure, when they are not all there.</summary>
    public ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)(_source.Length - _at))
        {
            Fail("truncated");
            return default;
        }

        var taken = _source.Slice(_at, length);
        _at += length;
        return taken;
    }

    public uint ReadUInt32()
    {
        var bytes = Take(4);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    public int ReadInt32() => unchecked((int)ReadUInt32());

    public ulong ReadUInt64()
    {
        var bytes = Take(8);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    public long ReadInt64() => unchecked((long)ReadUInt64());

    public double ReadDouble() => BitConverter.Int64BitsToDouble(ReadInt64());

    /// <summary>16 raw bytes.</summary>
    public Gfid ReadGfid()
    {
        var bytes = Take(Gfid.Size);
        return bytes.IsEmpty ? Gfid.Null : Gfid.Read(bytes);
    }

    /// <summary>The discriminant of an optional pointer: whether one more element of a list follows.</summary>
    public bool ReadMore()
    {
        var more = ReadUInt32();
        if (more > 1)
            Fail("a list continues with neither 0 nor 1");
        return more == 1;
    }

    /// <summary>u32 length, bytes, padding.</summary>
    /// <param name="what">The name of the field, for the failure.</param>
    /// <param name="limit">The most bytes it may have.</param>
    public ReadOnlySpan<byte> ReadOpaque(string what, int limit)
    {
        var length = ReadUInt32();
        if (length > (uint)limit)
        {
            Fail($"{what} announces {length} bytes, the limit is {limit}");
            return default;
        }

        var padded = ((int)length + 3) & ~3;
        if (padded > Remaining)
        {
            Fail($"{what} announces {length} bytes, {Remaining} are left");
            return default;
        }

        return Take(padded)[..(int)length];
    }

    /// <summary>An opaque as an array of its own.</summary>
    public byte[] ReadBytes(string what, int limit)
    {
        var bytes = ReadOpaque(what, limit);
        return bytes.IsEmpty ? [] : bytes.ToArray();
    }

    /// <summary>A string that may hold anything; see <see cref="ByteText"/>.</summary>
    public string ReadText(string what, int limit)
    {
        var bytes = ReadOpaque(what, limit);
        return bytes.IsEmpty ? "" : ByteText.Decode(bytes);
    }

    /// <summary>A string that goes to system calls some day: one with a NUL inside would mean something else there, so it is a failure.</summary>
    public string ReadName(string what, int limit)
    {
        var bytes = ReadOpaque(what, limit);
        if (bytes.Contains((byte)0))
        {
            Fail($"{what} has a NUL inside");
            return "";
        }

        return bytes.IsEmpty ? "" : ByteText.Decode(bytes);
    }

    /// <summary>A failure unless everything was read.</summary>
    public void ExpectEnd()
    {
        if (Remaining > 0)
            Fail($"{Remaining} bytes too many");
    }
}
