using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace BlockProxy.Gateway.Configuration;

/// <summary>Reads the addresses that operators write.</summary>
public static class EndPoints
{
    public const int NbdPort = 10809;

    public const int GlusterdPort = 24007;

    /// <summary>Bytes of a Unix socket path that the system takes (sun_path of 108, less its NUL).</summary>
    public const int UnixPathLimit = 107;

    /// <summary>An address to listen on: <c>ADDR:PORT</c>, <c>ADDR</c>, <c>[IPV6]:PORT</c>, <c>:PORT</c> for every address, or <c>unix:/PATH</c>.</summary>
    public static EndPoint ParseListen(string text, int defaultPort)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith("unix:", StringComparison.Ordinal))
        {
            var path = text[5..];
            if (!path.StartsWith('/') || System.Text.Encoding.UTF8.GetByteCount(path) > UnixPathLimit)
                throw new GatewayException($"address '{text}': expected unix:/PATH with an absolute path of at most {UnixPathLimit} bytes");
            return new UnixDomainSocketEndPoint(path);
        }

        var (host, port) = Split(text, defaultPort);
        if (host is "" or "*")
            return new IPEndPoint(IPAddress.IPv6Any, port);
        if (host == "localhost")
            return new IPEndPoint(IPAddress.Loopback, port);
        return IPAddress.TryParse(host, out var address)
            ? new IPEndPoint(address, port)
            : throw new GatewayException($"address '{text}': '{host}' is not an IP address; expected ADDR:PORT such as 127.0.0.1:{defaultPort}, or unix:/PATH");
    }

    /// <summary>A server to connect to: <c>HOST[:PORT]</c>.</summary>
    public static DnsEndPoint ParseServer(string text, int defaultPort)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (host, port) = Split(text, defaultPort);
        return host.Length > 0 && port > 0
            ? new DnsEndPoint(host, port)
            : throw new GatewayException($"server '{text}': expected HOST or HOST:PORT");
    }

    private static (string Host, int Port) Split(string text, int defaultPort)
    {
        var host = text;
        var port = defaultPort;
        var colon = text.LastIndexOf(':');
        var bracketed = text.StartsWith('[');
        var bareIpv6 = !bracketed && colon != text.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0 && !bareIpv6 && (!bracketed || colon > text.IndexOf(']', StringComparison.Ordinal)))
        {
            host = text[..colon];
            if (!int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > 65535)
                throw new GatewayException($"address '{text}': '{text[(colon + 1)..]}' is not a port from 0 to 65535");
        }

        if (bracketed && host.EndsWith(']'))
            host = host[1..^1];
        return (host, port);
    }
}
