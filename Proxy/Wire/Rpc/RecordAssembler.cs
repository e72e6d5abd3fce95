using System.Buffers;

namespace BlockProxy.Proxy.Wire.Rpc;

/// <summary>
/// Puts whole records together from a stream that arrives in pieces of any size, from one or several fragments. A receive loop that
/// places payloads itself reads <see cref="RecordMark"/>s on its own and hands over to this class only for records of several fragments.
/// </summary>
public sealed class RecordAssembler(int recordLimit) : IDisposable
{
    private readonly byte[] _mark = new byte[RecordMark.Size];
    private byte[] _record = [];
    private int _markFilled;
    private int _filled;
    private int _fragmentLeft;
    private int _fragments;
    private bool _last;
    private bool _complete;

    /// <summary>The most bytes of a record. A server raises it after SETVOLUME.</summary>
    public int RecordLimit { get; set; } = recordLimit;

    /// <summary>What was wrong; null while all is well. After a failure the stream cannot be followed any further.</summary>
    public string? Failure { get; private set; }

    /// <summary>Whether the stream may end here: nothing of a next record has arrived.</summary>
    public bool IsBetweenRecords => _complete || (_markFilled == 0 && _fragments == 0);

    /// <summary>The record, once <see cref="Consume"/> returned true; valid until the next call of it.</summary>
    public ReadOnlySpan<byte> Record => _record.AsSpan(0, _filled);

    /// <summary>Takes bytes from <paramref name="input"/> up to the end of the next record and says whether that was reached.</summary>
    public bool Consume(ref ReadOnlySpan<byte> input)
    {
        if (_complete)
        {
            _complete = false;
            _filled = 0;
            _fragments = 0;
        }

        while (Failure is null)
        {
            if (_markFilled < RecordMark.Size)
            {
                if (!ReadMark(ref input))
                    return false;
                continue;
            }

            var taken = Math.Min(input.Length, _fragmentLeft);
            EnsureRoom(taken);
            input[..taken].CopyTo(_record.AsSpan(_filled));
            input = input[taken..];
            _filled += taken;
            _fragmentLeft -= taken;
            if (_fragmentLeft > 0)
                return false;
            _markFilled = 0;
            if (_last)
                return _complete = true;
        }

        return false;
    }

    public void Dispose()
    {
        if (_record.Length > 0)
            ArrayPool<byte>.Shared.Return(_record);
        _record = [];
        _filled = 0;
    }

    private bool ReadMark(ref ReadOnlySpan<byte> input)
    {
        var taken = Math.Min(input.Length, RecordMark.Size - _markFilled);
        input[..taken].CopyTo(_mark.AsSpan(_markFilled));
        input = input[taken..];
        _markFilled += taken;
        if (_markFilled < RecordMark.Size)
            return false;

        var mark = RecordMark.Read(_mark);
        if (mark.Length > RecordLimit - _filled)
            Failure = $"a record announces {(long)_filled + mark.Length} bytes, the limit is {RecordLimit}";
        else if (++_fragments > WireLimits.FragmentsPerRecord)
            Failure = $"a record of more than {WireLimits.FragmentsPerRecord} fragments";
        _fragmentLeft = mark.Length;
        _last = mark.IsLast;
        return true;
    }

    /// <summary>Memory grows with what has arrived, not with what was announced.</summary>
    private void EnsureRoom(int more)
    {
        if (_record.Length - _filled >= more)
            return;
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(_filled + more, _record.Length * 2));
        Record.CopyTo(grown);
        if (_record.Length > 0)
            ArrayPool<byte>.Shared.Return(_record);
        _record = grown;
    }
}
