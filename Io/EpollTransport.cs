using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using BlockProxy.Io.Linux;

namespace BlockProxy.Io;

/// <summary>How an <see cref="EpollTransport"/> uses the machine.</summary>
public sealed record EpollSettings
{
    /// <summary>Threads; 0 for one per processor, at most <see cref="MaximumDefaultLoops"/>.</summary>
    public int Loops { get; init; }

    /// <summary>
    /// How long a busy thread polls before it sleeps. It halves the latency of a client that sends one small request at a time, and costs
    /// processor time only while requests follow each other that quickly. Zero never polls.
    /// </summary>
    public TimeSpan Spin { get; init; } = TimeSpan.FromMicroseconds(25);

    /// <summary>More loops than this help no longer: they carry bytes, and the work behind them has threads of its own.</summary>
    public const int MaximumDefaultLoops = 8;
}

/// <summary>
/// TCP and Unix sockets of Linux over epoll, on a few threads of its own: what arrives is handled on the thread that learns of it, with one
/// system call to wait, one to receive and one to send. Everything awaited on its channels continues on these threads, so nothing there may
/// block. One instance per process is enough: <see cref="Shared"/>.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class EpollTransport : ITransport
{
    private static readonly Lazy<EpollTransport> Process = new(() => new EpollTransport());

    private readonly SocketSettings _settings;
    private readonly SocketTransport _sockets;
    private readonly EpollLoop[] _loops;
    private int _next;

    /// <param name="settings">TCP settings; null for the defaults.</param>
    /// <param name="epoll">Use of threads; null for the defaults.</param>
    public EpollTransport(SocketSettings? settings = null, EpollSettings? epoll = null)
    {
        epoll ??= new EpollSettings();
        ArgumentOutOfRangeException.ThrowIfNegative(epoll.Loops);
        _loops = new EpollLoop[epoll.Loops > 0 ? epoll.Loops : Math.Min(Environment.ProcessorCount, EpollSettings.MaximumDefaultLoops)];
        for (var i = 0; i < _loops.Length; i++)
            _loops[i] = new EpollLoop($"epoll {i}", epoll.Spin);
        _settings = settings ?? new SocketSettings();
        _sockets = new SocketTransport(_settings, socket => Adopt(socket, SocketTransport.PeerOf(socket)));
    }

    /// <summary>The transport of this process, with default settings.</summary>
    public static EpollTransport Shared => Process.Value;

    public ValueTask<IByteChannel> ConnectAsync(EndPoint address, CancellationToken stop) => ConnectAsync(address, _settings, stop);

    public async ValueTask<IByteChannel> ConnectAsync(EndPoint address, SocketSettings settings, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(settings);
        if (address is not DnsEndPoint dns)
            return await ConnectOneAsync(address, settings, stop);

        var found = await SocketTransport.ResolveAsync(dns, stop);
        for (var i = 0; ; i++)
        {
            try
            {
                return await ConnectOneAsync(new IPEndPoint(found[i], dns.Port), settings, stop);
            }
            catch (IOException) when (i + 1 < found.Length)
            {
                // The host's next address may answer.
            }
        }
    }

    public IChannelListener Listen(EndPoint address) => _sockets.Listen(address);

    /// <summary>
    /// Connects without .NET's help: a socket that .NET connected stays in .NET's own epoll set, and each event would wake that one too.
    /// </summary>
    private async ValueTask<IByteChannel> ConnectOneAsync(EndPoint address, SocketSettings settings, CancellationToken stop)
    {
        var name = SocketTransport.Describe(address);
        var socket = SocketTransport.CreateSocket(address, settings);
        EpollChannel? channel = null;
        try
        {
            var errno = StartConnect(socket, address);
            if (errno is not (0 or Libc.EINPROGRESS))
                throw new IOException($"cannot connect to {name}: {LinuxErrors.ConnectReason(errno)}");
            channel = Adopt(socket, address is UnixDomainSocketEndPoint ? "unix" : name);
            if (errno == Libc.EINPROGRESS)
            {
                using (stop.UnsafeRegister(static state => ((EpollChannel)state!).Abort(), channel))
                    errno = await channel.ConnectedAsync();
                stop.ThrowIfCancellationRequested();
                if (errno != 0)
                    throw new IOException($"cannot connect to {name}: {LinuxErrors.ConnectReason(errno)}");
            }

            return channel;
        }
        catch
        {
            channel?.Dispose();
            socket.Dispose();
            stop.ThrowIfCancellationRequested();
            throw;
        }
    }

    private static unsafe int StartConnect(Socket socket, EndPoint address)
    {
        if (Libc.fcntl(socket.SafeHandle, Libc.F_SETFL, Libc.O_NONBLOCK) != 0)
            return Marshal.GetLastPInvokeError();
        var serialized = address.Serialize();
        fixed (byte* bytes = serialized.Buffer.Span)
            return Libc.connect(socket.SafeHandle, bytes, serialized.Size) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    private EpollChannel Adopt(Socket socket, string peer) =>
        new(socket, peer, _loops[(uint)Interlocked.Increment(ref _next) % (uint)_loops.Length]);
}
