using BlockProxy.Block;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Block;

public class BlockRequestGateTests
{
    private static readonly BlockDeviceInfo Info = new() { Size = 1 << 20, MinimumBlock = 512, MaximumBlock = 64 << 10 };

    [TestCase(BlockRequestKind.Read, 0ul, 512ul, BlockError.None)]
    [TestCase(BlockRequestKind.Read, 0ul, 0ul, BlockError.InvalidArgument)]
    [TestCase(BlockRequestKind.Read, 0x100000ul - 512, 512ul, BlockError.None)]
    [TestCase(BlockRequestKind.Read, 0x100000ul, 512ul, BlockError.InvalidArgument)]
    [TestCase(BlockRequestKind.Write, 0x100000ul, 512ul, BlockError.NoSpace)]
    [TestCase(BlockRequestKind.WriteZeroes, 0x100000ul - 512, 1024ul, BlockError.NoSpace)]
    [TestCase(BlockRequestKind.Trim, 0x100000ul - 512, 1024ul, BlockError.InvalidArgument)]
    [TestCase(BlockRequestKind.Read, ulong.MaxValue - 511, 512ul, BlockError.InvalidArgument)]
    [TestCase(BlockRequestKind.Read, 512ul, ulong.MaxValue - 511, BlockError.InvalidArgument)]
    [TestCase(BlockRequestKind.Read, 256ul, 512ul, BlockError.InvalidArgument)]
    [TestCase(BlockRequestKind.Write, 512ul, 256ul, BlockError.InvalidArgument)]
    [TestCase(BlockRequestKind.Read, 0ul, 0x10000ul, BlockError.None)]
    [TestCase(BlockRequestKind.Read, 0ul, 0x10200ul, BlockError.TooLarge)]
    [TestCase(BlockRequestKind.Write, 0ul, 0x10200ul, BlockError.TooLarge)]
    [TestCase(BlockRequestKind.Trim, 0ul, 0x100000ul, BlockError.None)]
    [TestCase(BlockRequestKind.Describe, 0ul, 0x100000ul, BlockError.None)]
    public void Range_alignment_and_size(BlockRequestKind kind, ulong offset, ulong length, BlockError verdict) =>
        Assert.That(BlockRequestGate.Check(Info, kind, offset, length), Is.EqualTo(verdict));

    [Test]
    public void A_read_only_device_refuses_what_changes_it([Values] BlockRequestKind kind)
    {
        var changes = kind is BlockRequestKind.Write or BlockRequestKind.Trim or BlockRequestKind.WriteZeroes;

        Assert.That(BlockRequestGate.Check(Info with { ReadOnly = true }, kind, 0, 512), Is.EqualTo(changes ? BlockError.NotPermitted : BlockError.None));
    }

    [Test]
    public void What_a_device_cannot_do_is_not_supported()
    {
        var info = Info with { CanTrim = false, CanWriteZeroes = false };

        Assert.That(BlockRequestGate.Check(info, BlockRequestKind.Trim, 0, 512), Is.EqualTo(BlockError.NotSupported));
        Assert.That(BlockRequestGate.Check(info, BlockRequestKind.WriteZeroes, 0, 512), Is.EqualTo(BlockError.NotSupported));
        Assert.That(BlockRequestGate.Check(info, BlockRequestKind.Write, 0, 512), Is.EqualTo(BlockError.None));
    }
}
