using static System.Buffers.Binary.BinaryPrimitives;

namespace BlockProxy.Nbd.Wire;

/// <summary>The head of a simple reply, 16 bytes; the data of a successful read follows it. proto.md, "Simple reply message".</summary>
public readonly record struct SimpleReply(NbdErrno Error, ulong Cookie)
{
    public const int Size = 16;
    public const uint Magic = 0x67446698; // NBD_SIMPLE_REPLY_MAGIC

    /// <exception cref="NbdProtocolException">The magic is wrong.</exception>
    public static SimpleReply Read(ReadOnlySpan<byte> source)
    {
        var magic = ReadUInt32BigEndian(source);
        if (magic != Magic)
            throw new NbdProtocolException($"simple reply magic 0x{magic:x8}, expected 0x{Magic:x8}");
        return new((NbdErrno)ReadUInt32BigEndian(source[4..]), ReadUInt64BigEndian(source[8..]));
    }

    public void Write(Span<byte> destination)
    {
        WriteUInt32BigEndian(destination, Magic);
        WriteUInt32BigEndian(destination[4..], (uint)Error);
        WriteUInt64BigEndian(destination[8..], Cookie);
    }
}
