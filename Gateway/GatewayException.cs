namespace BlockProxy.Gateway;

/// <summary>Something the operator can mend: told in one line, with exit code 1 and no stack trace.</summary>
public sealed class GatewayException : Exception
{
    public GatewayException(string message)
        : base(message)
    {
    }

    public GatewayException(string message, Exception cause)
        : base(message, cause)
    {
    }

    public GatewayException()
    {
    }
}
