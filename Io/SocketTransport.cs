using System.Net;
using System.Net.Sockets;

namespace BlockProxy.Io;

/// <summary>TCP settings of a connection. The defaults are those of stock GlusterFS transports.</summary>
public sealed record SocketSettings
{
    /// <summary>0 switches keepalives off.</summary>
    public int KeepAliveIdleSeconds { get; init; } = 20;

    public int KeepAliveIntervalSeconds { get; init; } = 2;

    public int KeepAliveCount { get; init; } = 9;

    /// <summary>Milliseconds that sent data may stay unacknowledged before the connection breaks; 0 leaves it to the system.</summary>
    public int UserTimeoutMilliseconds { get; init; }

    /// <summary>Connections the system holds before they are accepted.</summary>
    public int ListenBacklog { get; init; } = 1024;
}

/// <summary>
/// The operating system's TCP and Unix sockets, as .NET drives them; for those that something else drives it still connects, accepts and
/// configures.
/// </summary>
public sealed class SocketTransport : ITransport
{
    private const int TcpUserTimeout = 18; // TCP_USER_TIMEOUT, <linux/tcp.h>

    private readonly SocketSettings _settings;
    private readonly Func<Socket, IByteChannel> _channel;

    public SocketTransport(SocketSettings? settings = null)
        : this(settings, connected => new SocketChannel(connected))
    {
    }

    /// <param name="settings">TCP settings; null for the defaults.</param>
    /// <param name="channel">Makes the channel that takes over a connected socket.</param>
    internal SocketTransport(SocketSettings? settings, Func<Socket, IByteChannel> channel)
    {
        _settings = settings ?? new SocketSettings();
        _channel = channel;
    }

    public static SocketTransport Default { get; } = new();

    public ValueTask<IByteChannel> ConnectAsync(EndPoint address, CancellationToken stop) => ConnectAsync(address, _settings, stop);

    public async ValueTask<IByteChannel> ConnectAsync(EndPoint address, SocketSettings settings, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(settings);
        Socket? socket = null;
        try
        {
            socket = CreateSocket(address, settings);
            await socket.ConnectAsync(Unbound(address), stop);
            return _channel(socket);
        }
        catch (SocketException error)
        {
            socket?.Dispose();
            throw new IOException($"cannot connect to {Describe(address)}: {Reason(error)}", error);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    public IChannelListener Listen(EndPoint address)
    {
        ArgumentNullException.ThrowIfNull(address);
        address = Unbound(address);
        Socket? socket = null;
        try
        {
            if (address is UnixDomainSocketEndPoint unix)
            {
                RemoveStaleUnixSocket(unix);
                socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            }
            else
            {
                // Without .NET's ReuseAddress: on Linux it would let two servers share one port, and bind passes over TIME_WAIT anyway.
                socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            }

            socket.Bind(address);
            socket.Listen(_settings.ListenBacklog);
            return new Listener(this, socket, (address as UnixDomainSocketEndPoint)?.ToString());
        }
        catch (SocketException error)
        {
            socket?.Dispose();
            throw new IOException($"cannot listen on {Describe(address)}: {Reason(error)}", error);
        }
    }

    /// <summary>An address as it is written in log lines and messages.</summary>
    public static string Describe(EndPoint? address) => address switch
    {
        null => "(unknown)",
        UnixDomainSocketEndPoint unix => $"unix:{unix}",
        DnsEndPoint dns => $"{dns.Host}:{dns.Port}",
        _ => address.ToString() ?? "(unknown)",
    };

    /// <summary>The other side of a connected socket, as it is written in log lines.</summary>
    internal static string PeerOf(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
            return "unix";
        try
        {
            return Describe(socket.RemoteEndPoint);
        }
        catch (SocketException)
        {
            return Describe(null); // it has left already
        }
    }

    /// <summary>A socket that can connect to the address, configured.</summary>
    internal static Socket CreateSocket(EndPoint address, SocketSettings settings)
    {
        var socket = address switch
        {
            UnixDomainSocketEndPoint => new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
            DnsEndPoint => new Socket(SocketType.Stream, ProtocolType.Tcp),
            _ => new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp),
        };
        Configure(socket, settings);
        return socket;
    }

    /// <exception cref="IOException">The name is not known.</exception>
    internal static async ValueTask<IPAddress[]> ResolveAsync(DnsEndPoint name, CancellationToken stop)
    {
        try
        {
            var found = await Dns.GetHostAddressesAsync(name.Host, name.AddressFamily, stop);
            if (found.Length > 0)
                return found;
        }
        catch (SocketException error)
        {
            throw new IOException($"cannot connect to {Describe(name)}: {Reason(error)}", error);
        }

        throw new IOException($"cannot connect to {Describe(name)}: the host name has no address");
    }

    /// <summary>A reason in words that do not depend on the runtime's wording.</summary>
    internal static string Reason(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused (is the server running there?)",
        SocketError.AddressAlreadyInUse => "the address is already in use",
        SocketError.AddressNotAvailable => "the address is not one of this machine",
        SocketError.HostNotFound or SocketError.NoData => "the host name is not known",
        SocketError.TimedOut => "timed out",
        SocketError.HostUnreachable => "host unreachable",
        SocketError.NetworkUnreachable => "network unreachable",
        SocketError.AccessDenied => "permission denied",
        SocketError.ConnectionReset => "connection reset by peer",
        _ => error.Message,
    };

    private static void Configure(Socket socket, SocketSettings settings)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
            return;
        socket.NoDelay = true;
        if (settings.KeepAliveIdleSeconds > 0)
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, settings.KeepAliveIdleSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Math.Max(1, settings.KeepAliveIntervalSeconds));
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Math.Max(1, settings.KeepAliveCount));
        }

        if (settings.UserTimeoutMilliseconds > 0 && OperatingSystem.IsLinux())
            socket.SetRawSocketOption((int)ProtocolType.Tcp, TcpUserTimeout, BitConverter.GetBytes(settings.UserTimeoutMilliseconds));
    }

    /// <summary>
    /// The same address as one that no socket is bound to: .NET removes the file of a bound one whenever a socket that used it is disposed,
    /// be it a client's.
    /// </summary>
    private static EndPoint Unbound(EndPoint address) =>
        address is UnixDomainSocketEndPoint && address.ToString() is { } path && path.StartsWith('/') ? new UnixDomainSocketEndPoint(path) : address;

    /// <summary>A socket file that a killed process left behind is removed; one that somebody listens on is not.</summary>
    private static void RemoveStaleUnixSocket(UnixDomainSocketEndPoint unix)
    {
        var path = unix.ToString();
        if (!File.Exists(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(unix);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
        catch (SocketException)
        {
            // Not a socket, or not ours to judge: bind will say what is wrong.
        }
    }

    private sealed class Listener(SocketTransport transport, Socket socket, string? unixPath) : IChannelListener
    {
        public EndPoint LocalEndPoint => socket.LocalEndPoint!;

        public async ValueTask<IByteChannel> AcceptAsync(CancellationToken stop)
        {
            while (true)
            {
                try
                {
                    var accepted = await socket.AcceptAsync(stop);
                    Configure(accepted, transport._settings);
                    return transport._channel(accepted);
                }
                catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
                {
                    // That client left between the handshake and the accept.
                }
                catch (SocketException error)
                {
                    throw new IOException($"cannot accept on {Describe(socket.LocalEndPoint)}: {Reason(error)}", error);
                }
            }
        }

        public void Dispose()
        {
            socket.Dispose();
            if (unixPath is not null)
                File.Delete(unixPath);
        }
    }
}
