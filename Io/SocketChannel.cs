using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace BlockProxy.Io;

/// <summary>A connected socket as an <see cref="IByteChannel"/>; neither direction allocates per call.</summary>
internal sealed class SocketChannel : IByteChannel
{
    private readonly Socket _socket;
    private readonly GatherSend _gather = new();

    public SocketChannel(Socket socket)
    {
        _socket = socket;
        RemoteName = SocketTransport.PeerOf(socket);
    }

    public string RemoteName { get; }

    // At most one receive and one send of a channel are pending, which is what the pooling builder is good at.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReceiveAsync(Memory<byte> destination)
    {
        try
        {
            return await _socket.ReceiveAsync(destination, SocketFlags.None);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            throw Broken(error);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(SendBatch batch)
    {
        try
        {
            if (batch.Segments.Count == 1)
                await _socket.SendAsync(batch.Segments[0].AsMemory(), SocketFlags.None);
            else if (batch.Segments.Count > 1)
                await _gather.SendAsync(_socket, batch.Segments, batch.Bytes);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            throw Broken(error);
        }
    }

    public void FinishSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Already gone.
        }
    }

    public void Abort()
    {
        try
        {
            // Shutdown first: it wakes a receive that is in progress, and what was sent still reaches the peer.
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Already gone, which is what was asked for.
        }

        _socket.Dispose();
    }

    public void Dispose()
    {
        Abort();
        _gather.Dispose();
    }

    private static IOException Broken(Exception error) => new(
        error is SocketException socket ? $"connection broken: {SocketTransport.Reason(socket)}" : "connection closed", error);

    /// <summary>One gather send, reused for the life of the channel.</summary>
    private sealed class GatherSend : SocketAsyncEventArgs
    {
        private readonly SendOperation _operation = new();

        public GatherSend()
            : base(true)
        {
        }

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
        public async ValueTask SendAsync(Socket socket, List<ArraySegment<byte>> segments, long bytes)
        {
            BufferList = segments;
            if (!socket.SendAsync(this))
                _operation.Finish(this);
            var sent = await _operation.Task;
            if (sent != bytes)
                throw new SocketException((int)SocketError.ConnectionReset);
        }

        protected override void OnCompleted(SocketAsyncEventArgs e) => _operation.Finish(e);
    }

    private sealed class SendOperation : PooledOperation<int>
    {
        public void Finish(SocketAsyncEventArgs e)
        {
            if (e.SocketError == SocketError.Success)
                SetResult(e.BytesTransferred);
            else
                SetException(new SocketException((int)e.SocketError));
        }

        protected override void Recycle()
        {
            // Lives as long as its channel.
        }
    }
}
