using System.Text;
using BlockProxy.Block;
using BlockProxy.Nbd;
using BlockProxy.Nbd.Wire;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Nbd;

public class StructuredReplyTests
{
    private const int Page = MemoryDevice.PageSize;

    [Test]
    public async Task A_read_of_data_is_one_chunk()
    {
        await using var bench = new ServerBench();
        await WriteAsync(bench, 0, "CAFE");
        using var client = await bench.TransmitStructuredAsync();

        client.SendHex("25609513 0000 0000 0000000000000001 0000000000000000 00000003");

        await client.ExpectHexAsync("668E33EF 0001 0001 0000000000000001 0000000B 0000000000000000", "CAFE00");
    }

    [Test]
    public async Task A_read_of_a_hole_carries_no_data()
    {
        await using var bench = new ServerBench();
        using var client = await bench.TransmitStructuredAsync();

        client.SendHex("25609513 0000 0000 0000000000000001 0000000000000200 00010000");

        await client.ExpectHexAsync("668E33EF 0001 0002 0000000000000001 0000000C 0000000000000200 00010000");
    }

    [Test]
    public async Task A_read_across_data_and_holes_is_one_chunk_each_and_only_the_last_is_final()
    {
        await using var bench = new ServerBench();
        await WriteAsync(bench, Page, "AA");
        await WriteAsync(bench, 3 * Page - 1, "BB");
        using var client = await bench.TransmitStructuredAsync();

        // From the last byte of the first page (a hole) to the first byte of the fourth (a hole).
        client.SendHex("25609513 0000 0000 0000000000000001 000000000000FFFF 00020002");

        await client.ExpectHexAsync("668E33EF 0000 0002 0000000000000001 0000000C 000000000000FFFF 00000001");
        await client.ExpectHexAsync("668E33EF 0000 0001 0000000000000001 00020008 0000000000010000");
        var data = await client.ReadAsync(2 * Page);
        Assert.That(data[0], Is.EqualTo(0xAA));
        Assert.That(data[^1], Is.EqualTo(0xBB));
        Assert.That(data.AsSpan(1, data.Length - 2).ContainsAnyExcept((byte)0), Is.False);
        await client.ExpectHexAsync("668E33EF 0001 0002 0000000000000001 0000000C 0000000000030000 00000001");
    }

    [Test]
    public async Task A_large_sparse_reply_is_whole_although_the_next_request_takes_its_place_while_it_is_sent()
    {
        await using var bench = new ServerBench(new GatedDevice(1 << 20) { ReadsElsewhere = true }, new NbdLimits { MaxRequestsInFlight = 1 });
        for (var page = 0; page < 16; page += 2)
            await WriteAsync(bench, page * Page, "AA");
        using var client = await bench.TransmitStructuredAsync();

        // By turns: 3 extents, whose last chunk is what makes enough bytes to leave, and 16 extents; the window has one place.
        for (var i = 0; i < 20; i++)
            client.SendHex("25609513 0000 0000", i.ToString("X16"), "0000000000000000", i % 2 == 0 ? "00030000" : "00100000");

        for (var i = 0; i < 20; i++)
        {
            var extents = i % 2 == 0 ? 3 : 16;
            for (var extent = 0; extent < extents; extent++)
            {
                var chunk = ReplyChunk.Read(await client.ReadAsync(ReplyChunk.Size));
                await client.ReadAsync((int)chunk.Length);
                Assert.That(chunk.Cookie, Is.EqualTo((ulong)i));
                Assert.That(chunk.Type, Is.EqualTo(extent % 2 == 0 ? ReplyChunkType.OffsetData : ReplyChunkType.OffsetHole));
                Assert.That(chunk.Flags, Is.EqualTo(extent == extents - 1 ? ReplyChunkFlags.Done : ReplyChunkFlags.None));
            }
        }
    }

    [Test]
    public async Task The_dont_fragment_flag_forces_one_chunk_with_the_zeroes_in_it()
    {
        await using var bench = new ServerBench();
        await WriteAsync(bench, Page, "AA");
        using var client = await bench.TransmitStructuredAsync();

        client.SendHex("25609513 0004 0000 0000000000000001 000000000000FFFE 00000003");

        await client.ExpectHexAsync("668E33EF 0001 0001 0000000000000001 0000000B 000000000000FFFE", "0000AA");
    }

