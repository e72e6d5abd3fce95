using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Callback;
using BlockProxy.Proxy.Wire.Dump;
using BlockProxy.Proxy.Wire.Gfs4;
using BlockProxy.Proxy.Wire.Handshake;
using BlockProxy.Proxy.Wire.Portmap;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Wire;

/// <summary>What recorded bytes mean: fields compared with what the recorded program is known to have done (IntegrationTests/tools/record-wire.py).</summary>
public sealed class StockFieldTests
{
    [Test]
    public void Fuse_creates_a_file_read_write_and_exclusive_with_the_gfid_it_chose()
    {
        var (request, reply, newFd) = Decode<CreateRequest, CreateReply>(WireVectors.Find("fuse", Fop.Create));

        Assert.That(request.Loc.Name, Is.EqualTo("file"));
        Assert.That(request.Flags, Is.EqualTo(OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive));
        Assert.That(request.Mode, Is.EqualTo(0x81a0), "a regular file, 0640");
        Assert.That(request.Fd.Inode.Gfid, Is.EqualTo(request.Loc.Gfid));
        Assert.That(request.Xdata!["gfid-req"].TryGetGfid(out var gfid), Is.True);
        Assert.That(gfid, Is.EqualTo(request.Loc.Gfid));
        Assert.That(reply.Errno, Is.EqualTo(Errno.None));
        Assert.That(reply.Stat.Gfid, Is.EqualTo(gfid));
        Assert.That(reply.Stat.Type, Is.EqualTo(FileType.Regular));
        Assert.That(reply.Stat.Fields, Is.EqualTo(IattFields.Brick));
        Assert.That(reply.PostParent.Gfid, Is.EqualTo(request.Loc.ParentGfid));
        Assert.That(newFd, Is.Zero, "the lowest free number");
    }

    [Test]
    public void Qemu_creates_with_truncation_and_without_type_bits()
    {
        var (request, _, _) = Decode<CreateRequest, CreateReply>(WireVectors.Find("qemu", Fop.Create));

        Assert.That(request.Loc.Name, Is.EqualTo("disk.img"));
        Assert.That(request.Loc.ParentGfid, Is.EqualTo(Gfid.Root));
        Assert.That(request.Flags, Is.EqualTo(OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate));
        Assert.That(request.Mode, Is.EqualTo(0x180));
    }

    [Test]
    public void A_WRITE_carries_its_data_behind_the_dictionary_and_its_time_in_the_credential()
    {
        var exchange = WireVectors.Find("fuse", Fop.Write);
        var (request, reply, _) = Decode<WriteRequest, WriteReply>(exchange);
        var context = ContextOf(exchange);

        Assert.That(request.Offset, Is.EqualTo(5000));
        Assert.That(request.Data.Span.ToArray(), Is.EqualTo("jumps"u8.ToArray()));
        Assert.That(request.Flag, Is.EqualTo(32770), "O_RDWR | O_LARGEFILE, as the application's descriptor");
        Assert.That(reply.Count, Is.EqualTo(5));
        Assert.That(reply.Pre.Size, Is.EqualTo(19));
        Assert.That(reply.Post.Size, Is.EqualTo(5005));
        Assert.That(context.Times, Is.EqualTo(FopTimes.Ctime | FopTimes.Mtime));
        Assert.That(context.Time, Is.EqualTo(reply.Post.Mtime), "the brick takes the client's time");
    }

    [Test]
    public void A_short_READ_tells_that_the_file_ends()
    {
        var (request, reply, _) = Decode<ReadRequest, ReadReply>(WireVectors.Find("probe-brick", Fop.Read, e => e.Outcome == "ok 2"));

        Assert.That(request.Offset, Is.EqualTo(6));
        Assert.That(request.Destination.Length, Is.EqualTo(100));
        Assert.That(reply.Count, Is.EqualTo(5));
        Assert.That(reply.EndOfFile, Is.True);
        Assert.That(reply.Stat.Size, Is.EqualTo(11));
        var body = WireVectors.Find("probe-brick", Fop.Read, e => e.Outcome == "ok 2").ReplyBody;
        Assert.That(body[^5..].ToArray(), Is.EqualTo("world"u8.ToArray()));
    }

