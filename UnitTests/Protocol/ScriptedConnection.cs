using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Dump;
using BlockProxy.Proxy.Wire.Gfs4;
using BlockProxy.Proxy.Wire.Handshake;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Protocol;

/// <summary>A call that a client made.</summary>
internal sealed record ScriptedCall(uint Xid, RpcProgram Program, uint Procedure, AuthFlavor Flavor, byte[] Body)
{
    /// <summary>The fop, where the call is one.</summary>
    public Fop Fop => Program == RpcProgram.Fops ? (Fop)Procedure : Fop.Null;

    public TMessage As<TMessage>()
        where TMessage : struct, IXdrMessage<TMessage>
    {
        var reader = new XdrReader(Body);
        var message = TMessage.Read(ref reader);
        Assert.That(reader.Failure, Is.Null);
        return message;
    }
}

/// <summary>The server's end of a client's connection, played by a test: expect this, answer that.</summary>
internal sealed class ScriptedConnection(IByteChannel channel) : IDisposable
{
    private readonly RecordAssembler _records = new(WireLimits.RecordBytes);
    private readonly Queue<byte[]> _complete = new();
    private readonly byte[] _buffer = new byte[64 << 10];

    /// <summary>The next call of the client; null when it has closed the connection.</summary>
    public async Task<ScriptedCall?> NextAsync()
    {
        while (_complete.Count == 0)
        {
            int count;
            try
            {
                count = await channel.ReceiveAsync(_buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
            }
            catch (IOException)
            {
                return null;
            }

            if (count == 0)
                return null;
            Collect(_buffer.AsSpan(0, count));
        }

        return Parse(_complete.Dequeue());
    }

    /// <summary>The next call must be that one.</summary>
    public async Task<ScriptedCall> ExpectAsync(RpcProgram program, uint procedure)
    {
        var call = await NextAsync();
        Assert.That(call, Is.Not.Null, $"{program} procedure {procedure} expected, the client closed the connection");
        Assert.That((call!.Program, call.Procedure), Is.EqualTo((program, procedure)));
        return call;
    }

    public Task<ScriptedCall> ExpectAsync(Fop fop) => ExpectAsync(RpcProgram.Fops, (uint)fop);

    /// <summary>Answers DUMP with the programs of a brick.</summary>
    public async Task AnswerDumpAsync(params RpcProgram[] programs)
    {
        var call = await ExpectAsync(RpcProgram.Dump, (uint)DumpProcedure.Dump);
        await ReplyAsync(call, new DumpReply(0, 0, [.. programs.Select(p => new DumpedProgram("scripted", p))]));
    }

    /// <summary>Answers DUMP and SETVOLUME as a brick does; the login's keys are returned.</summary>
    public async Task<DictBlob> LogInAsync(string serverUuid = "brick-1", string volumeId = "", string? childUp = null)
    {
        await AnswerDumpAsync(RpcProgram.Dump, RpcProgram.Handshake, RpcProgram.Fops);
        var call = await ExpectAsync(RpcProgram.Handshake, (uint)HandshakeProcedure.SetVolume);
        var answer = new DictBlob { { SetVolumeKeys.Error, "Success" }, { SetVolumeKeys.ProcessUuid, serverUuid } };
        if (volumeId.Length > 0)
            answer.Add(SetVolumeKeys.VolumeId, volumeId);
        if (childUp is not null)
            answer.Add(SetVolumeKeys.ChildUp, childUp);
        await ReplyAsync(call, new DictReply(0, 22, answer));
        return call.As<SetVolumeRequest>().Options!;
    }

    public Task ReplyAsync<TMessage>(ScriptedCall call, TMessage reply)
        where TMessage : struct, IXdrMessage<TMessage>
    {
        var writer = new XdrWriter(new byte[256]);
        RecordMark.Begin(ref writer);
        RpcReplyHeader.WriteAccepted(ref writer, call.Xid);
        reply.Write(ref writer);
        RecordMark.End(ref writer);
        var bytes = writer.Written.ToArray();
        writer.Dispose();
        return SendAsync(bytes);
    }

    public Task ReplyAsync<TRequest, TReply>(ScriptedCall call, TReply reply, long newFd = WireFd.None, byte[]? payload = null)
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply> => SendAsync(Encode<TRequest, TReply>(call, reply, newFd, payload));

    /// <summary>A reply's bytes, for tests that send them in pieces.</summary>
    public static byte[] Encode<TRequest, TReply>(ScriptedCall call, TReply reply, long newFd = WireFd.None, byte[]? payload = null)
        where TRequest : struct, IFop<TRequest, TReply>
        where TReply : struct, IReply<TReply>
    {
        var writer = new XdrWriter(new byte[256]);
        RecordMark.Begin(ref writer);
        RpcReplyHeader.WriteAccepted(ref writer, call.Xid);
        FopCodecs.Of<TRequest, TReply>().WriteReply(ref writer, in reply, newFd);
        writer.WriteRaw(payload);
        RecordMark.End(ref writer);
        var bytes = writer.Written.ToArray();
        writer.Dispose();
        return bytes;
    }

    public Task RefuseAsync(ScriptedCall call, AcceptStatus status)
    {
        var writer = new XdrWriter(new byte[64]);
        RecordMark.Begin(ref writer);
        RpcReplyHeader.WriteAccepted(ref writer, call.Xid, status);
        RecordMark.End(ref writer);
        return SendAsync(writer.Written.ToArray());
    }

    /// <summary>A call from server to client.</summary>
    public Task CallBackAsync(uint xid, CallbackProcedure procedure)
    {
        var writer = new XdrWriter(new byte[64]);
        RecordMark.Begin(ref writer);
        RpcCallHeader.Write(ref writer, xid, RpcProgram.Callback, (uint)procedure);
        RpcCredential.WriteNull(ref writer);
        RecordMark.End(ref writer);
        return SendAsync(writer.Written.ToArray());
    }

    public async Task SendAsync(byte[] bytes)
    {
        var sent = new SendBatch();
        sent.Add(bytes, default, null);
        await channel.SendAsync(sent);
    }

    public void Close() => channel.Abort();

    public void Dispose()
    {
        _records.Dispose();
        channel.Dispose();
    }

    private void Collect(ReadOnlySpan<byte> input)
    {
        while (_records.Consume(ref input))
            _complete.Enqueue(_records.Record.ToArray());
        Assert.That(_records.Failure, Is.Null);
    }

    private static ScriptedCall Parse(byte[] record)
    {
        var reader = new XdrReader(record);
        Assert.That(RpcCallHeader.Read(ref reader, out var header), Is.EqualTo(RpcCallVerdict.Call));
        return new ScriptedCall(header.Xid, header.Program, header.Procedure, header.Flavor, record[reader.Position..]);
    }
}

/// <summary>A server that a test plays, at an address of a <see cref="MemoryTransport"/>.</summary>
internal sealed class ScriptedServer(MemoryTransport transport, string host, int port) : IDisposable
{
    private readonly IChannelListener _listener = transport.Listen(new System.Net.DnsEndPoint(host, port));

    public async Task<ScriptedConnection> AcceptAsync() =>
        new(await _listener.AcceptAsync(CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(10)));

    public void Dispose() => _listener.Dispose();
}