    [Test]
    public async Task A_device_that_does_not_know_its_holes_cheaply_is_not_asked()
    {
        var device = new GatedDevice(1 << 20, info => info with { KnowsHolesCheaply = false });
        await using var bench = new ServerBench(device);
        using var client = await bench.TransmitStructuredAsync();

        client.SendHex("25609513 0000 0000 0000000000000001 0000000000000000 00000001");

        await client.ExpectHexAsync("668E33EF 0001 0001 0000000000000001 00000009 0000000000000000", "00");
        Assert.That(device.Requests.Select(request => request.Kind), Is.EqualTo(new[] { "read" }));
    }

    [Test]
    public async Task A_failed_read_is_an_error_chunk_with_a_sentence()
    {
        var device = new GatedDevice(1 << 20, info => info with { KnowsHolesCheaply = false }) { Answer = BlockError.Io };
        await using var bench = new ServerBench(device);
        using var client = await bench.TransmitStructuredAsync();

        client.SendHex("25609513 0000 0000 0000000000000001 0000000000000000 00000001");

        Assert.That(await ReadErrorAsync(client, cookie: 1), Is.EqualTo(NbdErrno.EIO));
    }

    [Test]
    public async Task A_read_whose_holes_cannot_be_told_is_still_read()
    {
        var device = new GatedDevice(1 << 20);
        await using var bench = new ServerBench(device);
        using var client = await bench.TransmitStructuredAsync();
        device.Hold(0);

        client.SendHex("25609513 0000 0000 0000000000000001 0000000000000000 00000001");
        await device.ArrivedAsync();
        device.LetGo(0, BlockError.Io); // the description fails, the read after it does not

        await client.ExpectHexAsync("668E33EF 0001 0001 0000000000000001 00000009 0000000000000000", "00");
    }

    [Test]
    public async Task Even_a_read_with_bad_flags_is_answered_in_chunks()
    {
        await using var bench = new ServerBench();
        using var client = await bench.TransmitStructuredAsync();

        client.SendHex("25609513 0008 0000 0000000000000001 0000000000000000 00000001");

        Assert.That(await ReadErrorAsync(client, cookie: 1), Is.EqualTo(NbdErrno.EINVAL));
    }

    [Test]
    public async Task A_read_larger_than_the_limit_is_EOVERFLOW()
    {
        await using var bench = new ServerBench(limits: new NbdLimits { MaxRequestBytes = 64 << 10 });
        using var client = await bench.TransmitStructuredAsync();

        client.SendHex("25609513 0004 0000 0000000000000001 0000000000000000 00010001");

        Assert.That(await ReadErrorAsync(client, cookie: 1), Is.EqualTo(NbdErrno.EOVERFLOW));
    }

    [Test]
    public async Task A_command_without_data_is_answered_by_a_simple_reply()
    {
        await using var bench = new ServerBench();
        using var client = await bench.TransmitStructuredAsync();

        client.SendHex("25609513 0000 0003 0000000000000001 0000000000000000 00000000");

        await client.ExpectHexAsync("67446698 00000000 0000000000000001");
    }

    [Test]
    public async Task Block_status_lists_the_extents_of_the_range()
    {
        await using var bench = new ServerBench();
        await WriteAsync(bench, Page, "AA");
        await WriteAsync(bench, 2 * Page, "AA");
        using var client = await bench.TransmitStructuredAsync();

        client.SendHex("25609513 0000 0007 0000000000000001 0000000000008000 00048000");

        await client.ExpectHexAsync("668E33EF 0001 0005 0000000000000001 0000001C 00000001");
        await client.ExpectHexAsync("00008000 00000003", "00020000 00000000", "00020000 00000003");
    }

    [Test]
    public async Task Block_status_gives_one_extent_when_one_is_asked_for()
    {
        await using var bench = new ServerBench();
        await WriteAsync(bench, Page, "AA");
        using var client = await bench.TransmitStructuredAsync();

        client.SendHex("25609513 0008 0007 0000000000000001 0000000000000000 00100000");

        await client.ExpectHexAsync("668E33EF 0001 0005 0000000000000001 0000000C 00000001", "00010000 00000003");
    }

