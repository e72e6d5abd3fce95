using System.Buffers.Binary;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Dump;
using BlockProxy.Proxy.Wire.Rpc;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Server;

/// <summary>Records, headers and refusals. gluster-rpc section 2.</summary>
public sealed class RpcServerTests
{
    private static readonly byte[] DumpBody = [0, 0, 0, 0, 0, 0, 0xca, 0xed];

    private ServedBrick _brick = null!;
    private RpcPeer _peer = null!;

    [SetUp]
    public async Task Start()
    {
        _brick = await ServedBrick.StartAsync();
        _peer = _brick.Connect();
    }

    [TearDown]
    public ValueTask Stop() => _brick.DisposeAsync();

    [Test]
    public async Task The_programs_are_listed_without_portmap_and_a_ping_is_answered()
    {
        var reply = (await _peer.CallAsync(RpcProgram.Dump, (uint)DumpProcedure.Dump, DumpBody)).As<DumpReply>();

        Assert.That((reply.Has(RpcProgram.Dump), reply.Has(RpcProgram.Handshake), reply.Has(RpcProgram.Fops), reply.Has(RpcProgram.Portmap)), Is.EqualTo((true, true, true, false)));
        Assert.That((await _peer.CallAsync(RpcProgram.Dump, (uint)DumpProcedure.Ping)).As<PingReply>(), Is.EqualTo(new PingReply(0, 0)));
    }

    [Test]
    public async Task What_is_not_served_is_refused_by_kind()
    {
        Assert.That((await _peer.CallAsync(new RpcProgram(999, 1), 1)).Header.Accept, Is.EqualTo(AcceptStatus.ProgramUnavailable));
        Assert.That((await _peer.CallAsync(RpcProgram.Fops330, 1)).Header.Accept, Is.EqualTo(AcceptStatus.ProgramMismatch));
        Assert.That((await _peer.CallAsync(RpcProgram.Fops, 57)).Header.Accept, Is.EqualTo(AcceptStatus.ProcedureUnavailable));
        Assert.That((await _peer.CallAsync(RpcProgram.Handshake, 6)).Header.Accept, Is.EqualTo(AcceptStatus.ProcedureUnavailable));
        Assert.That((await _peer.CallAsync(RpcProgram.Fops, (uint)Fop.Compound)).Header.Accept, Is.EqualTo(AcceptStatus.GarbageArguments));
        await _peer.LoginAsync(ServedBrick.Name);
        Assert.That((await _peer.CallAsync(RpcProgram.Fops, (uint)Fop.Stat, [0, 0, 0, 0])).Header.Accept, Is.EqualTo(AcceptStatus.GarbageArguments));
        Assert.That((await _peer.CallAsync(RpcProgram.Fops, (uint)Fop.Null)).Header.IsSuccess, Is.True);
    }

    [Test]
    public async Task Another_RPC_version_and_a_bad_credential_are_denied()
    {
        var record = _peer.Record(RpcProgram.Dump, 2, [], out var xid);
        BinaryPrimitives.WriteUInt32BigEndian(record.AsSpan(12), 3);
        _peer.Send(record);
        var version = (await _peer.AnswerAsync(xid)).Header;
        Assert.That((version.Denied, version.Reject, version.Low, version.High), Is.EqualTo((true, RejectStatus.RpcMismatch, 2u, 2u)));

        record = _peer.Record(RpcProgram.Dump, 2, [], out xid);
        BinaryPrimitives.WriteUInt32BigEndian(record.AsSpan(4 + 24 + 8 + 28), 92); // more groups than a credential may have
        _peer.Send(record);
        var denied = (await _peer.AnswerAsync(xid)).Header;
        Assert.That((denied.Denied, denied.Reject), Is.EqualTo((true, RejectStatus.AuthError)));
    }

    [Test]
    public async Task A_header_that_cannot_be_decoded_is_answered_with_xid_0()
    {
        var record = _peer.Record(RpcProgram.Dump, 2, [], out _);
        BinaryPrimitives.WriteUInt32BigEndian(record.AsSpan(4 + 24 + 4), 401); // the credential's length
        _peer.Send(record);

        Assert.That((await _peer.AnswerAsync(0)).Header.Accept, Is.EqualTo(AcceptStatus.GarbageArguments));
        Assert.That((await _peer.CallAsync(RpcProgram.Dump, 2)).Header.IsSuccess, Is.True, "the connection stays");
    }

    [Test]
    public async Task A_call_may_arrive_byte_by_byte_and_in_fragments()
    {
        var whole = _peer.Record(RpcProgram.Dump, (uint)DumpProcedure.Dump, DumpBody, out var xid);
        foreach (var one in whole)
            _peer.Send([one]);
        Assert.That((await _peer.AnswerAsync(xid)).Header.IsSuccess, Is.True);

        whole = _peer.Record(RpcProgram.Dump, (uint)DumpProcedure.Dump, DumpBody, out xid);
        foreach (var (i, piece) in whole.Skip(4).Chunk(7).Index())
        {
            var last = (i + 1) * 7 >= whole.Length - 4;
            var mark = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(mark, (last ? 0x80000000 : 0) | (uint)piece.Length);
            _peer.Send(mark);
            _peer.Send(piece);
        }

        Assert.That((await _peer.AnswerAsync(xid)).Header.IsSuccess, Is.True);
    }

