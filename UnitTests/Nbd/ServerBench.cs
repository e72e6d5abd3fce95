using System.Collections.Concurrent;
using System.Net;
using BlockProxy.Block;
using BlockProxy.Io;
using BlockProxy.Nbd;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Nbd;

/// <summary>A server in memory with one export, its pool, its clock, and what it logged; and clients for it.</summary>
internal sealed class ServerBench : IAsyncDisposable
{
    public const string Magic = "49484156454F5054"; // IHAVEOPT
    public const string ReplyMagic = "0003E889045565A9";

    private static readonly IPEndPoint Address = new(IPAddress.Loopback, 10809);

    private readonly MemoryTransport _transport = new();

    public ServerBench(IBlockDevice? device = null, NbdLimits? limits = null, bool readOnly = false, bool ledger = false)
    {
        Device = device ?? new MemoryDevice(1 << 20);
        Pool = new BufferPool(ledger: ledger);
        Exports = new TestExports(Device, readOnly);
        Server = new NbdServer(_transport, Exports, limits, Clock, Pool, Log);
        // As in a server's process: with the test framework's context, continuations would not run where they do there.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        Server.Listen(Address);
        SynchronizationContext.SetSynchronizationContext(context);
    }

    public IBlockDevice Device { get; }

    public BufferPool Pool { get; }

    public ManualClock Clock { get; } = new();

    public RecordedLog Log { get; } = new();

    public TestExports Exports { get; }

    public NbdServer Server { get; }

    public async Task<RawClient> ConnectAsync() => new(await _transport.ConnectAsync(Address, CancellationToken.None));

    public async Task<IByteChannel> ConnectChannelAsync() => await _transport.ConnectAsync(Address, CancellationToken.None);

    /// <summary>A client past the greeting, with fixed newstyle and without zeroes.</summary>
    public async Task<RawClient> GreetAsync()
    {
        var client = await ConnectAsync();
        await client.ExpectHexAsync("4E42444D41474943", Magic, "0003");
        client.SendHex("00000003");
        return client;
    }

    /// <summary>A client in transmission, by NBD_OPT_EXPORT_NAME: simple replies only.</summary>
    public async Task<RawClient> TransmitAsync()
    {
        var client = await GreetAsync();
        client.SendHex(Magic, "00000001 00000000");
        await client.ReadAsync(10);
        return client;
    }

    /// <summary>A client in transmission with structured replies and base:allocation.</summary>
    public async Task<RawClient> TransmitStructuredAsync(bool allocation = true)
    {
        var client = await GreetAsync();
        client.SendHex(Magic, "00000008 00000000");
        await client.ExpectHexAsync(ReplyMagic, "00000008 00000001 00000000");
        if (allocation)
        {
            client.SendHex(Magic, "0000000A 0000001B 00000000 00000001 0000000F", "626173653A616C6C6F636174696F6E");
            await client.ExpectHexAsync(ReplyMagic, "0000000A 00000004 00000013 00000001", "626173653A616C6C6F636174696F6E");
            await client.ExpectHexAsync(ReplyMagic, "0000000A 00000001 00000000");
        }

        client.SendHex(Magic, "00000007 00000006 00000000 0000");
        await client.ReadAsync(20 + 12 + 20);
        return client;
    }

    /// <summary>Waits until no connection is left, and says that none left a buffer behind.</summary>
    public async Task ExpectNothingLeftAsync()
    {
        using var deadline = new CancellationTokenSource(RawClient.Patience);
        while (Server.Connections > 0)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.That(Pool.Outstanding, Is.Zero, () => string.Join("\n", Pool.Leaks()));
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Device.DisposeAsync();
    }

    /// <summary>One export called "disk", which is also the default.</summary>
    internal sealed class TestExports(IBlockDevice device, bool readOnly) : INbdExports
    {
        private int _open;

        /// <summary>Exports opened and not released.</summary>
        public int Open => Volatile.Read(ref _open);

        public Exception? Failure { get; set; }

        public ValueTask<IReadOnlyList<NbdExportListing>> ListAsync() => new([new NbdExportListing("disk", "a test disk"), new NbdExportListing("other", "")]);

        public ValueTask<NbdExport?> OpenAsync(string name)
        {
            if (Failure is { } failure)
                throw failure;
            if (name is not ("" or "disk"))
                return new((NbdExport?)null);
            Interlocked.Increment(ref _open);
            return new(new NbdExport("disk", "a test disk", device, readOnly, () =>
            {
                Interlocked.Decrement(ref _open);
                return default;
            }));
        }
    }

    internal sealed class RecordedLog : ILogger
    {
        public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = new();

        public IEnumerable<string> Warnings => Lines.Where(line => line.Level >= LogLevel.Warning).Select(line => line.Text);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue((logLevel, formatter(state, exception)));
    }
}
