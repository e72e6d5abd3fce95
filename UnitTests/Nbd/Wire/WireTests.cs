using BlockProxy.Nbd;
using BlockProxy.Nbd.Wire;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Nbd.Wire;

/// <summary>Each message against bytes laid out by hand from proto.md.</summary>
public class WireTests
{
    [Test]
    public void A_write_request_reads_as_the_spec_lays_it_out()
    {
        var bytes = RawClient.Hex("25609513" + "0001" + "0001" + "0000000000000007" + "0000000000002000" + "00001000");

        Assert.That(NbdRequest.Read(bytes), Is.EqualTo(new NbdRequest(NbdCommandFlags.Fua, NbdCommand.Write, Cookie: 7, Offset: 8192, Length: 4096)));
    }

    [Test]
    public void A_request_keeps_every_bit_of_the_largest_values()
    {
        var bytes = RawClient.Hex("25609513" + "001F" + "FFFF" + "FEDCBA9876543210" + "FFFFFFFFFFFFFFFF" + "FFFFFFFF");
        var request = new NbdRequest((NbdCommandFlags)0x1F, (NbdCommand)0xFFFF, 0xFEDCBA9876543210, ulong.MaxValue, uint.MaxValue);

        Assert.That(NbdRequest.Read(bytes), Is.EqualTo(request));
        Assert.That(Written(NbdRequest.Size, request.Write), Is.EqualTo(bytes));
    }

    [TestCase("12560953")]
    [TestCase("25609514")]
    [TestCase("00000000")]
    public void A_request_with_another_magic_is_refused(string magic)
    {
        var bytes = RawClient.Hex(magic + "0000" + "0000" + "0000000000000000" + "0000000000000000" + "00000000");

        Assert.That(() => NbdRequest.Read(bytes), Throws.TypeOf<NbdProtocolException>().With.Message.Contains(magic));
    }

    [Test]
    public void A_simple_reply()
    {
        var bytes = RawClient.Hex("67446698" + "0000001C" + "00000000000000AB");
        var reply = new SimpleReply(NbdErrno.ENOSPC, 0xAB);

        Assert.That(Written(SimpleReply.Size, reply.Write), Is.EqualTo(bytes));
        Assert.That(SimpleReply.Read(bytes), Is.EqualTo(reply));
    }

    [Test]
    public void An_empty_chunk_that_ends_a_reply()
    {
        var bytes = RawClient.Hex("668E33EF" + "0001" + "0000" + "0000000000000001" + "00000000");
        var chunk = new ReplyChunk(ReplyChunkFlags.Done, ReplyChunkType.None, 1, 0);

        Assert.That(Written(ReplyChunk.Size, chunk.Write), Is.EqualTo(bytes));
        Assert.That(ReplyChunk.Read(bytes), Is.EqualTo(chunk));
    }

    [Test]
    public void A_data_chunk_counts_its_offset_in_its_length()
    {
        var bytes = RawClient.Hex("668E33EF" + "0001" + "0001" + "0000000000000002" + "00000208" + "0000000000010000");
        var chunk = new OffsetDataChunk(ReplyChunkFlags.Done, 2, 65536, 512);

        Assert.That(Written(OffsetDataChunk.Size, chunk.Write), Is.EqualTo(bytes));
        Assert.That(OffsetDataChunk.TryRead(ReplyChunk.Read(bytes), bytes.AsSpan(ReplyChunk.Size), out var read), Is.True);
        Assert.That(read, Is.EqualTo(chunk));
    }

    [Test]
    public void A_data_chunk_without_a_byte_of_data_is_refused() => Assert.That(
        OffsetDataChunk.TryRead(new ReplyChunk(ReplyChunkFlags.Done, ReplyChunkType.OffsetData, 2, 8), new byte[8], out _), Is.False);

