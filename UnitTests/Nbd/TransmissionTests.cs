using BlockProxy.Block;
using BlockProxy.Nbd;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Nbd;

public class TransmissionTests
{
    [Test]
    public async Task What_is_written_is_read_back()
    {
        await using var bench = new ServerBench();
        using var client = await bench.TransmitAsync();

        client.SendHex("25609513 0000 0001 0000000000000001 0000000000000FFE 00000004", "DEADBEEF");
        await client.ExpectHexAsync("67446698 00000000 0000000000000001");
        client.SendHex("25609513 0000 0000 0000000000000002 0000000000000FFC 00000008");

        await client.ExpectHexAsync("67446698 00000000 0000000000000002", "0000DEADBEEF0000");
    }

    [TestCase("0001 0004 {0} 0000000000001000 00002000", "trim", BlockWriteFlags.Fua)]
    [TestCase("0000 0004 {0} 0000000000001000 00002000", "trim", BlockWriteFlags.None)]
    [TestCase("0003 0006 {0} 0000000000001000 00002000", "zero", BlockWriteFlags.Fua | BlockWriteFlags.NoHole)]
    [TestCase("0010 0006 {0} 0000000000001000 00002000", "zero", BlockWriteFlags.FastOnly)]
    [TestCase("0000 0005 {0} 0000000000001000 00002000", "cache", BlockWriteFlags.None)]
    [TestCase("0001 0005 {0} 0000000000001000 00002000", "cache", BlockWriteFlags.None)]
    public async Task A_command_reaches_the_device_with_its_range_and_flags(string request, string kind, BlockWriteFlags flags)
    {
        var device = new GatedDevice(1 << 20);
        await using var bench = new ServerBench(device);
        using var client = await bench.TransmitAsync();

        client.SendHex("25609513", string.Format(null, request, "00000000000000AA"));

        await client.ExpectHexAsync("67446698 00000000 00000000000000AA");
        Assert.That(device.Requests, Is.EqualTo(new[] { (kind, 0x1000L, 0x2000L, flags) }));
    }

    [Test]
    public async Task A_write_with_FUA_is_passed_on_as_such()
    {
        var device = new GatedDevice(1 << 20);
        await using var bench = new ServerBench(device);
        using var client = await bench.TransmitAsync();

        client.SendHex("25609513 0001 0001 0000000000000001 0000000000000000 00000002", "ABCD");

        await client.ExpectHexAsync("67446698 00000000 0000000000000001");
        Assert.That(device.Requests, Is.EqualTo(new[] { ("write", 0L, 2L, BlockWriteFlags.Fua) }));
    }

    [Test]
    public async Task A_flush_waits_for_the_device()
    {
        var device = new GatedDevice(1 << 20);
        device.Hold(-1);
        await using var bench = new ServerBench(device);
        using var client = await bench.TransmitAsync();

        client.SendHex("25609513 0000 0003 0000000000000001 0000000000000000 00000000");
        client.SendHex("25609513 0000 0000 0000000000000002 0000000000000000 00000001");
        await client.ExpectHexAsync("67446698 00000000 0000000000000002", "00");
        device.LetGo(-1);

        await client.ExpectHexAsync("67446698 00000000 0000000000000001");
    }

