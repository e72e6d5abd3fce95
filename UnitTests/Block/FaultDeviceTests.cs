using BlockProxy.Block;
using BlockProxy.UnitTests.Nbd;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Block;

public class FaultDeviceTests
{
    private static readonly BlockRequestKind[] OnlyReads = [BlockRequestKind.Read];

    [Test]
    public async Task A_delayed_request_reaches_the_device_when_its_time_has_passed()
    {
        var clock = new ManualClock();
        var inner = new GatedDevice(4096);
        await using var device = new DelayDevice(inner, new DelayOptions { Write = TimeSpan.FromMilliseconds(10) }, clock);

        var write = device.WriteAsync(0, new byte[] { 1 }, BlockWriteFlags.None).AsTask();
        clock.Advance(TimeSpan.FromMilliseconds(9));
        Assert.That(inner.Requests, Is.Empty);
        clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.That(await write.WaitAsync(RawClient.Patience), Is.EqualTo(BlockError.None));
        Assert.That(inner.Requests.Select(request => request.Kind), Is.EqualTo(new[] { "write" }));
    }

    [Test]
    public async Task Requests_that_have_no_delay_pass_at_once_and_do_not_wait_for_others()
    {
        var clock = new ManualClock();
        await using var device = new DelayDevice(new MemoryDevice(4096), new DelayOptions { Flush = TimeSpan.FromSeconds(1) }, clock);

        var flush = device.FlushAsync().AsTask();

        Assert.That(await device.ReadAsync(0, new byte[1]), Is.EqualTo(BlockError.None));
        Assert.That(flush.IsCompleted, Is.False);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await flush.WaitAsync(RawClient.Patience), Is.EqualTo(BlockError.None));
    }

    [Test]
    public async Task All_kinds_can_be_delayed()
    {
        var clock = new ManualClock();
        await using var device = new DelayDevice(new MemoryDevice(4096), DelayOptions.All(TimeSpan.FromSeconds(1)), clock);

        Task<BlockError>[] requests =
        [
            device.ReadAsync(0, new byte[1]).AsTask(), device.WriteAsync(0, new byte[1], default).AsTask(), device.FlushAsync().AsTask(),
            device.TrimAsync(0, 1, default).AsTask(), device.WriteZeroesAsync(0, 1, default).AsTask(), device.CacheAsync(0, 1).AsTask(),
            device.DescribeAsync(0, 1, 1, new List<BlockExtent>()).AsTask(),
        ];
        Assert.That(requests.Any(request => request.IsCompleted), Is.False);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.That(await Task.WhenAll(requests).WaitAsync(RawClient.Patience), Is.All.EqualTo(BlockError.None));
        Assert.That(device.Info.KnowsHolesCheaply, Is.False);
    }

    [Test]
    public async Task A_failed_request_does_not_reach_the_device()
    {
        var inner = new GatedDevice(4096);
        await using var device = new ErrorDevice(inner, new Random(1), new ErrorOptions { Error = BlockError.NoSpace, Kinds = [BlockRequestKind.Write] });

        Assert.That(await device.WriteAsync(0, new byte[1], default), Is.EqualTo(BlockError.NoSpace));
        Assert.That(await device.ReadAsync(0, new byte[1]), Is.EqualTo(BlockError.None));
        Assert.That(await device.FlushAsync(), Is.EqualTo(BlockError.None));
        Assert.That(inner.Requests.Select(request => request.Kind), Is.EqualTo(new[] { "read", "flush" }));
    }

    [Test]
    public async Task Every_kind_can_fail()
    {
        await using var device = new ErrorDevice(new MemoryDevice(4096), new Random(1), new ErrorOptions { Error = BlockError.Io, Flush = true });

        BlockError[] answers =
        [
            await device.ReadAsync(0, new byte[1]), await device.WriteAsync(0, new byte[1], default), await device.FlushAsync(),
            await device.TrimAsync(0, 1, default), await device.WriteZeroesAsync(0, 1, default), await device.CacheAsync(0, 1),
            await device.DescribeAsync(0, 1, 1, new List<BlockExtent>()),
        ];

        Assert.That(answers, Is.All.EqualTo(BlockError.Io));
    }

    [Test]
    public async Task Failures_begin_after_a_count_and_end_when_switched_off()
    {
        await using var device = new ErrorDevice(new MemoryDevice(4096), new Random(1));

        device.Options = new ErrorOptions { Error = BlockError.Io, Kinds = OnlyReads, After = 2 };
        Assert.That(await ReadsAsync(device, 4), Is.EqualTo(new[] { BlockError.None, BlockError.None, BlockError.Io, BlockError.Io }));
        device.Options = null;

        Assert.That(await ReadsAsync(device, 2), Is.All.EqualTo(BlockError.None));
    }

    [Test]
    public async Task A_probability_and_a_seed_give_the_same_failures_again()
    {
        await using var one = new ErrorDevice(new MemoryDevice(4096), new Random(7), new ErrorOptions { Error = BlockError.Io, Probability = 0.3 });
        await using var other = new ErrorDevice(new MemoryDevice(4096), new Random(7), new ErrorOptions { Error = BlockError.Io, Probability = 0.3 });

        var answers = await ReadsAsync(one, 1000);

        Assert.That(answers.Count(answer => answer == BlockError.Io), Is.InRange(200, 400));
        Assert.That(await ReadsAsync(other, 1000), Is.EqualTo(answers));
    }

    private static async Task<List<BlockError>> ReadsAsync(ErrorDevice device, int count)
    {
        var answers = new List<BlockError>();
        for (var i = 0; i < count; i++)
            answers.Add(await device.ReadAsync(0, new byte[1]));
        return answers;
    }
}
