using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Posix;

public sealed class PosixInodeTableTests
{
    [Test]
    public void One_object_serves_all_users_of_a_gfid()
    {
        var table = new PosixInodeTable(idleLimit: 10, handleLimit: 10);

        var first = table.Acquire(new Gfid(1, 1));
        Assert.That(table.Acquire(new Gfid(1, 1)), Is.SameAs(first));
        table.Release(first);
        table.Release(first);
        Assert.That(table.Acquire(new Gfid(1, 1)), Is.SameAs(first), "idle, and remembered");
    }

    [Test]
    public void Idle_inodes_are_bounded_and_those_in_use_stay()
    {
        var table = new PosixInodeTable(idleLimit: 10, handleLimit: 10);
        var used = table.Acquire(new Gfid(9, 9));
        for (ulong i = 0; i < 1000; i++)
            table.Release(table.Acquire(new Gfid(1, i)));

        Assert.That(table.Count, Is.LessThanOrEqualTo(12));
        Assert.That(table.Acquire(new Gfid(9, 9)), Is.SameAs(used));
    }

    [Test]
    public void Handles_are_bounded_and_a_dropped_one_stays_open_for_its_user()
    {
        var table = new PosixInodeTable(idleLimit: 100, handleLimit: 2);
        var first = table.Acquire(new Gfid(1, 0));
        var handle = Open();
        table.Cache(first, handle);
        handle.Release();
        var inUse = table.UseCached(first)!;
        table.Release(first);
        for (ulong i = 1; i < 10; i++)
        {
            var inode = table.Acquire(new Gfid(1, i));
            var another = Open();
            table.Cache(inode, another);
            another.Release();
            table.Release(inode);
        }

        Assert.That(table.Handles, Is.EqualTo(2));
        Assert.That(first.Cached, Is.Null);
        Assert.That(inUse.IsClosed, Is.False);
        inUse.Release();
        Assert.That(inUse.IsClosed, Is.True);
        table.Clear();
        Assert.That((table.Handles, table.Count), Is.EqualTo((0, 0)));
    }

    private static FileHandle Open()
    {
        Assert.That(Sys.Open(Sys.AT_FDCWD, "/dev/null\0"u8, Sys.O_RDONLY, 0, out var handle), Is.EqualTo(Errno.None));
        return handle!;
    }
}
