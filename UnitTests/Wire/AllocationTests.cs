using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Gfs4;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Wire;

/// <summary>The data path allocates nothing once it runs.</summary>
[NonParallelizable]
public sealed class AllocationTests
{
    private readonly Objects _objects = new(new Fd(new Inode(new Gfid(1, 2)), OpenFlags.ReadWrite));
    private readonly FopContext _context = new(new Caller { Pid = 1, Groups = [0, 1] }, LkOwner.From(7), FopTimes.Ctime | FopTimes.Mtime, new Timespec(1, 2));
    private readonly byte[] _data = new byte[4096];

    [Test]
    public void Encoding_a_4_KiB_WRITE_and_decoding_its_reply_allocates_nothing() => AssertAllocatesNothing(() =>
    {
        var request = new WriteRequest(_objects.File, 8192, _data);
        Call(in request);
        Answer<WriteRequest, WriteReply>(in request, new WriteReply(Errno.None, 4096, default, new Iatt { Size = 12288 }));
    });

    [Test]
    public void Encoding_a_4_KiB_READ_and_decoding_its_reply_allocates_nothing() => AssertAllocatesNothing(() =>
    {
        var request = new ReadRequest(_objects.File, 8192, _data);
        var writer = new XdrWriter();
        Begin(ref writer, Fop.Read);
        FopCodecs.Of<ReadRequest, ReadReply>().WriteRequest(ref writer, in request, _objects);
        RecordMark.End(ref writer);
        writer.Dispose();
        Answer<ReadRequest, ReadReply>(in request, new ReadReply(Errno.None, 4096));
    });

    [Test]
    public void Decoding_a_4_KiB_WRITE_and_encoding_its_reply_allocates_nothing()
    {
        var request = new WriteRequest(_objects.File, 8192, _data);
        var writer = new XdrWriter();
        Begin(ref writer, Fop.Write);
        FopCodecs.Of<WriteRequest, WriteReply>().WriteRequest(ref writer, in request, _objects);
        var record = writer.Written[RecordMark.Size..].ToArray();
        writer.Dispose();
        var credentials = new RpcCredentialReader("client");
        _objects.Payload = _data;

        AssertAllocatesNothing(() =>
        {
            var reader = new XdrReader(record);
            var verdict = RpcCallHeader.Read(ref reader, out var header);
            var acceptable = credentials.TryRead(header.Flavor, header.Credential, out var context);
            var decoded = FopCodecs.Of<WriteRequest, WriteReply>().ReadRequest(ref reader, _objects);
            if (verdict != RpcCallVerdict.Call || !acceptable || context != _context with { Identity = context.Identity } || reader.Failed || decoded.Offset != 8192)
                throw new InvalidOperationException("it did not decode");
            Answer<WriteRequest, WriteReply>(in decoded, new WriteReply(Errno.None, 4096));
        });
    }

    private void Call(in WriteRequest request)
    {
        var codec = FopCodecs.Of<WriteRequest, WriteReply>();
        var writer = new XdrWriter();
        Begin(ref writer, Fop.Write);
        codec.WriteRequest(ref writer, in request, _objects);
        RecordMark.End(ref writer, codec.RequestPayload(in request).Length);
        if (writer.Length != 4 + 24 + 8 + 52 + 8 + 52)
            throw new InvalidOperationException($"{writer.Length} bytes");
        writer.Dispose();
    }

    private void Begin(ref XdrWriter writer, Fop fop)
    {
        RecordMark.Begin(ref writer);
        RpcCallHeader.Write(ref writer, 1, RpcProgram.Fops, (uint)fop);
        RpcCredential.Write(ref writer, AuthFlavor.GlusterFs3, in _context);
    }

    private static void Answer<TRequest, TReply>(in TRequest request, TReply reply)
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply>
    {
        var codec = FopCodecs.Of<TRequest, TReply>();
        var writer = new XdrWriter();
        RpcReplyHeader.WriteAccepted(ref writer, 1);
        codec.WriteReply(ref writer, in reply);
        var reader = new XdrReader(writer.Written);
        var header = RpcReplyHeader.Read(ref reader);
        var decoded = codec.ReadReply(ref reader, in request, out _);
        if (!header.IsSuccess || reader.Failed || decoded.Errno != Errno.None)
            throw new InvalidOperationException("it did not decode");
        writer.Dispose();
    }

    private static void AssertAllocatesNothing(Action action)
    {
        for (var i = 0; i < 100; i++)
            action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            action();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private sealed class Objects(Fd file) : IWireObjects, IRemoteHandles
    {
        public Fd File { get; } = file;

        public Payload Payload { get; set; }

        public Inode Inode(Gfid gfid) => File.Inode;

        public Fd? Fd(long number, Gfid gfid) => File;

        public Fd NewFd(Gfid gfid, OpenFlags flags) => File;

        public Memory<byte> ReadDestination(int size) => default;

        public long RemoteFd(Fd fd) => 3;
    }
}
