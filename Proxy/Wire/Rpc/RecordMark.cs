using System.Buffers.Binary;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Rpc;

// ONC RPC over TCP, as pure code:
//   RecordMark, RecordAssembler   fragments and records (RFC 5531 section 11)
//   RpcCallHeader, RpcReplyHeader what stands in front of a body
//   RpcCredential                 AUTH_NULL and AUTH_GLUSTERFS v1, v2, v3  <->  FopContext
// Sending a call:  RecordMark.Begin, RpcCallHeader.Write, the body's Write, RecordMark.End(payload length), Send(writer.Written, payload).

/// <summary>The header of a fragment: u32, the highest bit marks the last fragment of a record, the rest is its length. gluster-rpc section 2.</summary>
public readonly record struct RecordMark(bool IsLast, int Length)
{
    public const int Size = 4;

    private const uint LastFragment = 0x80000000;

    public static RecordMark Read(ReadOnlySpan<byte> source)
    {
        var word = BinaryPrimitives.ReadUInt32BigEndian(source);
        return new((word & LastFragment) != 0, (int)(word & ~LastFragment));
    }

    /// <summary>Leaves room for the header of a record that consists of one fragment; <see cref="End"/> fills it in.</summary>
    public static void Begin(ref XdrWriter writer) => writer.WriteUInt32(0);

    /// <summary>Fills in the header at the writer's start.</summary>
    /// <param name="payloadLength">Raw bytes that follow what was written.</param>
    public static void End(ref XdrWriter writer, int payloadLength = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        writer.PatchUInt32(0, LastFragment | (uint)checked(writer.Length - Size + payloadLength));
    }
}
