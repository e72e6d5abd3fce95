using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace BlockProxy.Io.Linux;

/// <summary>
/// A connected socket driven by an <see cref="EpollLoop"/>: one system call receives or sends, none waits, and continuations run inline on
/// the loop or on the caller. Nothing is allocated per call.
/// </summary>
internal sealed class EpollChannel : IByteChannel
{
    /// <summary>Receives in a row that find data at once before the other channels of the loop get their turn.</summary>
    private const int TurnLimit = 32;

    private readonly Socket _socket;
    private readonly SafeHandle _handle;
    private readonly EpollLoop _loop;
    private readonly long _id;
    private readonly Lock _gate = new();
    private readonly Operation<int> _receive = new();
    private readonly Operation<bool> _send = new();
    private readonly VectorList _vectors = new();
    private Memory<byte> _destination;
    private bool _receiving;
    private bool _sending;
    private bool _connecting;
    private bool _readable = true; // unknown at first: the first receive tries
    private bool _writable;
    private bool _hungUp; // the peer finished or broke: a receive never has to wait again
    private bool _aborted;
    private int _turn;

    /// <param name="socket">Connected, or on the way: then <see cref="ConnectedAsync"/> comes first.</param>
    /// <param name="peer">The peer, as it is written in log lines.</param>
    /// <param name="loop">The loop that reports what happens on the socket.</param>
    public EpollChannel(Socket socket, string peer, EpollLoop loop)
    {
        _socket = socket;
        _handle = socket.SafeHandle;
        _loop = loop;
        RemoteName = peer;
        if (Libc.fcntl(_handle, Libc.F_SETFL, Libc.O_NONBLOCK) != 0)
            throw LinuxErrors.Broken(Marshal.GetLastPInvokeError());
        _id = loop.Add(this, _handle);
    }

    public string RemoteName { get; }

