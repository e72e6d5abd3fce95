using BenchmarkDotNet.Attributes;
using BlockProxy.Nbd.Wire;

namespace BlockProxy.Benchmarks;

/// <summary>The codecs each NBD request passes through.</summary>
[MemoryDiagnoser]
public class NbdCodecBenchmarks
{
    private readonly byte[] _request = new byte[NbdRequest.Size];
    private readonly byte[] _reply = new byte[OffsetDataChunk.Size];
    private readonly byte[] _go = new InfoRequest("disk0", [InfoType.Name, InfoType.BlockSize]).ToBytes();

    public NbdCodecBenchmarks() => new NbdRequest(NbdCommandFlags.Fua, NbdCommand.Write, 7, 8192, 4096).Write(_request);

    [Benchmark]
    public NbdRequest ReadRequest() => NbdRequest.Read(_request);

    [Benchmark]
    public void WriteRequest() => new NbdRequest(NbdCommandFlags.Fua, NbdCommand.Write, 7, 8192, 4096).Write(_request);

    [Benchmark]
    public void WriteSimpleReply() => new SimpleReply(NbdErrno.None, 7).Write(_reply);

    [Benchmark]
    public void WriteDataChunk() => new OffsetDataChunk(ReplyChunkFlags.Done, 7, 8192, 4096).Write(_reply);

    [Benchmark]
    public bool ReadGoOption() => InfoRequest.TryRead(_go, out _);
}