    // The check of a request: what proto.md allows, and the error it wants for the rest. 1 MiB export, simple replies.
    [TestCase("0000 0008 {0} 0000000000000000 00000000", 22u, TestName = "An_unknown_command_is_EINVAL")]
    [TestCase("0000 FFFF {0} 0000000000000000 00000000", 22u, TestName = "The_largest_command_is_EINVAL")]
    [TestCase("0020 0000 {0} 0000000000000000 00000200", 22u, TestName = "An_unknown_flag_is_EINVAL")]
    [TestCase("8000 0003 {0} 0000000000000000 00000000", 22u, TestName = "The_highest_flag_is_EINVAL")]
    [TestCase("0002 0000 {0} 0000000000000000 00000200", 22u, TestName = "NO_HOLE_on_a_read_is_EINVAL")]
    [TestCase("0004 0000 {0} 0000000000000000 00000200", 22u, TestName = "DF_without_structured_replies_is_EINVAL")]
    [TestCase("0008 0000 {0} 0000000000000000 00000200", 22u, TestName = "REQ_ONE_on_a_read_is_EINVAL")]
    [TestCase("0010 0004 {0} 0000000000000000 00000200", 22u, TestName = "FAST_ZERO_on_a_trim_is_EINVAL")]
    [TestCase("0000 0000 {0} 0000000000000000 00000000", 22u, TestName = "A_read_of_nothing_is_EINVAL")]
    [TestCase("0000 0000 {0} 00000000000FFFFF 00000002", 22u, TestName = "A_read_beyond_the_end_is_EINVAL")]
    [TestCase("0000 0000 {0} FFFFFFFFFFFFFFFF 00000001", 22u, TestName = "A_read_at_the_last_offset_there_is_is_EINVAL")]
    [TestCase("0000 0000 {0} FFFFFFFFFFFFFE00 FFFFFFFF", 22u, TestName = "A_read_whose_end_overflows_is_EINVAL")]
    [TestCase("0000 0004 {0} 0000000000100000 00000001", 22u, TestName = "A_trim_beyond_the_end_is_EINVAL")]
    [TestCase("0000 0005 {0} 0000000000100000 00000001", 22u, TestName = "A_cache_beyond_the_end_is_EINVAL")]
    [TestCase("0000 0006 {0} 0000000000100000 00000001", 28u, TestName = "Zeroes_beyond_the_end_are_ENOSPC")]
    [TestCase("0000 0007 {0} 0000000000000000 00001000", 22u, TestName = "Block_status_without_a_context_is_EINVAL")]
    [TestCase("0000 0003 {0} 0000000000000001 00000000", 22u, TestName = "A_flush_with_an_offset_is_EINVAL")]
    [TestCase("0000 0003 {0} 0000000000000000 00000001", 22u, TestName = "A_flush_with_a_length_is_EINVAL")]
    public async Task Requests_that_are_not_allowed(string request, uint error)
    {
        var device = new GatedDevice(1 << 20);
        await using var bench = new ServerBench(device);
        using var client = await bench.TransmitAsync();

        client.SendHex("25609513", string.Format(null, request, "0000000000000001"));
        await client.ExpectHexAsync("67446698", error.ToString("X8"), "0000000000000001");
        client.SendHex("25609513 0000 0000 0000000000000002 0000000000000000 00000001");

        await client.ExpectHexAsync("67446698 00000000 0000000000000002", "00");
        Assert.That(device.Requests, Has.Count.EqualTo(1), "only the second request reached the device");
    }

    [TestCase("00000000000FFFFF 00000002", 28u, TestName = "A_write_beyond_the_end_is_ENOSPC")]
    [TestCase("0000000000000000 00000000", 22u, TestName = "A_write_of_nothing_is_EINVAL")]
    public async Task A_refused_write(string range, uint error)
    {
        await using var bench = new ServerBench();
        using var client = await bench.TransmitAsync();
        var length = Convert.ToInt32(range[^8..], 16);

        client.SendHex("25609513 0000 0001 0000000000000001", range, string.Concat(Enumerable.Repeat("25", length)));
        await client.ExpectHexAsync("67446698", error.ToString("X8"), "0000000000000001");
        client.SendHex("25609513 0000 0000 0000000000000002 0000000000000000 00000001");

        await client.ExpectHexAsync("67446698 00000000 0000000000000002", "00");
    }

    [TestCase("0000 0004 {0} 0000000000000000 00001000")]
    [TestCase("0000 0006 {0} 0000000000000000 00001000")]
    [TestCase("0010 0006 {0} 0000000000000000 00001000")]
    [TestCase("0000 0001 {0} 0000000000000000 00000001 FF")]
    public async Task A_read_only_export_refuses_to_change_with_EPERM(string request)
    {
        var device = new GatedDevice(1 << 20);
        await using var bench = new ServerBench(device, readOnly: true);
        using var client = await bench.TransmitAsync();

        client.SendHex("25609513", string.Format(null, request, "0000000000000001"));

        await client.ExpectHexAsync("67446698 00000001 0000000000000001");
        Assert.That(device.Requests, Is.Empty);
    }

    [Test]
    public async Task Offsets_that_are_not_multiples_of_the_minimum_block_are_EINVAL()
    {
        await using var bench = new ServerBench(new GatedDevice(1 << 20, info => info with { MinimumBlock = 512 }));
        using var client = await bench.TransmitAsync();

        client.SendHex("25609513 0000 0000 0000000000000001 0000000000000100 00000200");
        await client.ExpectHexAsync("67446698 00000016 0000000000000001");
        client.SendHex("25609513 0000 0000 0000000000000002 0000000000000200 00000100");

        await client.ExpectHexAsync("67446698 00000016 0000000000000002");
    }

