using BlockProxy.Io;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Io;

public class ObjectPoolTests
{
    [Test]
    public void Objects_are_reused_and_made_only_when_none_is_idle()
    {
        var made = 0;
        var pool = new ObjectPool<object>(() => ++made as object, limit: 10);

        var first = pool.Rent();
        var second = pool.Rent();
        pool.Return(first);
        pool.Return(second);

        Assert.That(new[] { pool.Rent(), pool.Rent() }, Is.EquivalentTo(new[] { first, second }));
        Assert.That(made, Is.EqualTo(2));
    }

    [Test]
    public void No_more_are_kept_than_the_limit()
    {
        var made = 0;
        var pool = new ObjectPool<object>(() => ++made as object, limit: 2);
        var all = Enumerable.Range(0, 10).Select(_ => pool.Rent()).ToList();

        all.ForEach(pool.Return);
        for (var i = 0; i < 10; i++)
            pool.Rent();

        Assert.That(made, Is.EqualTo(10 + 10 - 3), "two in the list and one in front of it came back");
    }

    [Test]
    public async Task A_pooled_operation_serves_again_after_its_result_was_taken()
    {
        var operation = new Operation();

        for (var i = 0; i < 3; i++)
        {
            var task = operation.Task;
            operation.Succeed(i);
            Assert.That(await task, Is.EqualTo(i));
            Assert.That(operation.Recycled, Is.EqualTo(i + 1));
        }

        var failing = operation.Task;
        operation.Fail(new IOException("no"));
        Assert.That(async () => await failing, Throws.InstanceOf<IOException>());
        Assert.That(operation.Recycled, Is.EqualTo(4));
    }

    [Test]
    public async Task A_continuation_runs_on_the_thread_that_completes()
    {
        var operation = new Operation();
        var thread = 0;
        var waiting = WaitAsync();

        var completing = new Thread(() => operation.Succeed(Environment.CurrentManagedThreadId));
        completing.Start();
        completing.Join();

        Assert.That(await waiting, Is.EqualTo(thread));

        async Task<int> WaitAsync()
        {
            var result = await operation.Task.ConfigureAwait(false);
            thread = Environment.CurrentManagedThreadId;
            return result;
        }
    }

    private sealed class Operation : PooledOperation<int>
    {
        public int Recycled { get; private set; }

        public void Succeed(int result) => SetResult(result);

        public void Fail(Exception error) => SetException(error);

        protected override void Recycle() => Recycled++;
    }
}
