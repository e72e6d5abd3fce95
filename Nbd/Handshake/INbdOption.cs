using BlockProxy.Nbd.Wire;

namespace BlockProxy.Nbd.Handshake;

/// <summary>One option of the negotiation: what the server does when a client sends it.</summary>
internal interface INbdOption
{
    OptionCode Code { get; }

    /// <summary>Handles the option and sends its replies, the final one last.</summary>
    /// <param name="handshake">The state of the negotiation, and the way to reply.</param>
    /// <param name="data">The option's data; valid until the returned task completes.</param>
    ValueTask<OptionOutcome> HandleAsync(NbdHandshake handshake, ReadOnlyMemory<byte> data);
}

internal enum OptionOutcome
{
    /// <summary>The client may send another option.</summary>
    Continue,

    /// <summary>The transmission phase begins with the session's export.</summary>
    Transmit,

    /// <summary>The connection ends, as the protocol provides for.</summary>
    Close,
}
