using BlockProxy.Io;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Executor;

/// <summary>A file operation done with blocking system calls.</summary>
internal delegate TReply BlockingFop<TFop, TReply>(FopContext ctx, in TFop request);

/// <summary>Runs one kind of fop on the executor, without an allocation in steady state.</summary>
/// <param name="executor">Where it runs.</param>
/// <param name="body">What it does. An exception out of it is a programming error: it is reported and the caller gets EIO.</param>
/// <param name="failed">Told of such an exception.</param>
internal sealed class PosixFop<TFop, TReply>(IIoExecutor executor, BlockingFop<TFop, TReply> body, Action<Fop, Exception> failed)
    where TFop : struct, IFop<TFop, TReply>
    where TReply : struct, IReply<TReply>
{
    /// <summary>Idle operation objects kept for reuse.</summary>
    private const int IdleLimit = 256;

    private ObjectPool<Operation>? _idle;

    /// <summary>Runs it on the executor.</summary>
    /// <param name="ctx">Of the fop.</param>
    /// <param name="request">Borrowed until the task completes.</param>
    /// <param name="mayBlock">Whether it is likely to wait for the disk.</param>
    public ValueTask<TReply> RunAsync(FopContext ctx, in TFop request, bool mayBlock = false)
    {
        var pool = _idle ?? Interlocked.CompareExchange(ref _idle, new ObjectPool<Operation>(() => new Operation(this), IdleLimit), null) ?? _idle;
        var operation = pool.Rent();
        var task = operation.Begin(ctx, in request, mayBlock);
        executor.Queue(operation);
        return task;
    }

    /// <summary>Runs it here and now.</summary>
    public TReply Execute(FopContext ctx, in TFop request)
    {
#pragma warning disable CA1031 // Nothing above could catch it: it would end the process from a worker thread.
        try
        {
            return body(ctx, in request);
        }
        catch (Exception error)
        {
            failed(TFop.Number, error);
            return TReply.Failed(Errno.EIO);
        }
#pragma warning restore CA1031
    }

    /// <summary>The work and the task of one fop in one reusable object.</summary>
    private sealed class Operation(PosixFop<TFop, TReply> fop) : IoWork
    {
        private readonly Completion _completion = new();
        private FopContext _ctx;
        private TFop _request;

        public ValueTask<TReply> Begin(FopContext ctx, in TFop request, bool mayBlock)
        {
            MayBlock = mayBlock;
            _ctx = ctx;
            _request = request;
            _completion.Owner = this;
            return _completion.Task;
        }

        public override void Run() => _completion.Finish(fop.Execute(_ctx, in _request));

        private void Recycle()
        {
            _ctx = default;
            _request = default;
            fop._idle!.Return(this);
        }

        private sealed class Completion : PooledOperation<TReply>
        {
            public Operation? Owner { get; set; }

            public void Finish(TReply reply) => SetResult(reply);

            protected override void Recycle() => Owner!.Recycle();
        }
    }
}
