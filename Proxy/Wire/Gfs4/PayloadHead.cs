using System.Buffers.Binary;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Wire.Gfs4;

/// <summary>
/// Where the XDR part of a body ends and the raw payload begins, found before the whole record has arrived: a receive loop decodes the head and
/// copies the rest straight to where it belongs. gluster-rpc section 7, "Payload".
/// </summary>
/// <remarks>
/// Each method returns true once the head is there, <c>needed</c> bytes long; else <c>needed</c> says how many bytes of the body must have arrived before
/// it makes sense to ask again. A size beyond all limits counts as zero, and a record may end earlier than asked: in both cases hand the decoder
/// what there is, and it refuses it.
/// </remarks>
public static class PayloadHead
{
    /// <summary>A WRITE call's XDR part with an absent dictionary.</summary>
    public const int WriteRequestSize = 52;

    /// <summary>A READ reply's XDR part with an absent dictionary. Stock clients read this much before they look: no READ reply may be shorter.</summary>
    public const int ReadReplySize = 172;

    private const int DictionaryHeaderSize = 12;

    /// <summary>For calls with a payload: WRITE and PUT.</summary>
    public static bool TryGetRequestLength(Fop fop, ReadOnlySpan<byte> arrived, out int needed) => fop switch
    {
        Fop.Write => TryEndDictionary(arrived, WriteRequestSize, out needed),
        Fop.Put => TryGetPutLength(arrived, out needed),
        _ => throw new ArgumentOutOfRangeException(nameof(fop), fop, "its calls have no payload"),
    };

    /// <summary>For replies with a payload: READ.</summary>
    public static bool TryGetReplyLength(Fop fop, ReadOnlySpan<byte> arrived, out int needed) => fop switch
    {
        Fop.Read => TryEndDictionary(arrived, ReadReplySize, out needed),
        _ => throw new ArgumentOutOfRangeException(nameof(fop), fop, "its replies have no payload"),
    };

    private static bool TryGetPutLength(ReadOnlySpan<byte> arrived, out int needed)
    {
        const int UpToName = Gfid.Size + 4;
        const int AfterName = 4 + 4 + 4 + 8 + 4;
        needed = UpToName;
        if (arrived.Length < needed)
            return false;
        needed += Bounded(arrived, UpToName - 4, WireLimits.NameBytes) + AfterName + DictionaryHeaderSize;
        return TryEndDictionary(arrived, needed, out needed) && TryEndDictionary(arrived, needed + DictionaryHeaderSize, out needed);
    }

    /// <param name="headerEnd">Where the dictionary's three header words end; the first of them is its size.</param>
    private static bool TryEndDictionary(ReadOnlySpan<byte> arrived, int headerEnd, out int needed)
    {
        needed = headerEnd;
        if (arrived.Length < needed)
            return false;
        needed += Bounded(arrived, headerEnd - DictionaryHeaderSize, WireLimits.HeadBytes);
        return arrived.Length >= needed;
    }

    private static int Bounded(ReadOnlySpan<byte> arrived, int at, int limit)
    {
        var length = BinaryPrimitives.ReadUInt32BigEndian(arrived[at..]);
        return length > (uint)limit ? 0 : ((int)length + 3) & ~3;
    }
}
