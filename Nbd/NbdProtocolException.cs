namespace BlockProxy.Nbd;

/// <summary>The peer broke a mandatory rule of the protocol; the connection ends with one log line.</summary>
public sealed class NbdProtocolException : Exception
{
    public NbdProtocolException(string message)
        : base(message)
    {
    }

    public NbdProtocolException()
    {
    }

    public NbdProtocolException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