    [Test]
    public void A_directory_made_by_distribute_comes_with_its_layout_and_its_gfid()
    {
        var (request, reply, _) = Decode<MkdirRequest, EntryReply>(WireVectors.Find("fuse", Fop.Mkdir));

        Assert.That(request.Loc.Parent!.Gfid, Is.EqualTo(Gfid.Root));
        Assert.That(request.Loc.Name, Is.EqualTo("d"));
        Assert.That(request.Mode, Is.EqualTo(0x1e8), "0750");
        Assert.That(request.Xdata!["trusted.glusterfs.dht"].AsBytes(), Is.EqualTo(Convert.FromHexString("0000000000000000" + "00000000ffffffff")));
        Assert.That(reply.Stat.Gfid, Is.EqualTo(request.Loc.Gfid));
        Assert.That(reply.Stat.Type, Is.EqualTo(FileType.Directory));
        Assert.That(reply.PreParent.Gfid, Is.EqualTo(Gfid.Root));
    }

    [Test]
    public void The_root_gets_its_time_stamps_from_a_client_without_a_process()
    {
        var exchange = WireVectors.Find("fuse", Fop.Setxattr, e => Request<SetxattrRequest, StatusReply>(e).Values.Contains("set-ctime-mdata"));
        var value = Request<SetxattrRequest, StatusReply>(exchange).Values["set-ctime-mdata"];

        Assert.That(ContextOf(exchange).Caller.Pid, Is.EqualTo(-13));
        Assert.That(value.Type, Is.EqualTo(XdataType.Mdata));
        Assert.That(value.AsMdata.Mtime.Seconds, Is.GreaterThan(1_000_000_000));
    }

    [Test]
    public void Replicate_counts_its_writes_in_big_endian_lanes()
    {
        var (request, reply, _) = Decode<FxattropRequest, XattrReply>(WireVectors.Find("rep3", Fop.Fxattrop));

        Assert.That(request.Kind, Is.EqualTo(XattropKind.AddArray));
        Assert.That(request.Values.Select(p => p.Key), Is.EquivalentTo(new[]
        {
            "trusted.afr.dirty", "trusted.afr.wrep3-client-0", "trusted.afr.wrep3-client-1", "trusted.afr.wrep3-client-2",
        }));
        Assert.That(request.Values["trusted.afr.dirty"].AsBytes(), Is.EqualTo(new byte[] { 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0 }));
        Assert.That(reply.Values!["trusted.afr.dirty"].AsBytes(), Is.EqualTo(new byte[] { 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0 }));
    }

    [Test]
    public void Replicate_locks_the_whole_file_in_its_own_domain()
    {
        var request = Request<FinodelkRequest, StatusReply>(WireVectors.Find("rep3", Fop.Finodelk));

        Assert.That(request.Domain, Is.EqualTo("wrep3-replicate-0"));
        Assert.That(request.Command, Is.EqualTo(LkCommand.Set));
        Assert.That(request.Lock with { Owner = default, Pid = 0 }, Is.EqualTo(new FileLock(LkType.Write, 0, 0)));
    }

    [Test]
    public void A_whole_directory_is_locked_without_a_name()
    {
        var all = WireVectors.All.Where(e => e.Fop == Fop.Entrylk).Select(Request<EntrylkRequest, StatusReply>).ToList();

        Assert.That(all.Any(r => r.Name is null && r.Command == EntrylkCommand.LockNonBlocking && r.Domain == "wrep3-replicate-0"), Is.True);
        Assert.That(all.Any(r => r.Name == "entry" && r.Command == EntrylkCommand.Lock && r.Domain == "probe-domain"), Is.True);
    }

