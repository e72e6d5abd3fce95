using BlockProxy.Io;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Io;

public class BufferPoolTests
{
    [TestCase(0, 4096)]
    [TestCase(1, 4096)]
    [TestCase(4096, 4096)]
    [TestCase(4097, 8192)]
    [TestCase(1 << 20, 1 << 20)]
    [TestCase(32 << 20, 32 << 20)]
    [TestCase((32 << 20) + 1, (32 << 20) + 1)]
    public void A_buffer_has_the_length_asked_for_and_memory_of_its_class(int length, int capacity)
    {
        var buffer = new BufferPool().Rent(length);

        Assert.That(buffer.Length, Is.EqualTo(length));
        Assert.That(buffer.Memory.Length, Is.EqualTo(length));
        Assert.That(buffer.Array, Has.Length.EqualTo(capacity));
    }

    [Test]
    public void The_memory_returned_last_is_rented_first()
    {
        var pool = new BufferPool();
        var (cold, warm) = (pool.Rent(5000), pool.Rent(5000));
        cold.Release();
        warm.Release();

        Assert.That(pool.Rent(6000), Is.SameAs(warm));
        Assert.That(pool.Rent(7000), Is.SameAs(cold));
    }

    [Test]
    public void What_is_rented_is_counted_until_its_last_reference_is_released()
    {
        var pool = new BufferPool();
        var buffer = pool.Rent(100);
        Payload payload = buffer;
        payload.Slice(10, 20).Retain();

        buffer.Release();
        Assert.That(pool.Outstanding, Is.EqualTo(1));
        payload.Release();

        Assert.That(pool.Outstanding, Is.Zero);
        Assert.That(pool.IdleBytes, Is.EqualTo(4096));
    }

    [Test]
    public void Memory_beyond_the_idle_limit_and_of_odd_size_is_not_kept()
    {
        var pool = new BufferPool(idleBytesLimit: 8192);
        PooledBuffer[] buffers = [pool.Rent(1), pool.Rent(1), pool.Rent(1), pool.Rent((32 << 20) + 1)];

        foreach (var buffer in buffers)
            buffer.Release();

        Assert.That(pool.IdleBytes, Is.EqualTo(8192));
        Assert.That(pool.Outstanding, Is.Zero);
    }

    [Test]
    public void A_release_too_many_and_a_late_retain_are_found()
    {
        var buffer = new BufferPool().Rent(1);
        buffer.Release();

        Assert.That(buffer.Release, Throws.InvalidOperationException);
        Assert.That(new BufferPool().Rent(1).Retain, Throws.Nothing);
        var late = new BufferPool().Rent(1);
        late.Release();
        Assert.That(late.Retain, Throws.InvalidOperationException);
    }

    [Test]
    public void The_ledger_names_who_rented_what_was_not_returned()
    {
        var pool = new BufferPool(ledger: true);
        pool.Rent(1).Release();
        _ = pool.Rent(2);

        Assert.That(pool.Leaks().Single(), Does.Contain(nameof(The_ledger_names_who_rented_what_was_not_returned)));
    }

    [Test]
    public void Threads_that_rent_and_return_never_share_a_buffer()
    {
        var pool = new BufferPool();

        Parallel.For(0, 4, thread =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var buffer = pool.Rent(64);
                buffer.Span.Fill((byte)thread);
                if (buffer.Span.ContainsAnyExcept((byte)thread))
                    Assert.Fail("two threads wrote one buffer");
                buffer.Release();
            }
        });

        Assert.That(pool.Outstanding, Is.Zero);
    }
}
