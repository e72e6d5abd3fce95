using BlockProxy.Block;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Block;

[TestFixture]
internal sealed class MemoryDeviceTests : DeviceContract
{
    protected override IBlockDevice Create(long size) => new MemoryDevice(size);

    [Test]
    public async Task A_large_device_takes_memory_only_for_what_is_written()
    {
        await using var device = new MemoryDevice(1L << 40);

        await device.WriteAsync((1L << 40) - 1, new byte[] { 1 }, BlockWriteFlags.None);

        Assert.That(device.AllocatedBytes, Is.EqualTo(MemoryDevice.PageSize));
    }

    [Test]
    public async Task Trims_and_zeros_give_whole_pages_back_the_shorter_last_one_too()
    {
        await using var device = new MemoryDevice(Size);
        await device.WriteAsync(0, Bytes(Size, seed: 1), BlockWriteFlags.None);

        await device.TrimAsync(MemoryDevice.PageSize - 1, 2, BlockWriteFlags.None);
        Assert.That(device.AllocatedBytes, Is.EqualTo(17L * MemoryDevice.PageSize), "no whole page was covered");
        await device.TrimAsync(0, Size / 2, BlockWriteFlags.None);
        await device.WriteZeroesAsync(Size / 2, Size - Size / 2, BlockWriteFlags.None);

        Assert.That(device.AllocatedBytes, Is.LessThanOrEqualTo(MemoryDevice.PageSize), "at most the page in the middle");
    }

    [Test]
    public async Task Reading_and_writing_allocate_nothing_once_the_pages_exist()
    {
        await using var device = new MemoryDevice(1 << 20);
        var data = new byte[4096];
        var allocated = 0L;
        for (var round = 0; round < 2; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1000; i++)
            {
                await device.WriteAsync(i * 512, data, BlockWriteFlags.None);
                await device.ReadAsync(i * 512, data);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.That(allocated, Is.Zero);
    }

    [TestCase(0)]
    [TestCase(-1)]
    public void A_device_has_a_size(long size) => Assert.That(() => new MemoryDevice(size), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
