using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Callback;
using BlockProxy.Proxy.Wire.Gfs4;
using BlockProxy.Proxy.Wire.Xdr;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Wire;

/// <summary>Layouts that no stock program would show, by hand from gluster-rpc sections 7 and 13; and what codecs make of odd answers and calls.</summary>
public sealed class FopLayoutTests
{
    private const string Root = "00000000000000000000000000000001";
    private const string NullDict = "00000000" + "ffffffff" + "00000000";
    private const string Some = "0102030405060708090a0b0c0d0e0f10";
    private static readonly string ZeroIatt = new('0', 2 * XdrStructures.IattSize);

    [Test]
    public void NAMELINK_is_a_parent_a_name_and_a_dictionary()
    {
        const string Bytes = Root + "00000003" + "61626300" + NullDict;
        var request = ReadCall<NamelinkRequest, PrePostReply>(Bytes);

        Assert.That(request.Loc.ParentGfid, Is.EqualTo(Gfid.Root));
        Assert.That(request.Loc.Name, Is.EqualTo("abc"));
        Assert.That(WriteCall<NamelinkRequest, PrePostReply>(request), Is.EqualTo(Bytes));
        Assert.That(WriteReply<NamelinkRequest, PrePostReply>(new(Errno.None)), Is.EqualTo("0000000000000000" + NullDict + ZeroIatt + ZeroIatt));
    }

    [Test]
    public void ICREATE_is_a_gfid_a_mode_and_a_dictionary()
    {
        const string Bytes = Some + "000081a4" + NullDict;
        var request = ReadCall<IcreateRequest, IattReply>(Bytes);

        Assert.That(request.Mode, Is.EqualTo(0x81a4));
        Assert.That(WriteCall<IcreateRequest, IattReply>(request), Is.EqualTo(Bytes));
    }

    [Test]
    public void SETACTIVELK_is_a_gfid_a_list_of_locks_and_a_dictionary()
    {
        const string Flock = "00000001" + "00000000" + "0000000000000010" + "0000000000000020" + "00000007" + "00000002" + "abcd0000";
        const string Bytes = Some + "00000001" + Flock + "00000002" + "63310000" + "00000005" + "00000000" + NullDict;
        var request = ReadCall<SetactivelkRequest, StatusReply>(Bytes);

        Assert.That(request.Locks, Is.EqualTo(new[]
        {
            new ActiveLock(new FileLock(LkType.Write, 16, 32, 0, 7, new LkOwner([0xab, 0xcd])), "c1", 5),
        }));
        Assert.That(WriteCall<SetactivelkRequest, StatusReply>(request), Is.EqualTo(Bytes));
    }

    [Test]
    public void PUT_has_two_dictionaries_and_its_data_behind_them()
    {
        const string Head = Root + "00000001" + "61000000" + "000081a4" + "00000012" + "00000002" + "0000000000000003" + "00000004" + NullDict + NullDict;
        var request = ReadCall<PutRequest, EntryReply>(Head + "64617461");

        Assert.That(request.Data.Span.ToArray(), Is.EqualTo("data"u8.ToArray()));
        Assert.That((request.Mode, request.Umask, request.Flags, request.Offset), Is.EqualTo((0x81a4u, 0x12u, OpenFlags.ReadWrite, 3L)));
        Assert.That(WriteCall<PutRequest, EntryReply>(request), Is.EqualTo(Head + "64617461"));
    }

    [Test]
    public void UNLINK_and_RMDIR_have_name_and_flags_in_opposite_order()
    {
        var parent = new Inode(Gfid.Root);
        Assert.That(
            WriteCall<UnlinkRequest, PrePostReply>(new(Loc.At(parent, "abcd"), Flags: 5)),
            Is.EqualTo(Root + "00000004" + "61626364" + "00000005" + NullDict));
        Assert.That(
            WriteCall<RmdirRequest, PrePostReply>(new(Loc.At(parent, "abcd"), Flags: 5)),
            Is.EqualTo(Root + "00000005" + "00000004" + "61626364" + NullDict));
    }

