using BenchmarkDotNet.Attributes;
using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Gfs4;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Benchmarks;

/// <summary>The codecs of the data path, one call and one reply at a time. None of them copies a payload.</summary>
[MemoryDiagnoser]
public class WireBenchmarks : IRemoteHandles, IWireObjects
{
    private readonly Fd _fd = new(new Inode(new Gfid(1, 2)), OpenFlags.ReadWrite);
    private readonly FopContext _context = new(Caller.Root, LkOwner.From(7), FopTimes.Ctime | FopTimes.Mtime, new Timespec(1, 2));
    private readonly RpcCredentialReader _credentials = new("client");
    private readonly byte[] _data = new byte[4096];
    private byte[] _writeCall = [];
    private byte[] _writeReply = [];
    private byte[] _listing = [];
    private WriteRequest _write;
    private ReaddirpRequest _readdirp;

    public Payload Payload => _data;

    [GlobalSetup]
    public void Setup()
    {
        _write = new WriteRequest(_fd, 8192, _data);
        _readdirp = new ReaddirpRequest(_fd, 0, 131072);
        var writer = new XdrWriter();
        WriteCall(ref writer);
        _writeCall = writer.Written[RecordMark.Size..].ToArray();
        writer.Clear();
        WriteReply(ref writer);
        _writeReply = writer.Written[RecordMark.Size..].ToArray();
        writer.Clear();
        var entries = Enumerable.Range(0, 100).Select(i => new DirectoryEntry($"file-{i}", (ulong)i, (ulong)i, 8, new Iatt { Gfid = new Gfid(1, (ulong)i) })).ToList();
        FopCodecs.Of<ReaddirpRequest, ReaddirReply>().WriteReply(ref writer, new ReaddirReply(Errno.None, entries));
        _listing = writer.Written.ToArray();
        writer.Dispose();
    }

    /// <summary>Record mark, header, credential and head of a 4 KiB WRITE, as protocol/client sends them.</summary>
    [Benchmark]
    public int EncodeWriteCall()
    {
        var writer = new XdrWriter();
        WriteCall(ref writer);
        var length = writer.Length;
        writer.Dispose();
        return length;
    }

    /// <summary>The same, as protocol/server receives it.</summary>
    [Benchmark]
    public long DecodeWriteCall()
    {
        var reader = new XdrReader(_writeCall);
        RpcCallHeader.Read(ref reader, out var header);
        _credentials.TryRead(header.Flavor, header.Credential, out var context);
        return FopCodecs.Of<WriteRequest, WriteReply>().ReadRequest(ref reader, this).Offset + context.Time.Seconds;
    }

    [Benchmark]
    public int EncodeWriteReply()
    {
        var writer = new XdrWriter();
        WriteReply(ref writer);
        var length = writer.Length;
        writer.Dispose();
        return length;
    }

    [Benchmark]
    public int DecodeWriteReply()
    {
        var reader = new XdrReader(_writeReply);
        RpcReplyHeader.Read(ref reader);
        return FopCodecs.Of<WriteRequest, WriteReply>().ReadReply(ref reader, in _write, out _).Count;
    }

    [Benchmark]
    public int DecodeListingOf100()
    {
        var reader = new XdrReader(_listing);
        return FopCodecs.Of<ReaddirpRequest, ReaddirReply>().ReadReply(ref reader, in _readdirp, out _).Entries!.Count;
    }

    public long RemoteFd(Fd fd) => 3;

    public Inode Inode(Gfid gfid) => _fd.Inode;

    public Fd? Fd(long number, Gfid gfid) => _fd;

    public Fd NewFd(Gfid gfid, OpenFlags flags) => _fd;

    public Memory<byte> ReadDestination(int size) => _data;

    private void WriteCall(ref XdrWriter writer)
    {
        RecordMark.Begin(ref writer);
        RpcCallHeader.Write(ref writer, 1, RpcProgram.Fops, (uint)Fop.Write);
        RpcCredential.Write(ref writer, AuthFlavor.GlusterFs3, in _context);
        FopCodecs.Of<WriteRequest, WriteReply>().WriteRequest(ref writer, in _write, this);
        RecordMark.End(ref writer, _data.Length);
    }

    private static void WriteReply(ref XdrWriter writer)
    {
        RecordMark.Begin(ref writer);
        RpcReplyHeader.WriteAccepted(ref writer, 1);
        FopCodecs.Of<WriteRequest, WriteReply>().WriteReply(ref writer, new WriteReply(Errno.None, 4096));
        RecordMark.End(ref writer);
    }
}
