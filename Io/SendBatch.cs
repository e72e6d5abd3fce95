namespace BlockProxy.Io;

/// <summary>Learns that the bytes it queued were handed to the network, or that they never will be.</summary>
public interface ISendObserver
{
    /// <param name="sent">Whether the bytes were handed to the network; false when the connection ended first.</param>
    void Sent(bool sent);
}

/// <summary>
/// Messages gathered for one send: heads are copied into a scratch chunk, payloads are referenced, not copied. The batch holds a reference
/// on each payload until it was sent.
/// </summary>
public sealed class SendBatch
{
    /// <summary>Segments after which a batch is full; below the system's IOV_MAX of 1024.</summary>
    public const int SegmentLimit = 512;

    private const int ScratchSize = 16 * 1024;

    private readonly List<ArraySegment<byte>> _segments = new(64);
    private readonly List<Payload> _payloads = new(32);
    private readonly List<ISendObserver> _observers = new(32);
    private byte[] _scratch = GC.AllocateUninitializedArray<byte>(ScratchSize, pinned: true);
    private int _scratchUsed;

    /// <summary>The bytes to send, in order.</summary>
    public List<ArraySegment<byte>> Segments => _segments;

    public bool IsEmpty => _segments.Count == 0 && _observers.Count == 0;

    /// <summary>Whether every segment lies on the pinned heap: heads always do, payloads when a pool owns them.</summary>
    internal bool AllPinned { get; private set; } = true;

    /// <summary>Bytes queued in this batch.</summary>
    public long Bytes { get; private set; }

    internal void Add(ReadOnlySpan<byte> head, Payload payload, ISendObserver? observer)
    {
        if (!head.IsEmpty)
            AddHead(head);
        if (!payload.IsEmpty)
        {
            if (!System.Runtime.InteropServices.MemoryMarshal.TryGetArray(payload.Memory, out var segment))
                throw new ArgumentException("a payload is backed by an array", nameof(payload));
            _segments.Add(segment);
            _payloads.Add(payload.Retain());
            AllPinned &= payload.IsPinned;
            Bytes += segment.Count;
        }

        if (observer is not null)
            _observers.Add(observer);
    }

    /// <summary>Releases the payloads, tells the observers, and empties the batch for its next use.</summary>
    internal void Complete(bool sent)
    {
        foreach (var payload in _payloads)
            payload.Release();
        _payloads.Clear();
        _segments.Clear();
        _scratchUsed = 0;
        Bytes = 0;
        AllPinned = true;
        if (_scratch.Length > ScratchSize)
            _scratch = GC.AllocateUninitializedArray<byte>(ScratchSize, pinned: true);
        foreach (var observer in _observers)
            observer.Sent(sent);
        _observers.Clear();
    }

    private void AddHead(ReadOnlySpan<byte> head)
    {
        if (_scratch.Length - _scratchUsed < head.Length)
        {
            // Segments already queued keep the old chunk alive; the new one only has to hold what follows.
            _scratch = GC.AllocateUninitializedArray<byte>(Math.Max(ScratchSize, head.Length), pinned: true);
            _scratchUsed = 0;
        }

        head.CopyTo(_scratch.AsSpan(_scratchUsed));
        Bytes += head.Length;

        // A head that follows a head becomes part of the same segment.
        var last = _segments.Count - 1;
        if (last >= 0 && ReferenceEquals(_segments[last].Array, _scratch) && _segments[last].Offset + _segments[last].Count == _scratchUsed)
            _segments[last] = new ArraySegment<byte>(_scratch, _segments[last].Offset, _segments[last].Count + head.Length);
        else
            _segments.Add(new ArraySegment<byte>(_scratch, _scratchUsed, head.Length));
        _scratchUsed += head.Length;
    }
}
