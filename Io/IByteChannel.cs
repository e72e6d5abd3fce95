using System.Net;

namespace BlockProxy.Io;

/// <summary>A connected, ordered, reliable stream of bytes in both directions. One receive and one send may run at a time.</summary>
public interface IByteChannel : IDisposable
{
    /// <summary>The peer, as it is written in log lines.</summary>
    string RemoteName { get; }

    /// <summary>Receives at least one byte; 0 means that the peer has finished sending.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    ValueTask<int> ReceiveAsync(Memory<byte> destination);

    /// <summary>Sends every byte of the batch.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    ValueTask SendAsync(SendBatch batch);

    /// <summary>Says to the peer that nothing more will be sent; receiving goes on. Called when no send is under way.</summary>
    void FinishSending() => Abort();

    /// <summary>Ends both directions at once: the calls in progress fail or return 0.</summary>
    void Abort();
}

/// <summary>Accepts channels on one address.</summary>
public interface IChannelListener : IDisposable
{
    /// <summary>The address in use, with the port that the system chose when 0 was asked for.</summary>
    EndPoint LocalEndPoint { get; }

    /// <summary>Waits for the next client.</summary>
    ValueTask<IByteChannel> AcceptAsync(CancellationToken stop);
}

/// <summary>The network, as this process sees it: real sockets, memory within a process, or a simulated network.</summary>
public interface ITransport
{
    /// <exception cref="IOException">Nobody answered at that address; the message says why.</exception>
    ValueTask<IByteChannel> ConnectAsync(EndPoint address, CancellationToken stop);

    /// <summary>The same with TCP settings of its own; a network that knows no such settings ignores them.</summary>
    /// <exception cref="IOException">Nobody answered at that address; the message says why.</exception>
    ValueTask<IByteChannel> ConnectAsync(EndPoint address, SocketSettings settings, CancellationToken stop) => ConnectAsync(address, stop);

    /// <exception cref="IOException">The address is in use or not of this machine; the message says which.</exception>
    IChannelListener Listen(EndPoint address);
}