    [Test]
    public void A_hole_chunk()
    {
        var bytes = RawClient.Hex("668E33EF" + "0000" + "0002" + "0000000000000003" + "0000000C" + "0000000000020000" + "00010000");
        var chunk = new OffsetHoleChunk(ReplyChunkFlags.None, 3, 131072, 65536);

        Assert.That(Written(OffsetHoleChunk.Size, chunk.Write), Is.EqualTo(bytes));
        Assert.That(OffsetHoleChunk.TryRead(ReplyChunk.Read(bytes), bytes.AsSpan(ReplyChunk.Size), out var read), Is.True);
        Assert.That(read, Is.EqualTo(chunk));
    }

    [TestCase(13u, "0000000000020000 00010000 00", TestName = "A_hole_chunk_with_a_byte_too_many_is_refused")]
    [TestCase(12u, "0000000000020000 00000000", TestName = "A_hole_of_no_bytes_is_refused")]
    public void Wrong_hole_chunks(uint length, string payload) => Assert.That(
        OffsetHoleChunk.TryRead(new ReplyChunk(ReplyChunkFlags.Done, ReplyChunkType.OffsetHole, 2, length), RawClient.Hex(payload), out _), Is.False);

    [Test]
    public void A_block_status_chunk_with_two_descriptors()
    {
        var bytes = RawClient.Hex(
            "668E33EF" + "0001" + "0005" + "0000000000000004" + "00000014" + "00000001" + "00001000" + "00000000" + "0000F000" + "00000003");
        var chunk = new BlockStatusChunk(ReplyChunkFlags.Done, 4, ContextId: 1, Descriptors: 2);

        Assert.That(Written(BlockStatusChunk.Size, chunk.Write), Is.EqualTo(bytes[..BlockStatusChunk.Size]));
        Assert.That(BlockStatusChunk.TryRead(ReplyChunk.Read(bytes), bytes.AsSpan(ReplyChunk.Size), out var read), Is.True);
        Assert.That(read, Is.EqualTo(chunk));
        Assert.That(BlockDescriptor.Read(bytes.AsSpan(BlockStatusChunk.Size)), Is.EqualTo(new BlockDescriptor(4096, AllocationFlags.None)));
        Assert.That(BlockDescriptor.Read(bytes.AsSpan(BlockStatusChunk.Size + BlockDescriptor.Size)),
            Is.EqualTo(new BlockDescriptor(0xF000, AllocationFlags.Hole | AllocationFlags.Zero)));
    }

    [TestCase(4u)]
    [TestCase(11u)]
    [TestCase(13u)]
    public void A_block_status_chunk_of_a_wrong_length_is_refused(uint length) => Assert.That(
        BlockStatusChunk.TryRead(new ReplyChunk(ReplyChunkFlags.Done, ReplyChunkType.BlockStatus, 4, length), new byte[20], out _), Is.False);

    [Test]
    public void An_error_chunk_with_its_message()
    {
        var bytes = RawClient.Hex("668E33EF" + "0001" + "8001" + "0000000000000005" + "00000009" + "00000005" + "0003" + "627567");
        var chunk = new ErrorChunk(ReplyChunkFlags.Done, 5, NbdErrno.EIO, 3);

        Assert.That(Written(ErrorChunk.Size, chunk.Write), Is.EqualTo(bytes[..ErrorChunk.Size]));
        Assert.That(ErrorChunk.TryRead(ReplyChunk.Read(bytes), bytes.AsSpan(ReplyChunk.Size), out var read), Is.True);
        Assert.That(read, Is.EqualTo(chunk));
    }

    [TestCase("00000005 0004", TestName = "An_error_whose_message_runs_over_the_chunk_is_refused")]
    [TestCase("00000000 0000", TestName = "An_error_chunk_that_names_no_error_is_refused")]
    public void Wrong_error_chunks(string payload) => Assert.That(
        ErrorChunk.TryRead(new ReplyChunk(ReplyChunkFlags.Done, ReplyChunkType.Error, 5, 9), RawClient.Hex(payload + "000000"), out _), Is.False);

