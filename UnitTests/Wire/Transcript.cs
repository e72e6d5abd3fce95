using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Callback;
using BlockProxy.Proxy.Wire.Dump;
using BlockProxy.Proxy.Wire.Gfs4;
using BlockProxy.Proxy.Wire.Handshake;
using BlockProxy.Proxy.Wire.Portmap;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.UnitTests.Wire;

/// <summary>Decodes the body of a recorded call or reply and encodes what came out of it; null when it did not decode.</summary>
internal abstract class Transcript
{
    /// <summary>What was wrong with the last body.</summary>
    public string? Failure { get; protected set; }

    public Errno Refusal { get; protected set; }

    /// <summary>Only decode: what is returned is empty instead of the encoded bytes.</summary>
    public bool DecodeOnly { get; set; }

    public abstract byte[]? Call(ReadOnlySpan<byte> body);

    /// <param name="call">The body of the call, intact.</param>
    public abstract byte[]? Reply(ReadOnlySpan<byte> call, ReadOnlySpan<byte> body);

    /// <summary>For the procedure of an exchange.</summary>
    public static Transcript Of(Exchange exchange) => exchange.Program switch
    {
        "fops" when exchange.Fop == Fop.Null => new MessageTranscript<EmptyMessage, PingReply>(),
        "fops" => OfFop(exchange.Fop),
        "dump" => (DumpProcedure)exchange.Procedure switch
        {
            DumpProcedure.Dump => new MessageTranscript<DumpRequest, DumpReply>(),
            _ => new MessageTranscript<EmptyMessage, PingReply>(),
        },
        "portmap" => (PortmapProcedure)exchange.Procedure switch
        {
            PortmapProcedure.SignIn => new MessageTranscript<SignInRequest, SignReply>(),
            PortmapProcedure.SignOut => new MessageTranscript<SignOutRequest, SignReply>(),
            _ => new MessageTranscript<PortByBrickRequest, PortByBrickReply>(),
        },
        "handshake" => (HandshakeProcedure)exchange.Procedure switch
        {
            HandshakeProcedure.SetVolume => new MessageTranscript<SetVolumeRequest, DictReply>(),
            HandshakeProcedure.GetSpec => new MessageTranscript<GetSpecRequest, GetSpecReply>(),
            HandshakeProcedure.Ping => new MessageTranscript<EmptyMessage, PingReply>(),
            HandshakeProcedure.SetLkVersion => new MessageTranscript<SetLkVersionRequest, SetLkVersionReply>(),
            HandshakeProcedure.EventNotify => new MessageTranscript<EventNotify, DictReply>(),
            _ => new MessageTranscript<GetInfoRequest, GetInfoReply>(),
        },
        "callback" => (CallbackProcedure)exchange.Procedure switch
        {
            CallbackProcedure.CacheInvalidation => new MessageTranscript<CacheInvalidation, EmptyMessage>(),
            CallbackProcedure.RecallLease => new MessageTranscript<RecallLease, EmptyMessage>(),
            CallbackProcedure.Statedump => new MessageTranscript<Statedump, EmptyMessage>(),
            CallbackProcedure.InodelkContention => new MessageTranscript<InodelkContention, EmptyMessage>(),
            CallbackProcedure.EntrylkContention => new MessageTranscript<EntrylkContention, EmptyMessage>(),
            _ => new MessageTranscript<EmptyMessage, EmptyMessage>(),
        },
        _ => new MessageTranscript<EmptyMessage, EmptyMessage>(),
    };

    public static Transcript OfFop(Fop fop) => FopCodecs.Find((uint)fop)?.Accept(new Maker()) ?? new MessageTranscript<EmptyMessage, EmptyMessage>();

    private sealed class Maker : IFopCodecVisitor<Transcript>
    {
        public Transcript Visit<TRequest, TReply>(FopCodec<TRequest, TReply> codec)
            where TRequest : struct, IFop<TRequest, TReply>
            where TReply : struct, IReply<TReply> => new FopTranscript<TRequest, TReply>(codec);
    }
}

internal sealed class MessageTranscript<TCall, TReply> : Transcript
    where TCall : IXdrMessage<TCall>
    where TReply : IXdrMessage<TReply>
{
    public override byte[]? Call(ReadOnlySpan<byte> body) => Copy<TCall>(body);

    public override byte[]? Reply(ReadOnlySpan<byte> call, ReadOnlySpan<byte> body) => Copy<TReply>(body);

    private byte[]? Copy<T>(ReadOnlySpan<byte> body)
        where T : IXdrMessage<T>
    {
        var reader = new XdrReader(body);
        var message = T.Read(ref reader);
        reader.ExpectEnd();
        Failure = reader.Failure;
        if (reader.Failed || DecodeOnly)
            return reader.Failed ? null : [];
        var writer = new XdrWriter();
        try
        {
            message.Write(ref writer);
            return writer.Written.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }
}

internal sealed class FopTranscript<TRequest, TReply>(FopCodec<TRequest, TReply> codec) : Transcript
    where TRequest : struct, IFop<TRequest, TReply>
    where TReply : struct, IReply<TReply>
{
    /// <summary>What the last body decoded to.</summary>
    public TRequest Request { get; private set; }

    public TReply LastReply { get; private set; }

    public long NewFd { get; private set; }

    public override byte[]? Call(ReadOnlySpan<byte> body)
    {
        var objects = new FakeObjects();
        if (!ReadCall(body, objects) || DecodeOnly)
            return Failure is null && Refusal == Errno.None ? [] : null;
        var writer = new XdrWriter();
        try
        {
            var request = Request;
            codec.WriteRequest(ref writer, in request, objects);
            writer.WriteRaw(codec.RequestPayload(in request).Span);
            return writer.Written.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }

    public override byte[]? Reply(ReadOnlySpan<byte> call, ReadOnlySpan<byte> body)
    {
        if (!ReadCall(call, new FakeObjects()))
            return null;
        var request = Request;
        var head = body.Length;
        if (codec.ReplyHasPayload && PayloadHead.TryGetReplyLength(codec.Fop, body, out var needed))
            head = needed;
        var reader = new XdrReader(body[..head]);
        var reply = codec.ReadReply(ref reader, in request, out var newFd);
        reader.ExpectEnd();
        if (!reader.Failed && codec.PayloadLength(in reply) != body.Length - head)
            reader.Fail("the payload has another length");
        Failure = reader.Failure;
        (LastReply, NewFd) = (reply, newFd);
        if (reader.Failed || DecodeOnly)
            return reader.Failed ? null : [];
        var writer = new XdrWriter();
        try
        {
            codec.WriteReply(ref writer, in reply, newFd);
            writer.WriteRaw(body[head..]);
            return writer.Written.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }

    private bool ReadCall(ReadOnlySpan<byte> body, FakeObjects objects)
    {
        var head = body.Length;
        if (codec.RequestHasPayload && PayloadHead.TryGetRequestLength(codec.Fop, body, out var needed))
            head = needed;
        objects.Payload = body[head..].ToArray();
        var reader = new XdrReader(body[..head]);
        Request = codec.ReadRequest(ref reader, objects);
        reader.ExpectEnd();
        Failure = reader.Failure;
        Refusal = reader.Refusal;
        return !reader.Failed && reader.Refusal == Errno.None;
    }
}
