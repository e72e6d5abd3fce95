using System.Runtime.InteropServices;

namespace BlockProxy.Io.Linux;

/// <summary>The segments of a <see cref="SendBatch"/> as the system wants them, and how far they were sent.</summary>
internal sealed unsafe class VectorList
{
    private readonly List<GCHandle> _pins = [];
    private Libc.IoVector[] _vectors = GC.AllocateUninitializedArray<Libc.IoVector>(64, pinned: true);
    private int _next;
    private int _count;

    public void Load(SendBatch batch)
    {
        var segments = batch.Segments;
        if (segments.Count > _vectors.Length)
            _vectors = GC.AllocateUninitializedArray<Libc.IoVector>(SendBatch.SegmentLimit, pinned: true);
        _next = 0;
        _count = segments.Count;
        for (var i = 0; i < segments.Count; i++)
        {
            var segment = segments[i];
            // What comes from the pool, and every head, lies on the pinned heap and does not move.
            if (!batch.AllPinned)
                _pins.Add(GCHandle.Alloc(segment.Array, GCHandleType.Pinned));
            _vectors[i].Base = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(segment.Array!, segment.Offset);
            _vectors[i].Length = segment.Count;
        }
    }

    public void Unload()
    {
        foreach (var pin in _pins)
            pin.Free();
        _pins.Clear();
        _next = _count = 0;
    }

    /// <summary>Sends what is left; 0 when everything was sent, otherwise the error that stopped it.</summary>
    public int Send(SafeHandle socket)
    {
        while (_next < _count)
        {
            nint sent;
            fixed (Libc.IoVector* vectors = _vectors)
            {
                var message = new Libc.MessageHeader { Vectors = vectors + _next, VectorCount = _count - _next };
                sent = Libc.sendmsg(socket, &message, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
            }

            if (sent < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                if (error == Libc.EINTR)
                    continue;
                return error;
            }

            Advance(sent);
        }

        return 0;
    }

    private void Advance(nint sent)
    {
        while (sent > 0)
        {
            ref var vector = ref _vectors[_next];
            if (sent < vector.Length)
            {
                vector.Base = (byte*)vector.Base + sent;
                vector.Length -= sent;
                return;
            }

            sent -= vector.Length;
            _next++;
        }
    }
}
