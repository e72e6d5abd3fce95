using System.Runtime.CompilerServices;
using BlockProxy.Proxy.Fops;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Fops;

public sealed class InodeTableTests
{
    [Test]
    public void A_gfid_has_one_inode_as_long_as_somebody_holds_it()
    {
        var table = new InodeTable();
        var gfid = Gfid.Parse("0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d");
        var first = table.Get(gfid);

        Assert.That(table.Get(gfid), Is.SameAs(first));
        Assert.That(table.Get(Gfid.Root), Is.SameAs(table.Root));
    }

    [Test]
    public void Inodes_that_nobody_holds_are_forgotten()
    {
        var table = new InodeTable();
        Touch(table, 1000);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        table.Sweep();

        Assert.That(table.Count, Is.Zero);
    }

    [Test]
    public void A_slot_holds_one_object_even_when_many_ask_at_once()
    {
        var inode = new Inode(new Gfid(1, 1));
        var made = new object[64];
        Parallel.For(0, made.Length, i => made[i] = inode.GetOrAddSlot(7, 0, static _ => new object()));

        Assert.That(made, Is.All.SameAs(made[0]));
        Assert.That(inode.GetSlot<object>(8), Is.Null);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Touch(InodeTable table, ulong count)
    {
        for (var i = 1UL; i <= count; i++)
            table.Get(new Gfid(i, i));
    }
}