    [Test]
    public async Task Block_status_of_neighbours_of_one_kind_is_one_descriptor()
    {
        await using var bench = new ServerBench(new CrumblyDevice());
        using var client = await bench.TransmitStructuredAsync();

        client.SendHex("25609513 0000 0007 0000000000000001 0000000000000000 00001000");

        await client.ExpectHexAsync("668E33EF 0001 0005 0000000000000001 00000014 00000001", "00000C00 00000002", "00000400 00000000");
    }

    [Test]
    public async Task Block_status_stops_at_the_limit_of_extents()
    {
        await using var bench = new ServerBench(limits: new NbdLimits { MaxExtents = 2 });
        await WriteAsync(bench, Page, "AA");
        await WriteAsync(bench, 3 * Page, "AA");
        using var client = await bench.TransmitStructuredAsync();

        client.SendHex("25609513 0000 0007 0000000000000001 0000000000000000 00100000");

        await client.ExpectHexAsync("668E33EF 0001 0005 0000000000000001 00000014 00000001", "00010000 00000003", "00010000 00000000");
    }

    [Test]
    public async Task Block_status_beyond_the_end_is_EINVAL()
    {
        await using var bench = new ServerBench();
        using var client = await bench.TransmitStructuredAsync();

        client.SendHex("25609513 0000 0007 0000000000000001 00000000000FFFFF 00000002");

        Assert.That(await ReadErrorAsync(client, cookie: 1), Is.EqualTo(NbdErrno.EINVAL));
    }

    [Test]
    public async Task Block_status_without_the_context_is_EINVAL()
    {
        await using var bench = new ServerBench();
        using var client = await bench.TransmitStructuredAsync(allocation: false);

        client.SendHex("25609513 0000 0007 0000000000000001 0000000000000000 00000001");

        Assert.That(await ReadErrorAsync(client, cookie: 1), Is.EqualTo(NbdErrno.EINVAL));
    }

    private static async Task<NbdErrno> ReadErrorAsync(RawClient client, ulong cookie)
    {
        var chunk = ReplyChunk.Read(await client.ReadAsync(ReplyChunk.Size));
        var payload = await client.ReadAsync((int)chunk.Length);

        Assert.That(ErrorChunk.TryRead(chunk, payload, out var error), Is.True, "an error chunk");
        Assert.That(error.Cookie, Is.EqualTo(cookie));
        Assert.That(error.Flags, Is.EqualTo(ReplyChunkFlags.Done));
        Assert.That(Encoding.UTF8.GetString(payload.AsSpan(6)), Has.Length.EqualTo(error.MessageLength).And.Not.Empty);
        return error.Error;
    }

    private static async Task WriteAsync(ServerBench bench, long offset, string hex) =>
        Assert.That(await bench.Device.WriteAsync(offset, RawClient.Hex(hex), BlockWriteFlags.None), Is.EqualTo(BlockError.None));

    /// <summary>Describes each 1024 bytes by themselves: allocated zeros three times, then data.</summary>
    private sealed class CrumblyDevice : IBlockDevice
    {
        public BlockDeviceInfo Info { get; } = new() { Size = 4096 };

        public ValueTask<BlockError> DescribeAsync(long offset, long length, int maximumExtents, ICollection<BlockExtent> extents)
        {
            for (var i = 0; i < 4; i++)
                extents.Add(new BlockExtent(1024, i < 3 ? BlockExtentKind.Zero : BlockExtentKind.Data));
            return new(BlockError.None);
        }

        public ValueTask<BlockError> ReadAsync(long offset, Memory<byte> destination) => new(BlockError.Io);

        public ValueTask<BlockError> WriteAsync(long offset, BlockProxy.Io.Payload data, BlockWriteFlags flags) => new(BlockError.Io);

        public ValueTask<BlockError> FlushAsync() => new(BlockError.Io);

        public ValueTask<BlockError> TrimAsync(long offset, long length, BlockWriteFlags flags) => new(BlockError.Io);

        public ValueTask<BlockError> WriteZeroesAsync(long offset, long length, BlockWriteFlags flags) => new(BlockError.Io);

        public ValueTask<BlockError> CacheAsync(long offset, long length) => new(BlockError.Io);

        public ValueTask DisposeAsync() => default;
    }
}
