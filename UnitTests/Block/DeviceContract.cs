using BlockProxy.Block;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Block;

/// <summary>What every plain device does. A device's fixture derives from it and says how one is made.</summary>
internal abstract class DeviceContract
{
    protected const int Size = (1 << 20) + 12345; // not a multiple of any block

    private IBlockDevice _device = null!;

    protected abstract IBlockDevice Create(long size);

    [SetUp]
    public void Open() => _device = Create(Size);

    [TearDown]
    public async Task Close() => await _device.DisposeAsync();

    [Test]
    public async Task A_new_device_reads_as_zeros_and_is_one_hole()
    {
        Assert.That((await ReadAsync(0, Size)).AsSpan().ContainsAnyExcept((byte)0), Is.False);
        Assert.That(await DescribeAsync(0, Size), Is.EqualTo(new[] { new BlockExtent(Size, BlockExtentKind.Hole | BlockExtentKind.Zero) }));
    }

    [TestCase(0, 1)]
    [TestCase(65535, 2)]
    [TestCase(4095, 200_000)]
    [TestCase(Size - 1, 1)]
    public async Task What_is_written_is_read_and_what_lies_around_it_stays(int offset, int length)
    {
        var data = Bytes(length, seed: 1);

        Assert.That(await _device.WriteAsync(offset, data, BlockWriteFlags.None), Is.EqualTo(BlockError.None));

        var all = await ReadAsync(0, Size);
        Assert.That(all.AsSpan(offset, length).SequenceEqual(data), Is.True);
        Assert.That(all.AsSpan(0, offset).ContainsAnyExcept((byte)0), Is.False);
        Assert.That(all.AsSpan(offset + length).ContainsAnyExcept((byte)0), Is.False);
    }

    [Test]
    public async Task Data_between_holes_is_described_and_the_description_can_be_asked_for_in_parts()
    {
        await _device.WriteAsync(128 << 10, Bytes(64 << 10, seed: 1), BlockWriteFlags.None);
        var hole = BlockExtentKind.Hole | BlockExtentKind.Zero;

        Assert.That(await DescribeAsync(0, Size), Is.EqualTo(new[]
        {
            new BlockExtent(128 << 10, hole), new BlockExtent(64 << 10, BlockExtentKind.Data), new BlockExtent(Size - (192 << 10), hole),
        }));
        Assert.That(await DescribeAsync((128 << 10) + 100, 200), Is.EqualTo(new[] { new BlockExtent(200, BlockExtentKind.Data) }));
        Assert.That(await DescribeAsync(1000, Size - 1000, maximumExtents: 1), Is.EqualTo(new[] { new BlockExtent((128 << 10) - 1000, hole) }));
    }

    [Test]
    public async Task A_trim_of_whole_blocks_makes_a_hole()
    {
        await _device.WriteAsync(0, Bytes(256 << 10, seed: 1), BlockWriteFlags.None);

        Assert.That(await _device.TrimAsync(64 << 10, 128 << 10, BlockWriteFlags.Fua), Is.EqualTo(BlockError.None));

        Assert.That((await ReadAsync(64 << 10, 128 << 10)).AsSpan().ContainsAnyExcept((byte)0), Is.False);
        Assert.That(await DescribeAsync(64 << 10, 128 << 10), Is.EqualTo(new[] { new BlockExtent(128 << 10, BlockExtentKind.Hole | BlockExtentKind.Zero) }));
        Assert.That((await ReadAsync(0, 64 << 10)).AsSpan().SequenceEqual(Bytes(256 << 10, seed: 1).AsSpan(0, 64 << 10)), Is.True);
    }

    [TestCase(BlockWriteFlags.None)]
    [TestCase(BlockWriteFlags.Fua)]
    [TestCase(BlockWriteFlags.NoHole)]
    [TestCase(BlockWriteFlags.NoHole | BlockWriteFlags.Fua)]
    public async Task A_write_of_zeros_zeroes_exactly_its_range(BlockWriteFlags flags)
    {
        var data = Bytes(Size, seed: 2);
        await _device.WriteAsync(0, data, BlockWriteFlags.None);

        Assert.That(await _device.WriteZeroesAsync(1000, 300_000, flags), Is.EqualTo(BlockError.None));

        data.AsSpan(1000, 300_000).Clear();
        Assert.That((await ReadAsync(0, Size)).AsSpan().SequenceEqual(data), Is.True);
    }

