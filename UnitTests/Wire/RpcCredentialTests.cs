using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Wire;

/// <summary>gluster-rpc section 3, and the headers of section 2.</summary>
public sealed class RpcCredentialTests
{
    private static readonly LkOwner Owner8 = new(Convert.FromHexString("3fd62deb9db58792"));

    [Test]
    public void A_version_3_credential_reads_as_recorded()
    {
        var body = Convert.FromHexString("00000484" + "00000000" + "00000000" + "00000003" + "0000002a" + "0000000065000000" + "00000000" + "00000008" + "3fd62deb9db58792");

        Assert.That(RpcCredential.TryRead(AuthFlavor.GlusterFs3, body, "client-1", out var context), Is.True);
        Assert.That(context.Caller.Pid, Is.EqualTo(0x484));
        Assert.That(context.Caller.Client, Is.EqualTo("client-1"));
        Assert.That(context.LockOwner, Is.EqualTo(Owner8));
        Assert.That(context.Times, Is.EqualTo(FopTimes.Ctime | FopTimes.Mtime));
        Assert.That(context.Time, Is.EqualTo(new Timespec(0x65000000, 42)), "nanoseconds come before seconds");
        Assert.That(Write(AuthFlavor.GlusterFs3, context), Is.EqualTo("0005f398" + "0000002c" + Convert.ToHexStringLower(body) + "0000000000000000"));
    }

    [Test]
    public void A_version_2_credential_has_no_time()
    {
        var context = new FopContext(new Caller { Pid = -6, Uid = 1, Gid = 2, Groups = [3, 4] }, Owner8, FopTimes.Ctime, new Timespec(9, 9));
        const string Body = "fffffffa" + "00000001" + "00000002" + "00000002" + "00000003" + "00000004" + "00000008" + "3fd62deb9db58792";

        Assert.That(Write(AuthFlavor.GlusterFs2, context), Is.EqualTo("0005f397" + "00000024" + Body + "0000000000000000"));
        Assert.That(RpcCredential.TryRead(AuthFlavor.GlusterFs2, Convert.FromHexString(Body), "", out var read), Is.True);
        Assert.That((read.Caller.Pid, read.Caller.Uid, read.Caller.Gid), Is.EqualTo((-6, 1u, 2u)));
        Assert.That(read.Caller.Groups, Is.EqualTo(new uint[] { 3, 4 }));
        Assert.That(read.Times, Is.EqualTo(FopTimes.None));
    }

    [Test]
    public void A_version_1_credential_has_an_owner_of_8_bytes_and_always_16_groups()
    {
        var context = new FopContext(new Caller { Pid = 5, Uid = 6, Gid = 7, Groups = [8] }, LkOwner.From(0x0102030405060708));
        var body = "0102030405060708" + "00000005" + "00000006" + "00000007" + "00000001" + "00000008" + new string('0', 15 * 8);

        Assert.That(Write(AuthFlavor.GlusterFs1, context), Is.EqualTo("00000005" + "00000058" + body + "0000000000000000"));
        Assert.That(RpcCredential.TryRead(AuthFlavor.GlusterFs1, Convert.FromHexString(body), "", out var read), Is.True);
        Assert.That(read.LockOwner, Is.EqualTo(context.LockOwner));
        Assert.That(read.Caller.Groups, Is.EqualTo(new uint[] { 8 }));
    }

    [TestCase(AuthFlavor.Null)]
    [TestCase((AuthFlavor)77)]
    public void Nobody_and_unknown_flavours_act_as_root(AuthFlavor flavor)
    {
        Assert.That(RpcCredential.TryRead(flavor, [], "", out var context), Is.True);
        Assert.That((context.Caller.Uid, context.Caller.Pid, context.LockOwner.IsEmpty), Is.EqualTo((0u, 0, true)));
    }

    [Test]
    public void An_absent_owner_becomes_the_pid_in_little_endian()
    {
        var written = Write(AuthFlavor.GlusterFs3, new FopContext(new Caller { Pid = 0x01020304 }));

        Assert.That(written, Does.EndWith("00000004" + "04030201" + "0000000000000000"));
    }

