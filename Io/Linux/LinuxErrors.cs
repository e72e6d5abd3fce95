using System.Runtime.InteropServices;

namespace BlockProxy.Io.Linux;

/// <summary>Error numbers of sockets, in words that do not depend on the C library's.</summary>
internal static class LinuxErrors
{
    private const int ENOENT = 2;
    private const int EAGAIN = 11;
    private const int EACCES = 13;
    private const int EPIPE = 32;
    private const int EADDRNOTAVAIL = 99;
    private const int ENETUNREACH = 101;
    private const int ECONNRESET = 104;
    private const int ETIMEDOUT = 110;
    private const int ECONNREFUSED = 111;
    private const int EHOSTUNREACH = 113;

    public static string ConnectReason(int errno) => errno switch
    {
        ECONNREFUSED => "connection refused (is the server running there?)",
        ENOENT => "no such socket file (is the server running?)",
        EAGAIN => "the server's backlog is full",
        EADDRNOTAVAIL => "the address is not one of this machine",
        _ => Reason(errno),
    };

    public static IOException Broken(int errno) => new($"connection broken: {Reason(errno)}");

    private static string Reason(int errno) => errno switch
    {
        ECONNRESET => "connection reset by peer",
        EPIPE => "closed by peer",
        ETIMEDOUT => "timed out",
        EHOSTUNREACH => "host unreachable",
        ENETUNREACH => "network unreachable",
        EACCES => "permission denied",
        _ => Marshal.GetPInvokeErrorMessage(errno),
    };
}
