using BlockProxy.Io;
using BlockProxy.Nbd.Wire;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Nbd.Handshake;

/// <summary>The server's side of the fixed newstyle negotiation: greeting, client flags, then one option after the other.</summary>
/// <param name="channel">The client; the send queue belongs to it.</param>
/// <param name="received">What was received from it; bytes that follow the handshake stay in it.</param>
/// <param name="replies">Where replies go.</param>
/// <param name="stopping">Whether the server is shutting down and refuses options.</param>
internal sealed class NbdHandshake(
    IByteChannel channel, ReceiveBuffer received, SendQueue replies, INbdExports exports, NbdLimits limits, Func<bool> stopping, ILogger logger)
{
    private const HandshakeFlags Offered = HandshakeFlags.FixedNewstyle | HandshakeFlags.NoZeroes;
    private const ClientFlags Understood = ClientFlags.FixedNewstyle | ClientFlags.NoZeroes;

    private static readonly Dictionary<OptionCode, INbdOption> Options = new INbdOption[]
    {
        new ExportNameOption(),
        new AbortOption(),
        new ListOption(),
        new StartTlsOption(),
        new InfoOption(),
        new GoOption(),
        new StructuredReplyOption(),
        new ListMetaContextOption(),
        new SetMetaContextOption(),
    }.ToDictionary(option => option.Code);

    public NbdSession Session { get; } = new();

    public INbdExports Exports => exports;

    public NbdLimits Limits => limits;

    public string Client => channel.RemoteName;

    /// <summary>Negotiates. True: the session's export is to be served. False: the client left, or was sent away as the protocol provides for.</summary>
    /// <exception cref="NbdProtocolException">The client broke a rule.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<bool> RunAsync()
    {
        SendGreeting();
        if (!await FillAsync(ClientGreeting.Size))
            return false;
        Session.ClientFlags = ReadClientFlags();

        for (var options = 0; options < limits.MaxOptions; options++)
        {
            if (!await FillAsync(OptionHeader.Size))
                return false;
            var header = OptionHeader.Read(received.Unread);
            received.Consume(OptionHeader.Size);
            logger.OptionReceived(Client, header.Option, header.Length);
            switch (await HandleAsync(header))
            {
                case OptionOutcome.Transmit:
                    return true;
                case OptionOutcome.Close:
                    await replies.FlushAsync();
                    return false;
            }
        }

        throw new NbdProtocolException($"more than {limits.MaxOptions} options in one handshake");
    }

    /// <summary>Opens an export; null, with the reason logged, when it does not exist or cannot be opened.</summary>
    public async ValueTask<NbdExport?> OpenAsync(string name)
    {
        try
        {
            var export = await exports.OpenAsync(name);
            if (export is null)
                logger.UnknownExport(Client, name);
            return export;
        }
#pragma warning disable CA1031 // whatever a device's opening throws, the client is told and the server goes on
        catch (Exception error)
#pragma warning restore CA1031
        {
            logger.OpenFailed(error, name, Client);
            return null;
        }
    }

    public void Reply(OptionCode option, OptionReplyType type, ReadOnlySpan<byte> data = default)
    {
        Span<byte> head = stackalloc byte[OptionReply.Size];
        new OptionReply(option, type, (uint)data.Length).Write(head);
        replies.Cork();
        replies.Send(head);
        if (!data.IsEmpty)
            replies.Send(data);
        replies.Uncork();
    }

    /// <summary>Sends bytes that are not an option reply: the answer to NBD_OPT_EXPORT_NAME.</summary>
    public void SendRaw(ReadOnlySpan<byte> bytes) => replies.Send(bytes);

    private void SendGreeting()
    {
        Span<byte> greeting = stackalloc byte[ServerGreeting.Size];
        new ServerGreeting(Offered).Write(greeting);
        replies.Send(greeting);
    }

    private ClientFlags ReadClientFlags()
    {
        var flags = ClientGreeting.Read(received.Unread).Flags;
        received.Consume(ClientGreeting.Size);
        // "the server MUST drop the TCP connection if the client sets an unknown flag"
        if ((flags & ~Understood) != 0)
            throw new NbdProtocolException($"unknown client flags 0x{(uint)flags:x8}");
        return flags;
    }

    private async ValueTask<OptionOutcome> HandleAsync(OptionHeader header)
    {
        if (header.Length > (uint)limits.MaxOptionBytes)
            return await RefuseOversizeAsync(header);
        if (!await FillAsync((int)header.Length))
            throw new NbdProtocolException($"the connection ended inside option {header.Option}");

        OptionOutcome outcome;
        if (stopping() && header.Option != OptionCode.Abort)
        {
            outcome = Refuse(header.Option, OptionReplyType.ErrShutdown, "the server is shutting down"u8);
        }
        else if (!Session.FixedNewstyle && header.Option != OptionCode.ExportName)
        {
            // "This is the only valid option in nonfixed newstyle negotiation."
            outcome = Refuse(header.Option, OptionReplyType.ErrInvalid, "fixed newstyle was not negotiated"u8);
        }
        else if (Options.TryGetValue(header.Option, out var option))
        {
            replies.Cork();
            try
            {
                outcome = await option.HandleAsync(this, received.UnreadMemory[..(int)header.Length]);
            }
            finally
            {
                replies.Uncork();
            }
        }
        else
        {
            outcome = Refuse(header.Option, OptionReplyType.ErrUnsup, "unknown option"u8);
        }

        received.Consume((int)header.Length);
        return outcome;
    }

    private OptionOutcome Refuse(OptionCode option, OptionReplyType type, ReadOnlySpan<byte> message)
    {
        // "If the server is unwilling to allow the export, it MUST terminate the session": NBD_OPT_EXPORT_NAME has no error reply.
        if (option == OptionCode.ExportName)
            return OptionOutcome.Close;
        Reply(option, type, message);
        return OptionOutcome.Continue;
    }

    private async ValueTask<OptionOutcome> RefuseOversizeAsync(OptionHeader header)
    {
        if (header.Option == OptionCode.ExportName)
            throw new NbdProtocolException($"an export name of {header.Length} bytes");
        var left = header.Length;
        while (true)
        {
            var skipped = (int)Math.Min(left, (uint)received.Unread.Length);
            received.Consume(skipped);
            left -= (uint)skipped;
            if (left == 0)
                break;
            if (!await FillAsync(1))
                throw new NbdProtocolException($"the connection ended inside option {header.Option}");
        }

        return Refuse(header.Option, OptionReplyType.ErrTooBig, "the option's data is too long"u8);
    }

    /// <summary>Receives until <paramref name="count"/> bytes are unread; false when the client finished on a message boundary.</summary>
    private async ValueTask<bool> FillAsync(int count)
    {
        while (received.Unread.Length < count)
        {
            var got = await channel.ReceiveAsync(received.Free);
            if (got == 0)
            {
                if (received.Unread.IsEmpty)
                    return false;
                throw new NbdProtocolException("the connection ended inside a message of the handshake");
            }

            received.Received(got);
        }

        return true;
    }
}
