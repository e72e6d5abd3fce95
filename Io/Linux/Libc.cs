using System.Runtime.InteropServices;

namespace BlockProxy.Io.Linux;

/// <summary>The calls of the C library that the epoll transport makes. Errors are read with <see cref="Marshal.GetLastPInvokeError"/>.</summary>
internal static unsafe partial class Libc
{
    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int EINPROGRESS = 115;

    public const int SHUT_WR = 1;
    public const int SHUT_RDWR = 2;

    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_NOSIGNAL = 0x4000;

    public const int EPOLL_CLOEXEC = 0x80000;
    public const int EPOLL_CTL_ADD = 1;
    public const int EPOLL_CTL_DEL = 2;
    public const int EPOLL_CTL_MOD = 3;

    public const uint EPOLLIN = 0x001;
    public const uint EPOLLOUT = 0x004;
    public const uint EPOLLERR = 0x008;
    public const uint EPOLLHUP = 0x010;
    public const uint EPOLLRDHUP = 0x2000;
    public const uint EPOLLET = 0x8000_0000;

    private const int SOL_SOCKET = 1;
    private const int SO_ERROR = 4;

    public const int F_SETFL = 4;
    public const int O_NONBLOCK = 0x800;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_ctl(int epoll, int operation, SafeHandle descriptor, void* registration);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_wait(int epoll, void* events, int maximum, int timeoutMilliseconds);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recv(SafeHandle socket, void* buffer, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sendmsg(SafeHandle socket, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int shutdown(SafeHandle socket, int how);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int connect(SafeHandle socket, void* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(SafeHandle descriptor, int command, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsockopt(SafeHandle socket, int level, int option, void* value, uint* length);

    /// <summary>One receive that does not wait; negative with the error set when it failed.</summary>
    public static nint Receive(SafeHandle socket, Span<byte> destination)
    {
        fixed (byte* buffer = destination)
            return recv(socket, buffer, destination.Length, MSG_DONTWAIT);
    }

    /// <summary>The error that is pending on a socket, 0 for none.</summary>
    public static int TakeSocketError(SafeHandle socket)
    {
        int error;
        var length = (uint)sizeof(int);
        return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : Marshal.GetLastPInvokeError();
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public void* Base;
        public nint Length;
    }

    /// <summary>struct msghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nint VectorCount;
        public void* Control;
        public nint ControlLength;
        public int Flags;
    }
}
