namespace BlockProxy.Proxy.Wire.Xdr;

/// <summary>A fixed message of one of the small programs (handshake, portmap, dump, callbacks): fields in wire order, bytes in, value out.</summary>
public interface IXdrMessage<TSelf>
    where TSelf : IXdrMessage<TSelf>
{
    void Write(ref XdrWriter writer);

    /// <summary>Look at <see cref="XdrReader.Failed"/> before using the result.</summary>
    static abstract TSelf Read(ref XdrReader reader);
}

/// <summary>A message without any field: most calls of no arguments, the FETCHSPEC callback.</summary>
public readonly record struct EmptyMessage : IXdrMessage<EmptyMessage>
{
    public void Write(ref XdrWriter writer)
    {
    }

    public static EmptyMessage Read(ref XdrReader reader) => default;
}
