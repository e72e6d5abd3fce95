using System.Numerics;
using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Graph;

namespace BlockProxy.Proxy.Translators.Debug;

/// <summary>What one kind of fop did since the graph was made.</summary>
/// <param name="Calls">Completed calls, failed ones included.</param>
/// <param name="Failures">Those that ended with an error.</param>
/// <param name="Total">The sum of their times.</param>
/// <param name="Histogram">Calls by duration: entry n counts those from 2^n up to 2^(n+1) microseconds; entry 0 also the shorter ones, the last also
/// the longer ones.</param>
public sealed record FopStatistics(Fop Fop, long Calls, long Failures, TimeSpan Total, IReadOnlyList<long> Histogram);

/// <summary>What went through a volume.</summary>
/// <param name="Fops">Those called at least once, by number.</param>
/// <param name="BytesRead">Bytes that reads delivered.</param>
/// <param name="BytesWritten">Bytes that writes wrote.</param>
public sealed record IoStatistics(IReadOnlyList<FopStatistics> Fops, long BytesRead, long BytesWritten);

/// <summary>debug/io-stats: counts calls, errors, bytes and times of every fop. Its options only decide what stock clients print; we always count.</summary>
public sealed class IoStatsTranslator(TranslatorContext context) : InterceptingTranslator
{
    private const int Buckets = 32; // up to 2^32 microseconds, more than an hour

    private readonly TimeProvider _time = context.Environment.Time;
    private readonly Counters[] _fops = [.. Enumerable.Range(0, (int)Fop.CopyFileRange + 1).Select(_ => new Counters())];
    private long _bytesRead;
    private long _bytesWritten;

    public IoStatistics Snapshot() => new(
        [.. _fops.Select((c, i) => c.Snapshot((Fop)i, _time.TimestampFrequency)).Where(s => s.Calls > 0)],
        Volatile.Read(ref _bytesRead), Volatile.Read(ref _bytesWritten));

    protected override ValueTask<TReply> AroundAsync<TFop, TReply>(FopContext ctx, in TFop request)
    {
        var begun = _time.GetTimestamp();
        var pending = TFop.WindAsync(Next, ctx, in request);
        if (pending.IsCompletedSuccessfully)
        {
            var reply = pending.Result;
            Count(TFop.Number, begun, in reply);
            return new(reply);
        }

        return MeasuredCall<TReply>.Start(this, TFop.Number, begun, pending);
    }

    private void Count<TReply>(Fop fop, long begun, in TReply reply)
        where TReply : struct, IReply<TReply>
    {
        var ticks = _time.GetTimestamp() - begun;
        var microseconds = (ulong)Math.Max(1, ticks * 1_000_000 / _time.TimestampFrequency);
        _fops[(int)fop].Add(ticks, Math.Min(Buckets - 1, BitOperations.Log2(microseconds)), reply.Errno != Errno.None);
        if (reply is ReadReply { Count: > 0 } read)
            Interlocked.Add(ref _bytesRead, read.Count);
        else if (reply is WriteReply { Count: > 0 } write)
            Interlocked.Add(ref _bytesWritten, write.Count);
    }

    private sealed class Counters
    {
        private readonly long[] _histogram = new long[Buckets];
        private long _calls;
        private long _failures;
        private long _ticks;

        public void Add(long ticks, int bucket, bool failed)
        {
            Interlocked.Increment(ref _calls);
            Interlocked.Add(ref _ticks, ticks);
            Interlocked.Increment(ref _histogram[bucket]);
            if (failed)
                Interlocked.Increment(ref _failures);
        }

        public FopStatistics Snapshot(Fop fop, long frequency) => new(
            fop, Volatile.Read(ref _calls), Volatile.Read(ref _failures), TimeSpan.FromSeconds(Volatile.Read(ref _ticks) / (double)frequency), [.. _histogram]);
    }

    /// <summary>A fop under way, pooled.</summary>
    private sealed class MeasuredCall<TReply> : RelayedOperation<TReply>
        where TReply : struct, IReply<TReply>
    {
        private static readonly ObjectPool<MeasuredCall<TReply>> Pool = new(static () => new(), 256);

        private IoStatsTranslator _owner = null!;
        private Fop _fop;
        private long _begun;

        public static ValueTask<TReply> Start(IoStatsTranslator owner, Fop fop, long begun, ValueTask<TReply> pending)
        {
            var call = Pool.Rent();
            (call._owner, call._fop, call._begun) = (owner, fop, begun);
            var task = call.Task;
            call.Await(pending);
            return task;
        }

        protected override TReply Relay(TReply result)
        {
            _owner.Count(_fop, _begun, in result);
            return result;
        }

        protected override void Recycle() => Pool.Return(this);
    }
}