    [Test]
    public void A_conflicting_lock_is_answered_EAGAIN_and_a_query_names_its_holder()
    {
        var refused = Decode<LkRequest, LkReply>(WireVectors.Find("probe-brick", Fop.Lk, e => e.Outcome == "failed 11"));
        Assert.That(refused.Reply.Errno, Is.EqualTo(Errno.EAGAIN));
        Assert.That(refused.Request.Command, Is.EqualTo(LkCommand.Set));

        var query = Decode<LkRequest, LkReply>(WireVectors.Find("probe-brick", Fop.Lk, e => Request<LkRequest, LkReply>(e).Command == LkCommand.Get));
        Assert.That(query.Reply.Lock.Type, Is.EqualTo(LkType.Write));
        Assert.That(query.Reply.Lock.Length, Is.EqualTo(100));
        Assert.That(query.Reply.Lock.Owner.Bytes.ToArray(), Is.EqualTo("prober-1"u8.ToArray()));
    }

    [Test]
    public void Directory_entries_come_with_names_cookies_and_attributes()
    {
        var listings = WireVectors.All.Where(e => e.Fop == Fop.Readdirp).Select(e => Decode<ReaddirpRequest, ReaddirReply>(e).Reply).ToList();

        var last = listings.First(l => l.Entries!.Count == 0);
        Assert.That(last.EndOfDirectory, Is.True);
        var some = listings.First(l => l.Entries!.Any(e => e.Type == 8));
        Assert.That(some.Entries!.Select(e => e.Name), Does.Contain("file"));
        Assert.That(some.Entries!.Where(e => e.Type == 8).Select(e => e.Stat.Type).Distinct(), Is.EqualTo(new[] { FileType.Regular }));
        Assert.That(some.Entries!.Select(e => e.Offset), Is.Unique);
    }

    [Test]
    public void A_file_name_that_is_not_utf8_keeps_its_bytes()
    {
        var name = WireVectors.All.Where(e => e.Fop == Fop.Readdirp)
            .SelectMany(e => Decode<ReaddirpRequest, ReaddirReply>(e).Reply.Entries!)
            .Select(e => e.Name).First(n => n.StartsWith('b') && n.EndsWith("ytes", StringComparison.Ordinal));

        Assert.That(ByteText.Encode(name), Is.EqualTo(new byte[] { (byte)'b', 0xff, (byte)'y', (byte)'t', (byte)'e', (byte)'s' }));
    }

    [Test]
    public void A_link_is_read_with_its_length_as_the_result()
    {
        var (request, reply, _) = Decode<ReadlinkRequest, ReadlinkReply>(WireVectors.Find("fuse", Fop.Readlink));

        Assert.That(request.Size, Is.EqualTo(4096));
        Assert.That(reply.Target, Is.EqualTo("file"));
        Assert.That(reply.Stat.Type, Is.EqualTo(FileType.Symlink));
    }

    [Test]
    public void The_self_heal_daemon_compares_checksums_of_128_KiB_or_1_MiB()
    {
        var exchange = WireVectors.Find("rep3-heal", Fop.Rchecksum);
        var (request, reply, _) = Decode<RchecksumRequest, RchecksumReply>(exchange);

        Assert.That(ContextOf(exchange).Caller.Pid, Is.EqualTo(-6));
        Assert.That(request.Length, Is.EqualTo(131072).Or.EqualTo(1048576));
        Assert.That(reply.Strong, Has.Length.EqualTo(32));
        Assert.That(reply.Xdata!["fips-mode-rchecksum"].AsInt, Is.EqualTo(1));
    }

    [Test]
    public void Seek_beyond_the_end_is_ENXIO_and_the_statfs_has_names_of_255_bytes()
    {
        var seek = Decode<SeekRequest, SeekReply>(WireVectors.Find("probe-brick", Fop.Seek, e => e.Outcome == "failed 6"));
        Assert.That(seek.Request, Is.EqualTo(seek.Request with { Offset = 1 << 30, What = SeekWhat.Data }));
        Assert.That(seek.Reply.Errno, Is.EqualTo(Errno.ENXIO));

        var statfs = Decode<StatfsRequest, StatFsReply>(WireVectors.Find("fuse", Fop.Statfs));
        Assert.That(statfs.Reply.StatFs.NameMax, Is.EqualTo(255));
        Assert.That(statfs.Reply.StatFs.BlocksFree, Is.LessThanOrEqualTo(statfs.Reply.StatFs.Blocks));
    }