    [Test]
    public void The_servers_greeting()
    {
        var bytes = RawClient.Hex("4E42444D41474943" + "49484156454F5054" + "0003");
        var greeting = new ServerGreeting(HandshakeFlags.FixedNewstyle | HandshakeFlags.NoZeroes);

        Assert.That(Written(ServerGreeting.Size, greeting.Write), Is.EqualTo(bytes));
        Assert.That(ServerGreeting.Read(bytes), Is.EqualTo(greeting));
        Assert.That(Convert.ToHexString(bytes[..8]), Is.EqualTo(Convert.ToHexString("NBDMAGIC"u8)));
    }

    [TestCase("4E42444D41474944" + "49484156454F5054", TestName = "A_greeting_that_is_not_NBD_is_refused")]
    [TestCase("4E42444D41474943" + "0000420281861253", TestName = "An_oldstyle_greeting_is_refused")]
    public void Wrong_greetings(string start) =>
        Assert.That(() => ServerGreeting.Read(RawClient.Hex(start + "0000")), Throws.TypeOf<NbdProtocolException>());

    [Test]
    public void An_option_and_a_reply_to_it()
    {
        var option = RawClient.Hex("49484156454F5054" + "00000007" + "00000006");
        var reply = RawClient.Hex("0003E889045565A9" + "00000007" + "80000006" + "00000000");

        Assert.That(OptionHeader.Read(option), Is.EqualTo(new OptionHeader(OptionCode.Go, 6)));
        Assert.That(Written(OptionHeader.Size, new OptionHeader(OptionCode.Go, 6).Write), Is.EqualTo(option));
        Assert.That(OptionReply.Read(reply), Is.EqualTo(new OptionReply(OptionCode.Go, OptionReplyType.ErrUnknown, 0)));
        Assert.That(Written(OptionReply.Size, new OptionReply(OptionCode.Go, OptionReplyType.ErrUnknown, 0).Write), Is.EqualTo(reply));
    }

    [Test]
    public void The_clients_greeting()
    {
        var bytes = RawClient.Hex("00000003");

        Assert.That(ClientGreeting.Read(bytes).Flags, Is.EqualTo(ClientFlags.FixedNewstyle | ClientFlags.NoZeroes));
        Assert.That(Written(ClientGreeting.Size, ClientGreeting.Read(bytes).Write), Is.EqualTo(bytes));
    }

    [Test]
    public void The_reply_to_an_export_name_is_padded_or_not()
    {
        var reply = new ExportNameReply(1 << 30, TransmissionFlags.HasFlags | TransmissionFlags.ReadOnly);

        Assert.That(Written(ExportNameReply.ShortLength, reply.Write), Is.EqualTo(RawClient.Hex("0000000040000000", "0003")));
        Assert.That(Written(ExportNameReply.PaddedLength, reply.Write), Is.EqualTo(RawClient.Hex("0000000040000000", "0003", new string('0', 248))));
        Assert.That(ExportNameReply.Read(RawClient.Hex("0000000040000000", "0003")), Is.EqualTo(reply));
    }

    [Test]
    public void A_go_for_a_named_export_that_wants_the_block_size()
    {
        var bytes = RawClient.Hex("00000004" + "6469736B" + "0001" + "0003");

        Assert.That(InfoRequest.TryRead(bytes, out var request), Is.True);
        Assert.That(request.Export, Is.EqualTo("disk"));
        Assert.That(request.Wanted, Is.EqualTo(new[] { InfoType.BlockSize }));
        Assert.That(request.ToBytes(), Is.EqualTo(bytes));
    }

    [Test]
    public void A_metadata_request_with_two_queries()
    {
        var bytes = RawClient.Hex("00000001" + "64" + "00000002" + "00000005" + "626173653A" + "00000003" + "783A79");

        Assert.That(MetaContextRequest.TryRead(bytes, out var request), Is.True);
        Assert.That(request.Export, Is.EqualTo("d"));
        Assert.That(request.Queries, Is.EqualTo(new[] { "base:", "x:y" }));
        Assert.That(request.ToBytes(), Is.EqualTo(bytes));
    }