    [Test]
    public async Task Writes_and_reads_carry_their_data_whole_split_and_fragmented()
    {
        await _peer.LoginAsync(ServedBrick.Name);
        var gfid = new Gfid(1, 2);
        var fd = new Fd(new Inode(gfid), OpenFlags.ReadWrite);
        await _peer.FopAsync<CreateRequest, CreateReply>(new(
            new(fd.Inode, new Inode(Gfid.Root), "f"), fd, OpenFlags.ReadWrite, 0x1a4, Xdata: new() { ["gfid-req"] = XdataValue.Gfid(gfid) }));
        var data = new byte[100_001];
        new Random(5).NextBytes(data);
        var request = new WriteRequest(fd, 3, data);

        Assert.That((await _peer.FopAsync<WriteRequest, WriteReply>(request)).Count, Is.EqualTo(data.Length));
        var read = new ReadRequest(fd, 3, new byte[data.Length + 10]);
        Assert.That((await _peer.FopAsync<ReadRequest, ReadReply>(read)).Count, Is.EqualTo(data.Length));
        Assert.That(read.Destination[..data.Length].ToArray(), Is.EqualTo(data));

        // The same as one record of two fragments, cut in the middle of the data, and as single bytes of a short one.
        var codec = Proxy.Wire.Gfs4.FopCodecs.Of<WriteRequest, WriteReply>();
        foreach (var length in new[] { 50_000, 9 })
        {
            var part = new WriteRequest(fd, 0, data[..length]);
            var body = new Proxy.Wire.Xdr.XdrWriter([]);
            codec.WriteRequest(ref body, in part, _peer);
            body.WriteRaw(part.Data.Span);
            var record = _peer.Record(RpcProgram.Fops, (uint)Fop.Write, body.Written, out var xid);
            body.Dispose();
            if (length == 9)
            {
                foreach (var one in record)
                    _peer.Send([one]);
            }
            else
            {
                var cut = record.Length / 2;
                var mark = new byte[4];
                BinaryPrimitives.WriteUInt32BigEndian(mark, (uint)(cut - 4));
                _peer.Send([.. mark, .. record[4..cut]]);
                BinaryPrimitives.WriteUInt32BigEndian(mark, 0x80000000 | (uint)(record.Length - cut));
                _peer.Send([.. mark, .. record[cut..]]);
            }

            Assert.That(_peer.FopReply<WriteRequest, WriteReply>(part, await _peer.AnswerAsync(xid)).Count, Is.EqualTo(length));
        }

        var again = new ReadRequest(fd, 0, new byte[50_000]);
        await _peer.FopAsync<ReadRequest, ReadReply>(again);
        Assert.That(again.Destination.ToArray(), Is.EqualTo(data[..50_000]));
    }

    [Test]
    public async Task A_record_that_announces_too_much_ends_the_connection_with_one_line()
    {
        _peer.Send([0x16, 0x03, 0x01, 0x02]); // a TLS hello, taken for a fragment of 369 MB

        await _peer.WhenClosedAsync();
        Assert.That(_brick.Log.Lines.Where(l => l.Level >= LogLevel.Warning).Select(l => l.Text), Has.One.Contains("369295618 bytes"));
    }

    [Test]
    public async Task The_limit_of_records_rises_with_the_login()
    {
        var large = new byte[WireLimits.RecordBytesBeforeLogin];
        await _peer.LoginAsync(ServedBrick.Name);
        Assert.That((await _peer.CallAsync(RpcProgram.Fops, (uint)Fop.Null, large)).Header.IsSuccess, Is.True);

        var stranger = _brick.Connect();
        stranger.Begin(RpcProgram.Fops, (uint)Fop.Null, large);
        await stranger.WhenClosedAsync();
    }

    [Test]
    public async Task A_connection_that_ends_within_a_record_is_forgotten()
    {
        var record = _peer.Record(RpcProgram.Dump, 2, [], out _);
        _peer.Send(record.AsSpan(0, record.Length - 1));
        _peer.Close();

        while (_brick.Brick.Connections > 0)
            await Task.Yield();
        Assert.That((await _brick.Connect().CallAsync(RpcProgram.Dump, 2)).Header.IsSuccess, Is.True);
    }

    [Test]
    public async Task Noise_closes_connections_and_nothing_else()
    {
        var random = new Random(99);
        for (var round = 0; round < 200; round++)
        {
            var peer = _brick.Connect();
            if (round % 2 == 0)
                await peer.LoginAsync(ServedBrick.Name, $"noise-{round}");
            // A valid header, a procedure that exists, and a body of noise; sometimes noise from the first byte on.
            var body = new byte[random.Next(200)];
            random.NextBytes(body);
            if (round % 5 == 0)
                peer.Send(body);
            else
                peer.Begin(RpcProgram.Fops, (uint)random.Next(57), body);
            peer.Close();
        }

        Assert.That((await _peer.LoginAsync(ServedBrick.Name)).Result, Is.Zero);
        Assert.That((await _peer.FopAsync<StatRequest, IattReply>(new(Loc.Of(new Inode(Gfid.Root))))).Errno, Is.EqualTo(Errno.None));
        Assert.That(_brick.Log.Lines.Where(l => l.Level >= LogLevel.Error).Select(l => l.Text), Is.Empty);
    }
}