    /// <summary>Waits until the connection stands (0), or has failed (the error number).</summary>
    public async ValueTask<int> ConnectedAsync()
    {
        ValueTask settled = default;
        lock (_gate)
        {
            if (_aborted)
                throw Closed();
            // The event may have come already.
            if (!_writable)
            {
                _connecting = true;
                settled = _send.Completion;
            }
        }

        await settled;
        return Libc.TakeSocketError(_handle);
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> destination)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_aborted)
                    return ValueTask.FromException<int>(Closed());
                if (_readable && _turn++ >= TurnLimit)
                {
                    _turn = 0;
                    _readable = false;
                    _receiving = true;
                    _destination = destination;
                    _loop.Again(_id, _handle);
                    return _receive.Task;
                }

                if (!_readable)
                {
                    _turn = 0;
                    _receiving = true;
                    _destination = destination;
                    return _receive.Task;
                }

                _readable = _hungUp;
            }

            var count = Receive(destination, out var error);
            if (count >= 0)
                return new(count);
            if (error is not null)
                return ValueTask.FromException<int>(error);
        }
    }

    public ValueTask SendAsync(SendBatch batch)
    {
        _vectors.Load(batch);
        lock (_gate)
        {
            if (_aborted)
            {
                _vectors.Unload();
                return ValueTask.FromException(Closed());
            }

            _writable = false;
        }

        return TrySend(out var error) switch
        {
            true when error is null => default,
            true => ValueTask.FromException(error),
            false => _send.Completion,
        };
    }

    public void FinishSending()
    {
        lock (_gate)
        {
            if (!_aborted)
                _ = Libc.shutdown(_handle, Libc.SHUT_WR);
        }
    }

    public void Abort()
    {
        bool receiving, sending;
        lock (_gate)
        {
            if (_aborted)
                return;
            _aborted = true;
            (receiving, _receiving) = (_receiving, false);
            sending = _sending || _connecting;
            _sending = _connecting = false;
        }

        _ = Libc.shutdown(_handle, Libc.SHUT_RDWR);
        _loop.Remove(_id);
        // The last system call that is still running on another thread holds its own reference on the handle.
        _socket.Dispose();
        if (receiving)
            _receive.Fail(Closed());
        if (!sending)
            return;
        _vectors.Unload();
        _send.Fail(Closed());
    }

    public void Dispose() => Abort();

    /// <summary>Called by the loop when the socket's state changed.</summary>
    internal void Signal(uint events)
    {
        if ((events & (Libc.EPOLLOUT | Libc.EPOLLERR | Libc.EPOLLHUP)) != 0)
            SignalWritable();
        if ((events & (Libc.EPOLLIN | Libc.EPOLLRDHUP | Libc.EPOLLERR | Libc.EPOLLHUP)) != 0)
            SignalReadable((events & (Libc.EPOLLRDHUP | Libc.EPOLLERR | Libc.EPOLLHUP)) != 0);
    }

    private void SignalReadable(bool hungUp)
    {
        while (true)
        {
            Memory<byte> destination;
            lock (_gate)
            {
                _hungUp |= hungUp;
                if (!_receiving)
                {
                    _readable = true;
                    return;
                }

                _receiving = false;
                _readable = _hungUp;
                destination = _destination;
                _destination = default;
            }

            var count = Receive(destination, out var error);
            if (count >= 0)
            {
                _receive.Succeed(count);
                return;
            }

            if (error is not null)
            {
                _receive.Fail(error);
                return;
            }

            // A false alarm: what the event announced was received before it was seen. Wait on, unless something came just now.
            lock (_gate)
            {
                if (_aborted)
                {
                    error = Closed();
                }
                else
                {
                    _receiving = true;
                    _destination = destination;
                    if (!_readable)
                        return;
                }
            }

            if (error is not null)
            {
                _receive.Fail(error);
                return;
            }
        }
    }

    private void SignalWritable()
    {
        bool connected;
        lock (_gate)
        {
            _writable = true;
            connected = _connecting;
            _connecting = false;
            if (!_sending && !connected)
                return;
            _sending = false;
            _writable = false;
        }

        if (connected)
        {
            _send.Succeed(true);
            return;
        }

        if (!TrySend(out var error))
            return;
        if (error is null)
            _send.Succeed(true);
        else
            _send.Fail(error);
    }

    /// <summary>One receive. Negative without an error: there is nothing now.</summary>
    private int Receive(Memory<byte> destination, out IOException? error)
    {
        error = null;
        while (true)
        {
            nint count;
            try
            {
                count = Libc.Receive(_handle, destination.Span);
            }
            catch (ObjectDisposedException)
            {
                error = Closed();
                return -1;
            }

            if (count == destination.Length)
            {
                // There may be more; a shorter receive says that there was not.
                lock (_gate)
                    _readable = true;
            }

            if (count >= 0)
                return (int)count;
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Libc.EINTR)
                continue;
            if (errno != Libc.EAGAIN)
                error = LinuxErrors.Broken(errno);
            return -1;
        }
    }

    /// <summary>Sends until everything is gone (true), sending failed (true with the error), or the socket is full (false: an event goes on).</summary>
    private bool TrySend(out IOException? error)
    {
        error = null;
        while (true)
        {
            int errno;
            try
            {
                errno = _vectors.Send(_handle);
            }
            catch (ObjectDisposedException)
            {
                error = Closed();
                _vectors.Unload();
                return true;
            }

            if (errno == 0)
            {
                _vectors.Unload();
                return true;
            }

            if (errno != Libc.EAGAIN)
            {
                error = LinuxErrors.Broken(errno);
                _vectors.Unload();
                return true;
            }

            lock (_gate)
            {
                if (_aborted)
                {
                    error = Closed();
                    _vectors.Unload();
                    return true;
                }

                if (!_writable)
                {
                    _sending = true;
                    return false;
                }

                _writable = false;
            }
        }
    }

    private static IOException Closed() => new("connection closed");

    private sealed class Operation<T> : PooledOperation<T>
    {
        public void Succeed(T result) => SetResult(result);

        public void Fail(Exception error) => SetException(error);

        protected override void Recycle()
        {
            // Lives as long as its channel.
        }
    }
}
