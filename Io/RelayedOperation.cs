using System.Runtime.CompilerServices;

namespace BlockProxy.Io;

/// <summary>
/// A pooled operation that waits for another one and looks at its result before it hands it on: what an async method would do, without a box for
/// each call. Look at <see cref="ValueTask{TResult}.IsCompletedSuccessfully"/> first; a result that is there already needs no operation.
/// </summary>
public abstract class RelayedOperation<T> : PooledOperation<T>
{
    private readonly Action _continue;
    private ValueTaskAwaiter<T> _awaiter;

    protected RelayedOperation() => _continue = Continue;

    /// <summary>Waits for <paramref name="inner"/>; its result goes through <see cref="Relay"/>.</summary>
    protected void Await(ValueTask<T> inner)
    {
        _awaiter = inner.GetAwaiter();
        if (_awaiter.IsCompleted)
            Continue();
        else
            _awaiter.UnsafeOnCompleted(_continue);
    }

    /// <summary>Whether another operation must follow whose result counts instead.</summary>
    protected virtual bool TryGoOn(in T result, out ValueTask<T> next)
    {
        next = default;
        return false;
    }

    /// <summary>The result to hand on. The object must hold nothing of its caller any more when this returns.</summary>
    protected abstract T Relay(T result);

    private void Continue()
    {
        T result;
        try
        {
            result = _awaiter.GetResult();
        }
        catch (Exception error)
        {
            _awaiter = default;
            SetException(error);
            return;
        }

        _awaiter = default;
        if (TryGoOn(in result, out var next))
            Await(next);
        else
            SetResult(Relay(result));
    }
}
