using System.Threading.Tasks.Sources;

namespace BlockProxy.Io;

/// <summary>
/// The base of the few hand-pooled asynchronous operations (an RPC call, a replicated write, a front's command): an
/// <see cref="IValueTaskSource{TResult}"/> that is reset and goes back to its pool once its result was taken. Continuations run inline on
/// the thread that completes it.
/// </summary>
public abstract class PooledOperation<T> : IValueTaskSource<T>, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<T> _core;

    /// <summary>The task of the current use; it must be awaited exactly once.</summary>
    public ValueTask<T> Task => new(this, _core.Version);

    /// <summary>The task of the current use, for operations whose completion is all there is to know.</summary>
    public ValueTask Completion => new(this, _core.Version);

    protected void SetResult(T result) => _core.SetResult(result);

    protected void SetException(Exception error) => _core.SetException(error);

    /// <summary>Called after the result was taken and the core reset: put the object back into its pool here.</summary>
    protected abstract void Recycle();

    T IValueTaskSource<T>.GetResult(short token) => Take(token);

    void IValueTaskSource.GetResult(short token) => Take(token);

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => _core.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<T>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private T Take(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            Recycle();
        }
    }
}