    [Test]
    public void The_information_about_an_export()
    {
        var export = RawClient.Hex("0000" + "0000000000100000" + "0105");
        var sizes = RawClient.Hex("0003" + "00000200" + "00001000" + "02000000");
        var name = RawClient.Hex("0001" + "6469736B");
        var entry = RawClient.Hex("00000004" + "6469736B" + "7468652064697368");
        var context = RawClient.Hex("00000001" + "626173653A616C6C6F636174696F6E");

        Assert.Multiple(() =>
        {
            Assert.That(ExportInfo.TryRead(export, out var info), Is.True);
            Assert.That(info, Is.EqualTo(new ExportInfo(1 << 20, TransmissionFlags.HasFlags | TransmissionFlags.SendFlush | TransmissionFlags.CanMultiConn)));
            Assert.That(Written(ExportInfo.Size, info.Write), Is.EqualTo(export));
            Assert.That(BlockSizeInfo.TryRead(sizes, out var block), Is.True);
            Assert.That(block, Is.EqualTo(new BlockSizeInfo(512, 4096, 32 << 20)));
            Assert.That(Written(BlockSizeInfo.Size, block.Write), Is.EqualTo(sizes));
            Assert.That(TextInfo.TryRead(name, out var text), Is.True);
            Assert.That(text, Is.EqualTo(new TextInfo(InfoType.Name, "disk")));
            Assert.That(text.ToBytes(), Is.EqualTo(name));
            Assert.That(ServerEntry.TryRead(entry, out var listed), Is.True);
            Assert.That(listed, Is.EqualTo(new ServerEntry("disk", "the dish")));
            Assert.That(listed.ToBytes(), Is.EqualTo(entry));
            Assert.That(MetaContext.TryRead(context, out var meta), Is.True);
            Assert.That(meta, Is.EqualTo(new MetaContext(1, "base:allocation")));
            Assert.That(meta.ToBytes(), Is.EqualTo(context));
        });
    }

    /// <summary>Decoders of variable length: whole, they read; cut anywhere or one byte longer, they refuse.</summary>
    [TestCaseSource(nameof(VariableMessages))]
    public void A_message_of_variable_length_is_read_only_whole(string hex, Func<byte[], bool> read)
    {
        var bytes = RawClient.Hex(hex);

        Assert.That(read(bytes), Is.True, "whole");
        for (var cut = 0; cut < bytes.Length; cut++)
            Assert.That(read(bytes[..cut]), Is.False, $"cut after {cut} bytes");
        Assert.That(read([.. bytes, 0]), Is.False, "a byte too many");
    }

    /// <summary>Whatever a corrupted byte turns them into, they answer, and never read beyond what they were given.</summary>
    [TestCaseSource(nameof(VariableMessages))]
    public void A_corrupted_message_of_variable_length_is_answered(string hex, Func<byte[], bool> read)
    {
        var bytes = RawClient.Hex(hex);
        var refused = 0;
        for (var at = 0; at < bytes.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var corrupted = (byte[])bytes.Clone();
                corrupted[at] ^= (byte)(1 << bit);
                refused += read(corrupted) ? 0 : 1;
            }
        }

        Assert.That(refused, Is.GreaterThan(0));
    }

    private static IEnumerable<TestCaseData> VariableMessages()
    {
        yield return Case("info request", "00000004 6469736B 0002 0001 0003", bytes => InfoRequest.TryRead(bytes, out _));
        yield return Case("metadata request", "00000001 64 00000002 00000005 626173653A 00000003 783A79", bytes => MetaContextRequest.TryRead(bytes, out _));
        yield return Case("export info", "0000 0000000000100000 0105", bytes => ExportInfo.TryRead(bytes, out _));
        yield return Case("block size info", "0003 00000200 00001000 02000000", bytes => BlockSizeInfo.TryRead(bytes, out _));

        static TestCaseData Case(string name, string hex, Func<byte[], bool> read) => new TestCaseData(hex, read).SetArgDisplayNames(name);
    }

    private delegate void Writer(Span<byte> destination);

    private static byte[] Written(int size, Writer write)
    {
        var bytes = new byte[size];
        Array.Fill(bytes, (byte)0xEE);
        write(bytes);
        return bytes;
    }
}
