using System.Collections.Concurrent;

namespace BlockProxy.Io;

/// <summary>A bounded free list of objects that are made on demand. Beyond the bound, returned objects are left to the collector.</summary>
/// <param name="create">Makes a new object when the list is empty.</param>
/// <param name="limit">The most objects kept idle.</param>
public sealed class ObjectPool<T>(Func<T> create, int limit)
    where T : class
{
    private readonly ConcurrentQueue<T> _idle = new();
    private T? _first;
    private int _count;

    public T Rent()
    {
        // One slot in front of the queue: the common case, one operation at a time, costs one exchange.
        var item = Interlocked.Exchange(ref _first, null);
        if (item is not null)
            return item;
        if (!_idle.TryDequeue(out item))
            return create();
        Interlocked.Decrement(ref _count);
        return item;
    }

    public void Return(T item)
    {
        if (Interlocked.CompareExchange(ref _first, item, null) is null)
            return;
        if (Interlocked.Increment(ref _count) > limit)
        {
            Interlocked.Decrement(ref _count);
            return;
        }

        _idle.Enqueue(item);
    }
}
