namespace BlockProxy.Io;

/// <summary>The network of this machine, by the fastest means there is.</summary>
public static class SystemTransport
{
    /// <summary><see cref="EpollTransport"/> on Linux, .NET's sockets elsewhere.</summary>
    public static ITransport Default => OperatingSystem.IsLinux() ? EpollTransport.Shared : SocketTransport.Default;
}