    [Test]
    public void Entrylk_contention_is_a_gfid_type_pid_name_domain_and_a_blob()
    {
        const string Bytes = Some + "00000001" + "0000004d" + "00000001" + "65000000" + "00000002" + "646f0000" + "00000000";
        var reader = new XdrReader(Convert.FromHexString(Bytes));
        var contention = EntrylkContention.Read(ref reader);
        reader.ExpectEnd();

        Assert.That(reader.Failed, Is.False, reader.Failure);
        Assert.That(contention, Is.EqualTo(new EntrylkContention(contention.Gfid, EntrylkType.Write, 77, "e", "do")));
        var writer = new XdrWriter(stackalloc byte[128]);
        contention.Write(ref writer);
        Assert.That(Convert.ToHexStringLower(writer.Written), Is.EqualTo(Bytes));
    }

    [Test]
    public void Every_failed_reply_has_the_size_of_a_successful_one()
    {
        foreach (var codec in FopCodecs.All)
        {
            var (failed, succeeded) = codec.Accept(new ReplySizes());
            Assert.That(failed, Is.EqualTo(succeeded), codec.Fop.ToString());
        }
    }

    [Test]
    public void Failure_without_an_errno_is_still_a_failure()
    {
        Assert.That(ReadReply<StatRequest, IattReply>("ffffffff" + "00000000" + NullDict + ZeroIatt).Errno, Is.EqualTo(Errno.EIO));
        Assert.That(ReadReply<StatRequest, IattReply>("ffffffff" + "80000000" + NullDict + ZeroIatt).Errno, Is.EqualTo(Errno.EIO));
    }

    [Test]
    public void The_errno_of_a_success_is_not_looked_at() =>
        Assert.That(ReadReply<StatRequest, IattReply>("00000000" + "00000016" + NullDict + ZeroIatt).Errno, Is.EqualTo(Errno.None));

    [Test]
    public void An_empty_listing_is_the_end_of_the_directory_whatever_the_errno_says()
    {
        Assert.That(ReadReply<ReaddirRequest, ReaddirReply>("00000000" + "00000000" + NullDict + "00000000").EndOfDirectory, Is.True);

        var failed = ReadReply<ReaddirRequest, ReaddirReply>("ffffffff" + "00000002" + NullDict + "00000000");
        Assert.That((failed.Errno, failed.EndOfDirectory), Is.EqualTo((Errno.ENOENT, false)));
    }

    [Test]
    public void An_anonymous_fd_travels_as_minus_two()
    {
        var request = ReadCall<FstatRequest, IattReply>(Some + "fffffffffffffffe" + NullDict);

        Assert.That(request.Fd.IsAnonymous, Is.True);
        Assert.That(request.Fd.Inode.Gfid.ToByteArray(), Is.EqualTo(Convert.FromHexString(Some)));
    }

    [TestCase("0000000000000007")]
    [TestCase("ffffffffffffffff")]
    public void An_fd_that_nobody_holds_is_refused_with_EBADF(string number)
    {
        var reader = new XdrReader(Convert.FromHexString(Some + number + NullDict));
        var objects = new FakeObjects { UnknownNumber = unchecked((long)Convert.ToUInt64(number, 16)) };
        var request = FopCodecs.Of<FstatRequest, IattReply>().ReadRequest(ref reader, objects);

        Assert.That(reader.Failed, Is.False);
        Assert.That(reader.Refusal, Is.EqualTo(Errno.EBADF));
        Assert.That(request.Fd, Is.SameAs(WireFd.Unknown));
    }

    [TestCase("8000000000000000", "00001000", TestName = "An_offset_of_2_to_the_63_is_refused_with_EINVAL")]
    [TestCase("0000000000000000", "02000001", TestName = "A_READ_beyond_the_limit_is_refused_with_EINVAL")]
    public void Impossible_numbers_are_refused(string offset, string size)
    {
        var reader = new XdrReader(Convert.FromHexString(Some + "0000000000000000" + offset + size + "00000000" + NullDict));
        var objects = new FakeObjects();
        FopCodecs.Of<ReadRequest, ReadReply>().ReadRequest(ref reader, objects);

        Assert.That(reader.Failed, Is.False);
        Assert.That(reader.Refusal, Is.EqualTo(Errno.EINVAL));
        Assert.That(objects.Destination.IsEmpty, Is.True, "no memory is asked for");
    }

    [Test]
    public void A_budget_beyond_the_limit_is_cut_and_not_refused() =>
        Assert.That(
            ReadCall<ReaddirRequest, ReaddirReply>(Some + "0000000000000000" + "0000000000000000" + "ffffffff" + NullDict).Size,
            Is.EqualTo(WireLimits.ReaddirBytes));

