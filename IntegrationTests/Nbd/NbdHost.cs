using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using BlockProxy.Block;
using BlockProxy.Io;
using BlockProxy.Nbd;
using Microsoft.Extensions.Logging;

namespace BlockProxy.IntegrationTests.Nbd;

/// <summary>
/// A server in this process on a TCP port and a Unix socket, with devices of each kind: "mem" (the default) and "ro" in memory, "file" a raw
/// file, "slow" a memory device that takes its time, "broken" one that fails every write, and "sectors" one that knows only sectors of 4 KiB.
/// </summary>
internal sealed class NbdHost : IAsyncDisposable, INbdExports
{
    public const long Size = 64 << 20;

    private readonly string _directory = Directory.CreateTempSubdirectory("blockproxy-nbd").FullName;
    private readonly BufferPool _pool = new();
    private readonly List<(string Name, string Description, IBlockDevice Device, bool ReadOnly)> _exports = [];
    private readonly int _port;

    public NbdHost(NbdLimits? limits = null)
    {
        FilePath = Path.Combine(_directory, "file.raw");
        using (var file = File.OpenHandle(FilePath, FileMode.CreateNew, FileAccess.Write))
            RandomAccess.SetLength(file, Size);

        _exports.Add(("mem", "sparse memory", new MemoryDevice(Size), false));
        _exports.Add(("ro", "not to be written", new MemoryDevice(Size), true));
        _exports.Add(("file", "a raw file", FileDevice.Open(FilePath), false));
        _exports.Add(("slow", "", new DelayDevice(new MemoryDevice(Size), DelayOptions.All(TimeSpan.FromMilliseconds(2)), TimeProvider.System), false));
        _exports.Add(("broken", "", new ErrorDevice(new MemoryDevice(Size), new Random(1), new ErrorOptions { Error = BlockError.Io, Kinds = [BlockRequestKind.Write] }), false));
        _exports.Add(("sectors", "", new SectorDevice(new MemoryDevice(Size)), false));

        Server = new NbdServer(SystemTransport.Default, this, limits, pool: _pool, logger: Log);
        _port = ((IPEndPoint)Server.Listen(new IPEndPoint(IPAddress.Loopback, 0))).Port;
        UnixPath = Path.Combine(_directory, "nbd.sock");
        Server.Listen(new UnixDomainSocketEndPoint(UnixPath));
    }

    public NbdServer Server { get; }

    public HostLog Log { get; } = new();

    public string FilePath { get; }

    public string UnixPath { get; }

    public IPEndPoint Address => new(IPAddress.Loopback, _port);

    /// <summary>A file of this host's directory, which is removed with it.</summary>
    public string Scratch(string name) => Path.Combine(_directory, name);

    public string Uri(string export, bool unix = false) =>
        unix ? $"nbd+unix:///{export}?socket={UnixPath}" : $"nbd://127.0.0.1:{_port}/{export}";

    public ValueTask<IReadOnlyList<NbdExportListing>> ListAsync() => new([.. _exports.Select(export => new NbdExportListing(export.Name, export.Description))]);

    public ValueTask<NbdExport?> OpenAsync(string name)
    {
        var found = _exports.FirstOrDefault(export => export.Name == (name.Length == 0 ? "mem" : name));
        return new(found.Device is null ? null : new NbdExport(found.Name, found.Description, found.Device, found.ReadOnly));
    }

    /// <summary>Waits until every client is gone, and says that none left a buffer behind.</summary>
    public async Task ExpectNothingLeftAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (Server.Connections > 0 && !deadline.IsCancellationRequested)
            await Task.Yield();
        Assert.That(Server.Connections, Is.Zero, "connections");
        Assert.That(_pool.Outstanding, Is.Zero, "rented buffers");
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        foreach (var export in _exports)
            await export.Device.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>A device with a minimum block of 4 KiB.</summary>
    private sealed class SectorDevice(IBlockDevice inner) : IBlockDevice
    {
        public BlockDeviceInfo Info => inner.Info with { MinimumBlock = 4096, MaximumBlock = 1 << 20 };

        public ValueTask<BlockError> ReadAsync(long offset, Memory<byte> destination) => inner.ReadAsync(offset, destination);

        public ValueTask<BlockError> WriteAsync(long offset, Payload data, BlockWriteFlags flags) => inner.WriteAsync(offset, data, flags);

        public ValueTask<BlockError> FlushAsync() => inner.FlushAsync();

        public ValueTask<BlockError> TrimAsync(long offset, long length, BlockWriteFlags flags) => inner.TrimAsync(offset, length, flags);

        public ValueTask<BlockError> WriteZeroesAsync(long offset, long length, BlockWriteFlags flags) => inner.WriteZeroesAsync(offset, length, flags);

        public ValueTask<BlockError> CacheAsync(long offset, long length) => inner.CacheAsync(offset, length);

        public ValueTask<BlockError> DescribeAsync(long offset, long length, int maximumExtents, ICollection<BlockExtent> extents) =>
            inner.DescribeAsync(offset, length, maximumExtents, extents);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    internal sealed class HostLog : ILogger
    {
        public ConcurrentQueue<string> Warnings { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Warnings.Enqueue(formatter(state, exception));
        }
    }
}
