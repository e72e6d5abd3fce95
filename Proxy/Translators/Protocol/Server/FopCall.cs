using System.Runtime.CompilerServices;
using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Gfs4;
using BlockProxy.Proxy.Wire.Rpc;

namespace BlockProxy.Proxy.Translators.Protocol.Server;

/// <summary>One fop of a client, from its decoding until the network has its reply. Reused, so that steady traffic allocates nothing.</summary>
internal sealed class FopCall<TRequest, TReply> : ISendObserver
    where TRequest : struct, IFop<TRequest, TReply>
    where TReply : struct, IReply<TReply>
{
    /// <summary>Idle objects kept, for each kind of fop.</summary>
    private const int IdleLimit = 512;

    private const int ReplyScratch = 640; // enough for every reply without a dictionary: rename has five iatts

    private static readonly ObjectPool<FopCall<TRequest, TReply>> Idle = new(() => new(), IdleLimit);

    private readonly Action _completed;
    private FopProgram _program = null!;
    private FopCodec<TRequest, TReply> _codec = null!;
    private RpcServerCall _call;
    private TRequest _request;
    private PooledBuffer? _payload;
    private PooledBuffer? _destination;
    private ValueTaskAwaiter<TReply> _awaiter;

    private FopCall() => _completed = Complete;

    /// <param name="program">Where it came in.</param>
    /// <param name="call">To be answered.</param>
    /// <param name="codec">Of the fop.</param>
    /// <param name="request">Decoded.</param>
    /// <param name="payload">The data of a write, with a reference that this object releases.</param>
    /// <param name="destination">Memory for the data of a read, likewise.</param>
    public static FopCall<TRequest, TReply> Rent(
        FopProgram program, in RpcServerCall call, FopCodec<TRequest, TReply> codec, in TRequest request, PooledBuffer? payload, PooledBuffer? destination)
    {
        var rented = Idle.Rent();
        rented._program = program;
        rented._call = call;
        rented._codec = codec;
        rented._request = request;
        rented._payload = payload;
        rented._destination = destination;
        return rented;
    }

    /// <summary>Winds the fop at the client's subvolume.</summary>
    public void Wind()
    {
#pragma warning disable CA1031 // One client's fop must not end the receive loop of the connection, whatever went wrong.
        try
        {
#pragma warning disable CA2012 // Taken exactly once, in Complete: the awaiter lives in a field so that no state machine is made.
            _awaiter = TRequest.WindAsync(_program.Client.Subvolume, _call.Context, in _request).GetAwaiter();
#pragma warning restore CA2012
        }
        catch (Exception error)
        {
            Answer(InternalError(error));
            return;
        }
#pragma warning restore CA1031

        if (_awaiter.IsCompleted)
            Complete();
        else
            _awaiter.UnsafeOnCompleted(_completed);
    }

    /// <summary>Looks an inode up, for storage that must see it before other fops. A failure shows in the fop itself.</summary>
    public async ValueTask ResolveAsync(Inode inode)
    {
        var reply = await _program.Client.Subvolume.LookupAsync(_call.Context, new LookupRequest(Loc.Of(inode)));
        if (reply.Errno == Errno.None)
            inode.Type = reply.Stat.Type;
    }

    /// <summary>Answers the call.</summary>
    public void Answer(in TReply reply)
    {
        var newFd = WireFd.None;
        if (reply.Errno == Errno.None && _codec.OpenedFd(in _request) is { } opened)
        {
            newFd = _program.Client.Fds.Add(opened);
            if (newFd == FdTable.NoNumber)
            {
                _program.Server.Release(_program.Client.Subvolume, opened);
                Send(TReply.Failed(Errno.EMFILE), WireFd.None);
                return;
            }
        }

        Send(in reply, newFd);
    }

    void ISendObserver.Sent(bool sent)
    {
        var ticket = _call.Ticket;
        _program = null!;
        _codec = null!;
        _call = default;
        _request = default;
        _awaiter = default;
        Idle.Return(this);
        ticket.Release();
    }

    private void Send(in TReply reply, long newFd)
    {
        var connection = _call.Connection;
        // The fop is done with the data of a write.
        _payload?.Release();
        _payload = null;
        var destination = _destination;
        _destination = null;
        var writer = RpcServerConnection.BeginReply(in _call, stackalloc byte[ReplyScratch]);
        try
        {
            _codec.WriteReply(ref writer, in reply, newFd);
            var length = _codec.PayloadLength(in reply);
            var data = destination is not null && length > 0 ? ((Payload)destination).Slice(0, length) : default;
            // The send takes a reference of its own. From here on this object may be in use for another call.
            connection.SendReply(ref writer, data, this);
        }
        finally
        {
            writer.Dispose();
            destination?.Release();
        }
    }

    private void Complete()
    {
        TReply reply;
#pragma warning disable CA1031 // A programming error below is reported, and the client gets an answer.
        try
        {
            reply = _awaiter.GetResult();
        }
        catch (Exception error)
        {
            reply = InternalError(error);
        }
#pragma warning restore CA1031

        if (reply is CreateReply created && created.Errno == Errno.None && _codec.OpenedFd(in _request) is { } opened && opened.Inode.Gfid != created.Stat.Gfid)
            _ = ReopenAsync(reply, opened, created.Stat.Gfid);
        else
            Answer(in reply);
    }

    /// <summary>
    /// A create without EXCL found a file of another gfid than the client chose. The fd that was made for that one is closed, and the file opened by
    /// its own gfid.
    /// </summary>
    private async Task ReopenAsync(TReply reply, Fd mistaken, Gfid gfid)
    {
        var subvolume = _program.Client.Subvolume;
        var flags = mistaken.Flags & ~(OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.Truncate);
        var fd = new Fd(_program.Server.Inodes.Get(gfid), flags) { Caller = mistaken.Caller };
        var opened = await subvolume.OpenAsync(_call.Context, new OpenRequest(Loc.Of(fd.Inode), fd, flags));
        await subvolume.ReleaseAsync(_call.Context, new ReleaseRequest(mistaken));
        if (opened.Errno != Errno.None)
        {
            Send(TReply.Failed(opened.Errno), WireFd.None);
            return;
        }

        var number = _program.Client.Fds.Add(fd);
        if (number != FdTable.NoNumber)
        {
            Send(in reply, number);
            return;
        }

        _program.Server.Release(subvolume, fd);
        Send(TReply.Failed(Errno.EMFILE), WireFd.None);
    }

    private TReply InternalError(Exception error)
    {
        ServerLog.InternalError(_program.Server.Logger, error, TRequest.Number, _program.Client.Name);
        return TReply.Failed(Errno.EIO);
    }
}