    [Test]
    public async Task A_read_larger_than_the_limit_is_EINVAL_with_simple_replies()
    {
        await using var bench = new ServerBench(limits: new NbdLimits { MaxRequestBytes = 64 << 10 });
        using var client = await bench.TransmitAsync();

        client.SendHex("25609513 0000 0000 0000000000000001 0000000000000000 00010001");

        await client.ExpectHexAsync("67446698 00000016 0000000000000001");
    }

    [Test]
    public async Task A_write_larger_than_the_limit_is_EINVAL_after_its_payload_and_takes_no_memory()
    {
        await using var bench = new ServerBench(limits: new NbdLimits { MaxRequestBytes = 64 << 10 });
        using var client = await bench.TransmitAsync();

        client.SendHex("25609513 0000 0001 0000000000000001 0000000000000000 00080000");
        for (var i = 0; i < 8; i++)
            client.Send(new byte[64 << 10]);
        await client.ExpectHexAsync("67446698 00000016 0000000000000001");

        Assert.That(bench.Pool.Outstanding, Is.EqualTo(1), "the receive buffer");
    }

    // NBD_EPERM 1, EIO 5, ENOMEM 12, EINVAL 22, ENOSPC 28, EOVERFLOW 75, ENOTSUP 95, ESHUTDOWN 108.
    [TestCase(BlockError.Io, 5u, 5u, 5u, 5u)]
    [TestCase(BlockError.InvalidArgument, 22u, 22u, 22u, 22u)]
    [TestCase(BlockError.NoSpace, 28u, 28u, 28u, 28u)]
    [TestCase(BlockError.NotPermitted, 1u, 1u, 1u, 1u)]
    [TestCase(BlockError.NotSupported, 22u, 22u, 22u, 95u)]
    [TestCase(BlockError.OutOfMemory, 12u, 12u, 12u, 12u)]
    [TestCase(BlockError.TooLarge, 22u, 22u, 75u, 95u)]
    [TestCase(BlockError.ShuttingDown, 108u, 108u, 108u, 108u)]
    public async Task A_devices_error_has_one_error_on_the_wire(BlockError error, uint read, uint write, uint trim, uint fastZero)
    {
        var device = new GatedDevice(1 << 20) { Answer = error };
        await using var bench = new ServerBench(device);
        using var client = await bench.TransmitAsync();

        client.SendHex("25609513 0000 0000 0000000000000001 0000000000000000 00000001");
        await client.ExpectHexAsync("67446698", read.ToString("X8"), "0000000000000001");
        client.SendHex("25609513 0000 0001 0000000000000002 0000000000000000 00000001 FF");
        await client.ExpectHexAsync("67446698", write.ToString("X8"), "0000000000000002");
        client.SendHex("25609513 0000 0004 0000000000000003 0000000000000000 00000001");
        await client.ExpectHexAsync("67446698", trim.ToString("X8"), "0000000000000003");
        client.SendHex("25609513 0010 0006 0000000000000004 0000000000000000 00000001");
        await client.ExpectHexAsync("67446698", fastZero.ToString("X8"), "0000000000000004");
    }

    [Test]
    public void Every_device_error_has_an_error_on_the_wire_and_a_sentence([Values] BlockError error)
    {
        var request = new BlockProxy.Nbd.Wire.NbdRequest(0, BlockProxy.Nbd.Wire.NbdCommand.Flush, 1, 0, 0);

        Assert.That(NbdErrors.ToWire(error, request, structured: true) == 0, Is.EqualTo(error == BlockError.None));
        Assert.That(NbdErrors.Message(error).IsEmpty, Is.EqualTo(error == BlockError.None));
    }

    [Test]
    public async Task A_device_that_throws_costs_one_request()
    {
        await using var bench = new ServerBench(new ThrowingDevice());
        using var client = await bench.TransmitAsync();

        client.SendHex("25609513 0000 0000 0000000000000001 0000000000000000 00000001");
        await client.ExpectHexAsync("67446698 00000005 0000000000000001");
        client.SendHex("25609513 0000 0001 0000000000000002 0000000000000000 00000001 FF");
        await client.ExpectHexAsync("67446698 00000005 0000000000000002");

        Assert.That(bench.Log.Warnings, Has.Exactly(2).Contains("threw"));
    }

    [Test]
    public async Task Replies_come_in_the_order_the_device_completes()
    {
        var device = new GatedDevice(1 << 20);
        device.Hold(0x1000);
        device.Hold(0x2000);
        await using var bench = new ServerBench(device);
        using var client = await bench.TransmitAsync();

        client.SendHex("25609513 0000 0000 0000000000000001 0000000000001000 00000001");
        client.SendHex("25609513 0000 0000 0000000000000002 0000000000002000 00000001");
        client.SendHex("25609513 0000 0000 0000000000000003 0000000000003000 00000001");
        await client.ExpectHexAsync("67446698 00000000 0000000000000003", "00");
        device.LetGo(0x2000);
        await client.ExpectHexAsync("67446698 00000000 0000000000000002", "00");
        device.LetGo(0x1000, BlockError.Io);

        await client.ExpectHexAsync("67446698 00000005 0000000000000001");
    }

