using System.IO.Pipelines;
using System.Net;
using BenchmarkDotNet.Attributes;
using BlockProxy.Block;
using BlockProxy.Io;
using BlockProxy.Nbd;
using BlockProxy.Nbd.Wire;

namespace BlockProxy.Benchmarks;

/// <summary>
/// A request from the client's send to its received reply, through the whole server and a memory device, over a network in memory: client and
/// server take turns on one thread, so this is what the front costs without the system's sockets. One operation is one request.
/// </summary>
[MemoryDiagnoser]
public class NbdRequestPathBenchmarks
{
    private readonly Pump _pump = new();
    private readonly byte[] _received = new byte[1 << 20];
    private readonly byte[] _payload = new byte[4096];
    private byte[] _reads = [];
    private byte[] _write = [];
    private NbdServer _server = null!;
    private IByteChannel _channel = null!;
    private SendQueue _queue = null!;

    [Params(1, 32)]
    public int Depth { get; set; }

    [GlobalSetup]
    public void Start()
    {
        var transport = new MemoryTransport(_pump);
        var device = new MemoryDevice(1 << 20);
        _server = new NbdServer(transport, new SingleExport("mem", device));
        var address = new IPEndPoint(IPAddress.Loopback, 10809);
        _server.Listen(address);
        _channel = transport.ConnectAsync(address, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        _queue = new SendQueue(_channel, _ => { });

        Receive(ServerGreeting.Size);
        _queue.Send(Bytes(ClientGreeting.Size, new ClientGreeting(ClientFlags.FixedNewstyle | ClientFlags.NoZeroes).Write));
        _queue.Send(Bytes(OptionHeader.Size, new OptionHeader(OptionCode.StructuredReply, 0).Write));
        Receive(OptionReply.Size);
        _queue.Send(Bytes(OptionHeader.Size, new OptionHeader(OptionCode.ExportName, 0).Write));
        Receive(ExportNameReply.ShortLength);

        _write = Bytes(NbdRequest.Size, new NbdRequest(0, NbdCommand.Write, 1, 0, 4096).Write);
        _reads = [.. Enumerable.Repeat(Bytes(NbdRequest.Size, new NbdRequest(0, NbdCommand.Read, 1, 0, 4096).Write), Depth).SelectMany(bytes => bytes)];
        Write4K();
    }

    [GlobalCleanup]
    public void Stop() => _channel.Dispose();

    [Benchmark(OperationsPerInvoke = 32)]
    public void Read4K()
    {
        for (var round = 0; round < 32 / Depth; round++)
        {
            _queue.Send(_reads);
            Receive(Depth * (OffsetDataChunk.Size + 4096));
        }
    }

    [Benchmark(OperationsPerInvoke = 32)]
    public void Write4K()
    {
        for (var round = 0; round < 32 / Depth; round++)
        {
            _queue.Cork();
            for (var i = 0; i < Depth; i++)
                _queue.Send(_write, _payload);
            _queue.Uncork();
            Receive(Depth * SimpleReply.Size);
        }
    }

    private delegate void Writer(Span<byte> destination);

    private static byte[] Bytes(int size, Writer write)
    {
        var bytes = new byte[size];
        write(bytes);
        return bytes;
    }

    private void Receive(int count)
    {
        while (count > 0)
        {
            var receiving = _channel.ReceiveAsync(_received.AsMemory(0, Math.Min(count, _received.Length)));
            while (!receiving.IsCompleted)
                _pump.RunOneOrYield();
            count -= receiving.GetAwaiter().GetResult();
        }
    }

    /// <summary>Runs what the transport schedules on the thread that pumps.</summary>
    private sealed class Pump : PipeScheduler
    {
        private readonly Lock _gate = new();
        private readonly Queue<(Action<object?> Action, object? State)> _queue = new();

        public override void Schedule(Action<object?> action, object? state)
        {
            lock (_gate)
                _queue.Enqueue((action, state));
        }

        public void RunOneOrYield()
        {
            (Action<object?> Action, object? State) next;
            lock (_gate)
                _queue.TryDequeue(out next);
            if (next.Action is null)
                Thread.Yield(); // the accept loop runs on the pool
            else
                next.Action(next.State);
        }
    }
}
