using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;

namespace BlockProxy.Io;

/// <summary>
/// A network inside the process: an embedded brick's connections, and tests. The same bytes cross it as would cross a socket. What is sent is
/// copied once, into the receiver's pipe; a sender waits while its receiver is more than <see cref="PauseBytes"/> behind.
/// </summary>
/// <param name="scheduler">Where a receiver continues; the thread pool unless a test or a simulation wants otherwise.</param>
public sealed class MemoryTransport(PipeScheduler? scheduler = null) : ITransport
{
    public const int PauseBytes = 4 << 20;

    private readonly ConcurrentDictionary<string, Listener> _listeners = new();

    public ValueTask<IByteChannel> ConnectAsync(EndPoint address, CancellationToken stop)
    {
        var name = SocketTransport.Describe(address);
        if (!_listeners.TryGetValue(name, out var listener))
            return ValueTask.FromException<IByteChannel>(new IOException($"cannot connect to {name}: connection refused (nothing in this process listens there)"));
        var (near, far) = CreatePair(name, "memory");
        return listener.Offer(far)
            ? new ValueTask<IByteChannel>(near)
            : ValueTask.FromException<IByteChannel>(new IOException($"cannot connect to {name}: connection refused (the listener has closed)"));
    }

    public IChannelListener Listen(EndPoint address)
    {
        var name = SocketTransport.Describe(address);
        var listener = new Listener(this, name, address);
        if (!_listeners.TryAdd(name, listener))
            throw new IOException($"cannot listen on {name}: the address is already in use");
        return listener;
    }

    /// <summary>Two channels, each the other's peer; the names are what each sees as its remote.</summary>
    public (IByteChannel Near, IByteChannel Far) CreatePair(string nearSees, string farSees)
    {
        var there = new MemoryLink(scheduler);
        var back = new MemoryLink(scheduler);
        return (new Channel(nearSees, back, there), new Channel(farSees, there, back));
    }

    private sealed class Channel(string remoteName, MemoryLink incoming, MemoryLink outgoing) : IByteChannel
    {
        public string RemoteName => remoteName;

        public ValueTask<int> ReceiveAsync(Memory<byte> destination) => incoming.ReceiveAsync(destination);

        public ValueTask SendAsync(SendBatch batch) => outgoing.SendAsync(batch);

        public void FinishSending() => outgoing.Finish();

        public void Abort()
        {
            outgoing.Finish();
            incoming.Break();
        }

        public void Dispose() => Abort();
    }

    private sealed class Listener(MemoryTransport transport, string name, EndPoint address) : IChannelListener
    {
        private readonly Channel<IByteChannel> _offered = System.Threading.Channels.Channel.CreateUnbounded<IByteChannel>();

        public EndPoint LocalEndPoint => address;

        public bool Offer(IByteChannel channel) => _offered.Writer.TryWrite(channel);

        public async ValueTask<IByteChannel> AcceptAsync(CancellationToken stop)
        {
            try
            {
                return await _offered.Reader.ReadAsync(stop);
            }
            catch (ChannelClosedException error)
            {
                throw new IOException($"the listener on {name} is closed", error);
            }
        }

        public void Dispose()
        {
            transport._listeners.TryRemove(new KeyValuePair<string, Listener>(name, this));
            _offered.Writer.TryComplete();
        }
    }
}