    [Test]
    public async Task Disconnect_completes_what_is_in_flight_and_then_closes()
    {
        var device = new GatedDevice(1 << 20);
        device.Hold(0);
        await using var bench = new ServerBench(device);
        using var client = await bench.TransmitAsync();

        client.SendHex("25609513 0000 0001 0000000000000001 0000000000000000 00000001 EE");
        client.SendHex("25609513 0000 0002 0000000000000002 0000000000000000 00000000");
        await device.ArrivedAsync();
        Assert.That(bench.Exports.Open, Is.EqualTo(1), "the export is in use while a request is");
        device.LetGo(0);

        await client.ExpectHexAsync("67446698 00000000 0000000000000001");
        await client.ExpectEndAsync();
        await bench.ExpectNothingLeftAsync();
        Assert.That(bench.Exports.Open, Is.Zero);
        Assert.That(bench.Log.Lines.Select(line => line.Text), Has.Some.Contain("disconnected"));
    }

    [Test]
    public async Task A_client_that_only_closes_still_gets_the_replies_it_waits_for()
    {
        var device = new GatedDevice(1 << 20);
        device.Hold(0);
        await using var bench = new ServerBench(device);
        using var client = await bench.TransmitAsync();

        client.SendHex("25609513 0000 0001 0000000000000001 0000000000000000 00000001 EE");
        await client.FinishSendingAsync();
        await device.ArrivedAsync();
        device.LetGo(0);

        await client.ExpectHexAsync("67446698 00000000 0000000000000001");
        await client.ExpectEndAsync();
        Assert.That(bench.Log.Warnings, Is.Empty);
    }

    [Test]
    public async Task A_wrong_request_magic_ends_the_connection_with_one_line()
    {
        await using var bench = new ServerBench();
        using var client = await bench.TransmitAsync();

        client.SendHex("25609514 0000 0000 0000000000000001 0000000000000000 00000001");

        await client.ExpectEndAsync();
        await bench.ExpectNothingLeftAsync();
        Assert.That(bench.Log.Warnings.Single(), Does.Contain("request magic 0x25609514"));
    }

    [TestCase("25609513 0000 0000 00000000", TestName = "A_connection_that_ends_inside_a_header_is_reported")]
    [TestCase("25609513 0000 0001 0000000000000001 0000000000000000 00000004 FFFF", TestName = "A_connection_that_ends_inside_a_payload_is_reported")]
    [TestCase("25609513 0000 0001 0000000000000001 0000000000000000 00080000 FFFF", TestName = "A_connection_that_ends_inside_a_large_payload_is_reported")]
    public async Task Truncated_requests(string bytes)
    {
        await using var bench = new ServerBench();
        using var client = await bench.TransmitAsync();

        client.SendHex(bytes);
        await client.FinishSendingAsync();

        await client.ExpectEndAsync();
        await bench.ExpectNothingLeftAsync();
        Assert.That(bench.Log.Warnings.Single(), Does.Contain("inside a request"));
    }

    private sealed class ThrowingDevice : IBlockDevice
    {
        public BlockDeviceInfo Info { get; } = new() { Size = 1 << 20 };

        public ValueTask<BlockError> ReadAsync(long offset, Memory<byte> destination) => throw new InvalidOperationException("at once");

        public async ValueTask<BlockError> WriteAsync(long offset, BlockProxy.Io.Payload data, BlockWriteFlags flags)
        {
            await Task.Yield();
            throw new InvalidOperationException("later");
        }

        public ValueTask<BlockError> FlushAsync() => throw new NotSupportedException();

        public ValueTask<BlockError> TrimAsync(long offset, long length, BlockWriteFlags flags) => throw new NotSupportedException();

        public ValueTask<BlockError> WriteZeroesAsync(long offset, long length, BlockWriteFlags flags) => throw new NotSupportedException();

        public ValueTask<BlockError> CacheAsync(long offset, long length) => throw new NotSupportedException();

        public ValueTask<BlockError> DescribeAsync(long offset, long length, int maximumExtents, ICollection<BlockExtent> extents) =>
            throw new NotSupportedException();

        public ValueTask DisposeAsync() => default;
    }
}