    [TestCase(87, 4, 87)]
    [TestCase(88, 4, 87)]
    [TestCase(200, 8, 83)]
    [TestCase(5, 91, 0)]
    public void Groups_give_way_to_the_owner(int groups, int ownerLength, int kept)
    {
        var context = new FopContext(new Caller { Groups = [.. Enumerable.Range(0, groups).Select(g => (uint)g)] }, new LkOwner(new byte[ownerLength]));
        var written = Convert.FromHexString(Write(AuthFlavor.GlusterFs3, context));

        Assert.That(written.Length - 16, Is.LessThanOrEqualTo(400));
        Assert.That(RpcCredential.TryRead(AuthFlavor.GlusterFs3, written.AsSpan(8, written.Length - 16), "", out var read), Is.True);
        Assert.That(read.Caller.Groups, Has.Count.EqualTo(kept));
        Assert.That(read.LockOwner.Bytes.Length, Is.EqualTo(ownerLength));
    }

    [Test]
    public void An_owner_that_no_credential_can_carry_is_a_programming_error() =>
        Assert.That(() => Write(AuthFlavor.GlusterFs3, new FopContext(null, new LkOwner(new byte[92]))), Throws.ArgumentException);

    [TestCase(88, 4, TestName = "One_group_too_many_is_denied_as_bricks_do")]
    [TestCase(0, 92, TestName = "An_owner_too_long_is_denied")]
    public void Credentials_beyond_the_limit_are_denied(int groups, int ownerLength)
    {
        var writer = new XdrWriter(stackalloc byte[600]);
        writer.Reserve(28).Clear();
        writer.WriteInt32(groups);
        writer.Reserve(groups * 4).Clear();
        writer.WriteOpaque(new byte[ownerLength]);

        Assert.That(RpcCredential.TryRead(AuthFlavor.GlusterFs3, writer.Written, "", out _), Is.False);
    }

    [Test]
    public void Callers_and_owners_that_come_again_are_the_same_objects()
    {
        var first = Body(new FopContext(new Caller { Pid = 1, Groups = [7] }, Owner8));
        var second = Body(new FopContext(new Caller { Pid = 2 }, Owner8));
        var reader = new RpcCredentialReader("client");
        reader.TryRead(AuthFlavor.GlusterFs3, first, out var one);
        reader.TryRead(AuthFlavor.GlusterFs3, second, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        reader.TryRead(AuthFlavor.GlusterFs3, first, out var again);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(again.Caller, Is.SameAs(one.Caller));
        Assert.That(again.Caller.Groups, Is.EqualTo(new uint[] { 7 }));
    }

    [Test]
    public void Another_RPC_version_is_told_apart_from_garbage()
    {
        var call = Convert.FromHexString("00000001" + "00000000" + "00000003" + "075b0f6d" + "00000001" + "00000001" + "0000000000000000" + "0000000000000000");
        var reader = new XdrReader(call);

        Assert.That(RpcCallHeader.Read(ref reader, out var header), Is.EqualTo(RpcCallVerdict.VersionMismatch));
        Assert.That(header.Xid, Is.EqualTo(1));
    }

    [Test]
    public void A_credential_over_400_bytes_is_garbage()
    {
        var call = new byte[600];
        Convert.FromHexString("00000001" + "00000000" + "00000002" + "075b0f6d" + "00000001" + "00000001" + "0005f398" + "00000194").CopyTo(call, 0);
        var reader = new XdrReader(call);

        Assert.That(RpcCallHeader.Read(ref reader, out _), Is.EqualTo(RpcCallVerdict.Garbage));
        Assert.That(reader.Failure, Does.StartWith("credential announces 404 bytes, the limit is 400"));
    }

    [Test]
    public void A_denied_call_says_why()
    {
        var writer = new XdrWriter(stackalloc byte[64]);
        RpcReplyHeader.WriteRpcMismatch(ref writer, 9);
        var reader = new XdrReader(writer.Written);

        Assert.That(RpcReplyHeader.Read(ref reader), Is.EqualTo(new RpcReplyHeader(9, Denied: true, default, RejectStatus.RpcMismatch, 2, 2)));
        Assert.That(Convert.ToHexString(writer.Written), Is.EqualTo("00000009" + "00000001" + "00000001" + "00000000" + "00000002" + "00000002"));
    }

    private static byte[] Body(FopContext context)
    {
        var written = Convert.FromHexString(Write(AuthFlavor.GlusterFs3, context));
        return written[8..^8];
    }

    private static string Write(AuthFlavor flavor, FopContext context)
    {
        var writer = new XdrWriter(stackalloc byte[512]);
        RpcCredential.Write(ref writer, flavor, in context);
        return Convert.ToHexStringLower(writer.Written);
    }
}
