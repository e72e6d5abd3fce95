using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace BlockProxy.Io.Linux;

/// <summary>
/// One thread that waits for events on many sockets and lets their channels receive, send and continue on it, inline. Nothing that runs on
/// it may block. It lives as long as the process.
/// </summary>
/// <remarks>
/// Before it sleeps, a loop whose last waits were short polls for a moment longer: waking a sleeping processor costs more than a small
/// request. Waits that turn out longer make it poll ever more rarely, so an idle or slow connection costs nothing.
/// </remarks>
internal sealed unsafe class EpollLoop
{
    private const int EventsAtOnce = 64;
    private const int SpinSkipLimit = 1023; // one poll in so many waits tells whether polling is worth while again

    // struct epoll_event is packed on x86-64 and aligned everywhere else.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = EventSize - 8;

    private static int _spinning; // loops of this process that poll at this moment

    private readonly int _epoll;
    private readonly long _spinTicks;
    private readonly ConcurrentDictionary<long, EpollChannel> _channels = new();
    private long _lastId;
    private int _spinPenalty;
    private int _spinSkips;

    /// <param name="name">The thread's name.</param>
    /// <param name="spin">How long to poll before sleeping; zero for never.</param>
    public EpollLoop(string name, TimeSpan spin)
    {
        _spinTicks = Environment.ProcessorCount > 1 ? (long)(spin.TotalSeconds * Stopwatch.Frequency) : 0;
        _epoll = Libc.epoll_create1(Libc.EPOLL_CLOEXEC);
        if (_epoll < 0)
            throw new IOException($"epoll_create1 failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        new Thread(Run) { IsBackground = true, Name = name }.Start();
    }

    /// <summary>Begins to report events of a channel's socket, each once as it arises (edge-triggered).</summary>
    public long Add(EpollChannel channel, SafeHandle socket)
    {
        var id = Interlocked.Increment(ref _lastId);
        _channels.TryAdd(id, channel);
        if (Control(Libc.EPOLL_CTL_ADD, socket, id) == 0)
            return id;
        var error = Marshal.GetLastPInvokeError();
        _channels.TryRemove(id, out _);
        throw new IOException($"the socket cannot be polled: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>Reports the channel's present state once more, so that it continues after others had their turn.</summary>
    public void Again(long id, SafeHandle socket) => Control(Libc.EPOLL_CTL_MOD, socket, id);

    /// <summary>The channel ended. Closing the socket is what ends the events; a late one finds no channel.</summary>
    public void Remove(long id) => _channels.TryRemove(id, out _);

    private int Control(int operation, SafeHandle socket, long id)
    {
        var registration = stackalloc byte[EventSize];
        Marshal.WriteInt32((nint)registration, unchecked((int)(Libc.EPOLLIN | Libc.EPOLLOUT | Libc.EPOLLRDHUP | Libc.EPOLLET)));
        Marshal.WriteInt64((nint)(registration + DataOffset), id);
        return Libc.epoll_ctl(_epoll, operation, socket, registration);
    }

    private void Run()
    {
        var events = (byte*)NativeMemory.Alloc((nuint)(EventsAtOnce * EventSize));
        while (true)
        {
            var count = Poll(events);
            if (count == 0)
                count = Libc.epoll_wait(_epoll, events, EventsAtOnce, timeoutMilliseconds: -1);
            for (var i = 0; i < count; i++)
            {
                var at = events + (i * EventSize);
                var id = Marshal.ReadInt64((nint)(at + DataOffset));
                if (_channels.TryGetValue(id, out var channel))
                    channel.Signal((uint)Marshal.ReadInt32((nint)at));
            }
        }
    }

    /// <summary>Waits for events without sleeping, for as long as that has been paying lately; 0 when none came.</summary>
    private int Poll(byte* events)
    {
        if (_spinTicks == 0)
            return 0;
        if (_spinSkips > 0)
        {
            _spinSkips--;
            return 0;
        }

        // Half of the processors at most: the peers that are waited for may run on this machine and need the others.
        if (Interlocked.Increment(ref _spinning) > Math.Max(1, Environment.ProcessorCount / 2))
        {
            Interlocked.Decrement(ref _spinning);
            return 0;
        }

        var count = 0;
        var until = Stopwatch.GetTimestamp() + _spinTicks;
        do
        {
            count = Libc.epoll_wait(_epoll, events, EventsAtOnce, timeoutMilliseconds: 0);
            if (count == 0)
                Thread.Yield(); // whoever else wants this processor comes first
        }
        while (count == 0 && Stopwatch.GetTimestamp() < until);

        Interlocked.Decrement(ref _spinning);
        _spinPenalty = count > 0 ? 0 : Math.Min((_spinPenalty * 2) + 1, SpinSkipLimit);
        _spinSkips = _spinPenalty;
        return count;
    }
}