    [Test]
    public async Task A_write_of_zeros_at_the_end_of_the_device_reaches_the_last_byte()
    {
        await _device.WriteAsync(0, Bytes(Size, seed: 2), BlockWriteFlags.None);

        Assert.That(await _device.WriteZeroesAsync(1 << 20, Size - (1 << 20), BlockWriteFlags.None), Is.EqualTo(BlockError.None));
        Assert.That(await _device.TrimAsync(1 << 20, Size - (1 << 20), BlockWriteFlags.None), Is.EqualTo(BlockError.None));

        Assert.That((await ReadAsync(1 << 20, Size - (1 << 20))).AsSpan().ContainsAnyExcept((byte)0), Is.False);
        Assert.That((await ReadAsync((1 << 20) - 1, 1))[0], Is.EqualTo(Bytes(Size, seed: 2)[(1 << 20) - 1]));
    }

    [Test]
    public async Task Zeros_without_a_hole_are_allocated_also_where_there_was_a_hole()
    {
        await _device.WriteZeroesAsync(64 << 10, 64 << 10, BlockWriteFlags.NoHole);
        await _device.FlushAsync();

        Assert.That((await ReadAsync(0, Size)).AsSpan().ContainsAnyExcept((byte)0), Is.False);
    }

    [Test]
    public async Task Flush_and_cache_succeed()
    {
        Assert.That(await _device.FlushAsync(), Is.EqualTo(BlockError.None));
        Assert.That(await _device.CacheAsync(0, Size), Is.EqualTo(BlockError.None));
    }

    /// <summary>Random requests against an array of bytes; a description never calls zero what is not.</summary>
    [Test]
    public async Task A_device_behaves_as_an_array_of_bytes([Range(1, 5)] int seed)
    {
        var random = new Random(seed);
        var model = new byte[Size];
        for (var step = 0; step < 100; step++)
        {
            var offset = random.Next(Size);
            var length = random.Next(1, Math.Min(200_000, Size - offset) + 1);
            switch (random.Next(5))
            {
                case 0:
                case 1:
                    var data = Bytes(length, seed: step);
                    data.CopyTo(model, offset);
                    await _device.WriteAsync(offset, data, random.Next(10) == 0 ? BlockWriteFlags.Fua : BlockWriteFlags.None);
                    break;
                case 2:
                    Array.Clear(model, offset, length);
                    await _device.WriteZeroesAsync(offset, length, random.Next(2) == 0 ? BlockWriteFlags.NoHole : BlockWriteFlags.None);
                    break;
                case 3:
                    await _device.TrimAsync(offset, length, BlockWriteFlags.None);
                    // What a trim leaves is the device's choice, byte for byte: zeros or what was there.
                    var after = await ReadAsync(offset, length);
                    for (var i = 0; i < length; i++)
                    {
                        if (after[i] != 0 && after[i] != model[offset + i])
                            Assert.Fail($"seed {seed} step {step}: byte {offset + i} after a trim");
                    }

                    after.CopyTo(model, offset);
                    break;
                default:
                    Assert.That((await ReadAsync(offset, length)).AsSpan().SequenceEqual(model.AsSpan(offset, length)), Is.True, $"seed {seed} step {step}");
                    break;
            }
        }

        Assert.That((await ReadAsync(0, Size)).AsSpan().SequenceEqual(model), Is.True, $"seed {seed}");
        var at = 0;
        foreach (var extent in await DescribeAsync(0, Size))
        {
            if ((extent.Kind & BlockExtentKind.Zero) != 0)
                Assert.That(model.AsSpan(at, (int)extent.Length).ContainsAnyExcept((byte)0), Is.False, $"seed {seed}: zero at {at}");
            at += (int)extent.Length;
        }

        Assert.That(at, Is.EqualTo(Size));
    }

    [Test]
    public async Task Writers_of_different_ranges_do_not_disturb_one_another()
    {
        const int Writers = 4;
        const int Stride = 1024;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            await Task.Yield();
            for (var block = writer; block < 256; block += Writers)
                await _device.WriteAsync(block * Stride, Enumerable.Repeat((byte)(block + 1), Stride).ToArray(), BlockWriteFlags.None);
        }));

        var all = await ReadAsync(0, 256 * Stride);
        for (var block = 0; block < 256; block++)
            Assert.That(all.AsSpan(block * Stride, Stride).ContainsAnyExcept((byte)(block + 1)), Is.False, $"block {block}");
    }

    protected static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private async Task<byte[]> ReadAsync(long offset, int length)
    {
        var bytes = new byte[length];
        Array.Fill(bytes, (byte)0xEE);
        Assert.That(await _device.ReadAsync(offset, bytes), Is.EqualTo(BlockError.None));
        return bytes;
    }

    private async Task<List<BlockExtent>> DescribeAsync(long offset, long length, int maximumExtents = int.MaxValue)
    {
        var extents = new List<BlockExtent>();
        Assert.That(await _device.DescribeAsync(offset, length, maximumExtents, extents), Is.EqualTo(BlockError.None));
        return extents;
    }
}
