using BlockProxy.Proxy.Fops;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Locks;

public sealed class PosixLockTests : LocksTests
{
    private static readonly Fd Open = new(File, OpenFlags.ReadWrite);

    [Test]
    public async Task A_query_answers_the_lock_in_the_way_or_none()
    {
        await Lk(A, LkType.Write, 10, 10);

        var blocked = await Locks.LkAsync(B, new(Open, LkCommand.Get, new FileLock(LkType.Read, 0, 0, Pid: 22)));
        Assert.That(blocked.Lock, Is.EqualTo(new FileLock(LkType.Write, 10, 10, Pid: 11, Owner: A.LockOwner)));
        var free = await Locks.LkAsync(B, new(Open, LkCommand.Get, new FileLock(LkType.Read, 20, 0)));
        Assert.That(free.Lock.Type, Is.EqualTo(LkType.Unlock));
        var own = await Locks.LkAsync(A, new(Open, LkCommand.Get, new FileLock(LkType.Write, 0, 0)));
        Assert.That(own.Lock.Type, Is.EqualTo(LkType.Unlock));
    }

    [Test]
    public async Task An_owners_ranges_split_change_and_join()
    {
        await Lk(A, LkType.Write, 0, 100);
        await Lk(A, LkType.Unlock, 40, 20);
        Assert.That(await RangesAsync(), Is.EqualTo("W0-39 W60-99"));
        await Lk(A, LkType.Read, 80, 0);
        Assert.That(await RangesAsync(), Is.EqualTo("W0-39 W60-79 R80-"));
        await Lk(A, LkType.Write, 40, 20);
        Assert.That(await RangesAsync(), Is.EqualTo("W0-79 R80-"));
        await Lk(A, LkType.Unlock, 0, 0);
        Assert.That(await RangesAsync(), Is.Empty);
    }

    [Test]
    public async Task Random_locks_agree_with_a_byte_by_byte_model()
    {
        const int Bytes = 24;
        var random = new Random(20);
        FopContext[] owners = [A, B, C];
        var model = new (LkType Type, int Owner)?[Bytes];
        for (var step = 0; step < 5000; step++)
        {
            var owner = random.Next(owners.Length);
            var type = (LkType)random.Next(3);
            var start = random.Next(Bytes);
            var length = random.Next(1, Bytes - start + 1);
            var covered = Enumerable.Range(start, length);
            // Readers share in reality; the model keeps one owner a byte, so reads of two owners on one byte are not tried.
            if (type != LkType.Unlock && covered.Any(b => model[b] is { } held && held.Owner != owner))
            {
                if (type == LkType.Write || covered.Any(b => model[b] is { Type: LkType.Write } held && held.Owner != owner))
                    Assert.That(await LkErrno(owners[owner], type, start, length), Is.EqualTo(Errno.EAGAIN), $"step {step}");
                continue;
            }

            Assert.That(await LkErrno(owners[owner], type, start, length), Is.EqualTo(Errno.None), $"step {step}");
            foreach (var b in covered)
            {
                if (type != LkType.Unlock)
                    model[b] = (type, owner);
                else if (model[b]?.Owner == owner)
                    model[b] = null;
            }
        }

        var locks = (await Locks.GetactivelkAsync(A, new(Loc.Of(File)))).Locks!;
        for (var b = 0; b < Bytes; b++)
        {
            var held = locks.Where(l => l.Lock.Start <= b && b < l.Lock.Start + l.Lock.Length).ToList();
            Assert.That(held.Select(l => (l.Lock.Type, l.Client)), Is.EqualTo(model[b] is { } one ? new[] { (one.Type, owners[one.Owner].Caller.Client) } : []), $"byte {b}");
        }
    }

    [Test]
    public async Task Waiting_locks_are_granted_when_room_is_made_by_unlock_downgrade_flush_or_departure()
    {
        await Lk(A, LkType.Write, 0, 10);
        var afterUnlock = Wait(B, LkType.Write, 0, 10);
        await Lk(A, LkType.Unlock, 0, 10);
        Assert.That(afterUnlock.Result, Is.EqualTo(Errno.None));

        var afterDowngrade = Wait(A, LkType.Read, 0, 10);
        Assert.That(afterDowngrade.IsCompleted, Is.False);
        await Lk(B, LkType.Read, 0, 10);
        Assert.That(afterDowngrade.Result, Is.EqualTo(Errno.None));

        await Locks.FlushAsync(A, new(Open));
        var afterFlush = Wait(C, LkType.Write, 0, 10);
        Assert.That(afterFlush.IsCompleted, Is.False, "B reads");
        await Locks.FlushAsync(B, new(Open));
        Assert.That(afterFlush.Result, Is.EqualTo(Errno.None));

        var afterDeparture = Wait(A, LkType.Write, 0, 10);
        var abandoned = Wait(Of("client-c", 77), LkType.Write, 0, 10);
        Locks.ClientLeft("client-c");
        Assert.That((abandoned.Result, afterDeparture.Result), Is.EqualTo((Errno.EAGAIN, Errno.None)));
    }

    [Test]
    public async Task Releasing_an_fd_drops_what_was_locked_through_it()
    {
        var other = new Fd(File, OpenFlags.ReadWrite);
        await Locks.LkAsync(A, new(other, LkCommand.Set, new FileLock(LkType.Write, 0, 10)));
        await Lk(A, LkType.Write, 20, 10);

        await Locks.ReleaseAsync(A, new(other));

        Assert.That(await RangesAsync(), Is.EqualTo("W20-29"));
    }

    [Test]
    public async Task Commands_that_no_client_sends_are_not_there()
    {
        Assert.That((await Locks.LkAsync(A, new(Open, LkCommand.ReserveLock, new FileLock(LkType.Write, 0, 1)))).Errno, Is.EqualTo(Errno.ENOSYS));
        Assert.That((await Locks.LkAsync(A, new(Open, LkCommand.Set, new FileLock((LkType)9, 0, 1)))).Errno, Is.EqualTo(Errno.EINVAL));
    }

    [Test]
    public async Task Stopping_ends_what_waits()
    {
        await Lk(A, LkType.Write, 0, 0);
        var posix = Wait(B, LkType.Write, 0, 0);
        await Inodelk(A, LkType.Write);
        var inode = Inodelk(B, LkType.Write);

        await Locks.StopAsync();

        Assert.That((await posix, await inode), Is.EqualTo((Errno.EAGAIN, Errno.EAGAIN)));
    }

    private async Task Lk(FopContext who, LkType type, long start, long length) =>
        Assert.That(await LkErrno(who, type, start, length), Is.EqualTo(Errno.None));

    private async Task<Errno> LkErrno(FopContext who, LkType type, long start, long length) =>
        (await Locks.LkAsync(who, new(Open, LkCommand.Set, new FileLock(type, start, length, Pid: 11)))).Errno;

    private async Task<Errno> Wait(FopContext who, LkType type, long start, long length) =>
        (await Locks.LkAsync(who, new(Open, LkCommand.SetWait, new FileLock(type, start, length)))).Errno;

    private async Task<string> RangesAsync() => string.Join(' ', (await Locks.GetactivelkAsync(A, new(Loc.Of(File)))).Locks!
        .Select(l => l.Lock).OrderBy(l => l.Start)
        .Select(l => $"{(l.Type == LkType.Read ? 'R' : 'W')}{l.Start}-{(l.Length == 0 ? "" : l.Start + l.Length - 1)}"));
}