    [Test]
    public void A_name_with_a_NUL_inside_does_not_decode()
    {
        var transcript = Transcript.OfFop(Fop.Unlink);

        Assert.That(transcript.Call(Convert.FromHexString(Root + "00000004" + "61006263" + "00000000" + NullDict)), Is.Null);
        Assert.That(transcript.Failure, Does.StartWith("name has a NUL inside"));
    }

    [Test]
    public void More_bytes_than_were_asked_for_are_nonsense()
    {
        Assert.That(FailureOf<ReadRequest, ReadReply>(new(WireFd.Unknown, 0, new byte[10]), "0000000b" + "00000000" + ZeroIatt + "0000000b" + NullDict), Does.StartWith("11 bytes answer a READ of 10"));
        Assert.That(
            FailureOf<WriteRequest, WriteReply>(new(WireFd.Unknown, 0, new byte[10]), "0000000b" + "00000000" + NullDict + ZeroIatt + ZeroIatt),
            Does.StartWith("11 bytes answer a WRITE of 10"));
    }

    [Test]
    public void A_WRITE_whose_size_is_not_that_of_its_data_does_not_decode()
    {
        var body = Convert.FromHexString(Some + "0000000000000000" + "0000000000000000" + "00000005" + "00000000" + NullDict + "01020304");
        var transcript = Transcript.OfFop(Fop.Write);

        Assert.That(transcript.Call(body), Is.Null);
        Assert.That(transcript.Failure, Does.StartWith("a WRITE announces 5 bytes of data and has 4"));
    }

    [Test]
    public void A_file_that_could_not_be_opened_has_no_number()
    {
        var reader = new XdrReader(Convert.FromHexString("ffffffff" + "0000000d" + NullDict + "0000000000000000"));
        FopCodecs.Of<OpenRequest, StatusReply>().ReadReply(ref reader, default, out var newFd);

        Assert.That(newFd, Is.EqualTo(WireFd.None));
    }

    private static TRequest ReadCall<TRequest, TReply>(string hex)
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply>
    {
        var transcript = new FopTranscript<TRequest, TReply>(FopCodecs.Of<TRequest, TReply>()) { DecodeOnly = true };
        Assert.That(transcript.Call(Convert.FromHexString(hex)), Is.Not.Null, transcript.Failure);
        return transcript.Request;
    }

    private static string WriteCall<TRequest, TReply>(TRequest request)
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply>
    {
        var codec = FopCodecs.Of<TRequest, TReply>();
        var writer = new XdrWriter(stackalloc byte[1024]);
        codec.WriteRequest(ref writer, in request, new FakeObjects());
        return Convert.ToHexStringLower(writer.Written) + Convert.ToHexStringLower(codec.RequestPayload(in request).Span);
    }

    private static TReply ReadReply<TRequest, TReply>(string hex)
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply>
    {
        var reader = new XdrReader(Convert.FromHexString(hex));
        var reply = FopCodecs.Of<TRequest, TReply>().ReadReply(ref reader, default, out _);
        Assert.That(reader.Failed, Is.False, reader.Failure);
        return reply;
    }

    private static string? FailureOf<TRequest, TReply>(TRequest request, string hex)
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply>
    {
        var reader = new XdrReader(Convert.FromHexString(hex));
        FopCodecs.Of<TRequest, TReply>().ReadReply(ref reader, in request, out _);
        return reader.Failure;
    }

    private static string WriteReply<TRequest, TReply>(TReply reply)
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply>
    {
        var writer = new XdrWriter(stackalloc byte[1024]);
        FopCodecs.Of<TRequest, TReply>().WriteReply(ref writer, in reply);
        return Convert.ToHexStringLower(writer.Written);
    }

    private sealed class ReplySizes : IFopCodecVisitor<(int Failed, int Succeeded)>
    {
        public (int Failed, int Succeeded) Visit<TRequest, TReply>(FopCodec<TRequest, TReply> codec)
            where TRequest : struct, IFop<TRequest, TReply>
            where TReply : struct, IReply<TReply>
        {
            var failed = new XdrWriter(stackalloc byte[1024]);
            codec.WriteReply(ref failed, TReply.Failed(Errno.ENOENT));
            var succeeded = new XdrWriter(stackalloc byte[1024]);
            codec.WriteReply(ref succeeded, default);
            return (failed.Length, succeeded.Length);
        }
    }
}