    [Test]
    public void A_user_comes_with_all_its_groups()
    {
        var callers = WireVectors.All.Where(e => e.Session == "fuse-user").Select(e => ContextOf(e).Caller).Where(c => c.Uid == 1234).ToList();

        Assert.That(callers, Is.Not.Empty);
        Assert.That(callers.SelectMany(c => c.Groups).Distinct(), Is.EquivalentTo(new[] { 1234u, 2001u, 2002u, 2003u }));
    }

    [Test]
    public void Copied_bytes_are_answered_with_the_source_and_the_destination()
    {
        var (request, reply, _) = Decode<CopyFileRangeRequest, CopyFileRangeReply>(WireVectors.Find("probe-brick", Fop.CopyFileRange));

        Assert.That(reply.Count, Is.EqualTo(5));
        Assert.That(reply.Source.Gfid, Is.EqualTo(request.Source.Inode.Gfid));
        Assert.That(reply.PostDestination.Gfid, Is.EqualTo(request.Destination.Inode.Gfid));
        Assert.That(reply.PostDestination.Size, Is.EqualTo(8));
    }

    [Test]
    public void Active_locks_name_the_client_that_holds_them()
    {
        var (_, reply, _) = Decode<GetactivelkRequest, ActiveLocksReply>(WireVectors.Find("probe-brick", Fop.Getactivelk));

        Assert.That(reply.Locks, Has.Count.EqualTo(1));
        Assert.That(reply.Locks![0].Client, Does.StartWith("PROBE-"));
        Assert.That(reply.Locks[0].Lock.Length, Is.EqualTo(100));
    }

    [Test]
    public void A_client_logs_in_with_texts_and_a_brick_answers_errno_22_on_success()
    {
        var exchange = WireVectors.Find("handshake", (uint)HandshakeProcedure.SetVolume, e => e.Session == "fuse");
        var request = Read<SetVolumeRequest>(exchange.CallBody).Options!;
        var reply = Read<DictReply>(exchange.ReplyBody);

        Assert.That(request.GetNumber(SetVolumeKeys.FopsVersion), Is.EqualTo(1298437));
        Assert.That(request.GetText(SetVolumeKeys.RemoteSubvolume), Does.EndWith("/wsingle/b0"));
        Assert.That(request.GetText(SetVolumeKeys.ProcessUuid), Does.Match("^CTX_ID:.*-GRAPH_ID:0-PID:.*-PC_NAME:wsingle-client-0-RECON_NO:-0$"));
        Assert.That((reply.Result, reply.Errno), Is.EqualTo((0, 22)));
        Assert.That(reply.Dict!.GetText(SetVolumeKeys.Error), Is.EqualTo("Success"));
        Assert.That(reply.Dict.GetText(SetVolumeKeys.ChildUp), Is.EqualTo("1"));
    }

    [Test]
    public void A_volfile_is_as_long_as_the_result_says()
    {
        var exchange = WireVectors.Find("handshake", (uint)HandshakeProcedure.GetSpec, e => e.Session == "fuse");
        var request = Read<GetSpecRequest>(exchange.CallBody);
        var reply = Read<GetSpecReply>(exchange.ReplyBody);

        Assert.That(request.Key, Is.EqualTo("/wsingle"));
        Assert.That(request.Xdata!.GetText(GetSpecKeys.MaximumOpVersion), Is.EqualTo("100000"));
        Assert.That(reply.Volfile, Does.StartWith("volume wsingle-client-0\n"));
        Assert.That(reply.Volfile, Has.Length.EqualTo(reply.Result));
        Assert.That(GetSpecReply.Of(reply.Volfile), Is.EqualTo(reply));

        var unknown = Read<GetSpecReply>(WireVectors.Find("handshake", (uint)HandshakeProcedure.GetSpec, e => e.Session == "probe-glusterd").ReplyBody);
        Assert.That((unknown.Result, unknown.Errno, unknown.Volfile), Is.EqualTo((-1, 2, "")));
    }

