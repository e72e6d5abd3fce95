using BlockProxy.Io;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Io;

public class ReceiveBufferTests
{
    [Test]
    public void What_is_received_is_unread_until_consumed()
    {
        using var buffer = new ReceiveBuffer(new BufferPool(), 16);

        new byte[] { 1, 2, 3 }.CopyTo(buffer.Free);
        buffer.Received(3);
        buffer.Consume(1);

        Assert.That(buffer.Unread.ToArray(), Is.EqualTo(new byte[] { 2, 3 }));
        Assert.That(buffer.UnreadMemory.ToArray(), Is.EqualTo(new byte[] { 2, 3 }));
    }

    [Test]
    public void Room_is_made_by_moving_the_rest_to_the_front()
    {
        using var buffer = new ReceiveBuffer(new BufferPool(), 16);
        Enumerable.Range(0, 16).Select(i => (byte)i).ToArray().CopyTo(buffer.Free);
        buffer.Received(16);
        Assert.That(buffer.Free.Length, Is.Zero);

        buffer.Consume(14);

        Assert.That(buffer.Free.Length, Is.EqualTo(14));
        Assert.That(buffer.Unread.ToArray(), Is.EqualTo(new byte[] { 14, 15 }));
        buffer.Consume(2);
        Assert.That(buffer.Free.Length, Is.EqualTo(16));
    }

    [Test]
    public void More_than_there_is_cannot_be_received_or_consumed()
    {
        using var buffer = new ReceiveBuffer(new BufferPool(), 16);
        buffer.Received(10);

        Assert.That(() => buffer.Consume(11), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => buffer.Received(7), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => buffer.Received(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void The_block_goes_back_to_its_pool_once()
    {
        var pool = new BufferPool();
        var buffer = new ReceiveBuffer(pool, 16);

        buffer.Dispose();
        buffer.Dispose();

        Assert.That(pool.Outstanding, Is.Zero);
    }
}
