namespace BlockProxy.Proxy.Translators.Storage.Posix.Executor;

/// <summary>First in, first out; the works are its nodes.</summary>
internal struct WorkQueue
{
    private IoWork? _first;
    private IoWork? _last;

    public readonly bool IsEmpty => _first is null;

    public void Enqueue(IoWork work)
    {
        if (_last is null)
            _first = work;
        else
            _last.NextQueued = work;
        _last = work;
    }

    public IoWork? Dequeue()
    {
        if (_first is not { } work)
            return null;
        _first = work.NextQueued;
        if (_first is null)
            _last = null;
        work.NextQueued = null;
        return work;
    }
}