    [Test]
    public void A_brick_lists_its_programs_and_glusterd_the_portmap()
    {
        var dumps = WireVectors.All.Where(e => e.Program == "dump" && e.Procedure == (uint)DumpProcedure.Dump).Select(e => Read<DumpReply>(e.ReplyBody)).ToList();

        Assert.That(dumps.Any(d => d.Has(RpcProgram.Fops) && d.Has(RpcProgram.Handshake) && !d.Has(RpcProgram.Portmap)), Is.True);
        Assert.That(dumps.Any(d => d.Has(RpcProgram.Portmap) && d.Has(RpcProgram.GlusterdCli) && !d.Has(RpcProgram.Fops)), Is.True);
    }

    [Test]
    public void A_port_is_known_or_minus_one_without_an_errno()
    {
        var known = WireVectors.Find("portmap", (uint)PortmapProcedure.PortByBrick, e => e.Session == "fuse");
        Assert.That(Read<PortByBrickRequest>(known.CallBody).Brick, Does.EndWith("/wsingle/b0"));
        Assert.That(Read<PortByBrickReply>(known.ReplyBody).IsKnown, Is.True);

        var unknown = WireVectors.Find("portmap", (uint)PortmapProcedure.PortByBrick, e => e.Outcome == "failed 0");
        Assert.That(Read<PortByBrickReply>(unknown.ReplyBody), Is.EqualTo(PortByBrickReply.Unknown));
    }

    [Test]
    public void Callbacks_tell_of_changes_contention_leases_and_dumps()
    {
        var change = WireVectors.All.Where(e => e.Program == "callback" && e.Procedure == (uint)CallbackProcedure.CacheInvalidation)
            .Select(e => Read<CacheInvalidation>(e.CallBody)).First(c => c.Gfid.IsRoot);
        Assert.That(change.Flags, Is.EqualTo(InvalidationFlags.Times));
        Assert.That(change.ExpireSeconds, Is.EqualTo(60));
        Assert.That(change.Stat.Type, Is.EqualTo(FileType.Directory));
        Assert.That(change.OldParent.IsNothing, Is.True);

        var contention = Read<InodelkContention>(WireVectors.Find("callback", (uint)CallbackProcedure.InodelkContention, e => e.Session == "probe-brick").CallBody);
        Assert.That(contention.Domain, Is.EqualTo("probe-domain"));
        Assert.That(contention.Lock.Type, Is.EqualTo(LkType.Write));
        Assert.That(contention.Lock.Owner.Bytes.ToArray(), Is.EqualTo("prober-1"u8.ToArray()));

        var recall = Read<RecallLease>(WireVectors.Find("callback", (uint)CallbackProcedure.RecallLease).CallBody);
        Assert.That(recall.Gfid.IsNull, Is.False);
        Assert.That(Read<Statedump>(WireVectors.Find("callback", (uint)CallbackProcedure.Statedump).CallBody).Pid, Is.GreaterThan(1));
        Assert.That(WireVectors.Find("callback", (uint)CallbackProcedure.FetchSpec).CallBody.Length, Is.Zero);
    }

    private static (TRequest Request, TReply Reply, long NewFd) Decode<TRequest, TReply>(Exchange exchange)
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply>
    {
        var transcript = new FopTranscript<TRequest, TReply>(FopCodecs.Of<TRequest, TReply>()) { DecodeOnly = true };
        Assert.That(transcript.Reply(exchange.CallBody, exchange.ReplyBody), Is.Not.Null, transcript.Failure);
        return (transcript.Request, transcript.LastReply, transcript.NewFd);
    }

    private static TRequest Request<TRequest, TReply>(Exchange exchange)
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply> => Decode<TRequest, TReply>(exchange).Request;

    private static FopContext ContextOf(Exchange exchange)
    {
        var reader = new XdrReader(exchange.Call);
        RpcCallHeader.Read(ref reader, out var header);
        Assert.That(RpcCredential.TryRead(header.Flavor, header.Credential, "client", out var context), Is.True);
        return context;
    }

    private static T Read<T>(ReadOnlySpan<byte> body)
        where T : IXdrMessage<T>
    {
        var reader = new XdrReader(body);
        var message = T.Read(ref reader);
        Assert.That(reader.Failed, Is.False, reader.Failure);
        return message;
    }
}
