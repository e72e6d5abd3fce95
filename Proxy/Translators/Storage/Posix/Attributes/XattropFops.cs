using System.Buffers.Binary;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Attributes;

/// <summary>
/// xattrop and fxattrop: arithmetic on attributes that are arrays of big-endian numbers, atomic on each inode. gluster-translators section 11.3.
/// </summary>
internal sealed class XattropFops(Brick brick, XattrQuery query)
{
    public XattrReply Xattrop(FopContext ctx, in XattropRequest request)
    {
        var errno = brick.Resolve(request.Loc.Gfid, out var found);
        if (errno != Errno.None)
            return XattrReply.Failed(errno);
        using (found)
            return Apply(in found, request.Kind, request.Values, request.Xdata);
    }

    public XattrReply Fxattrop(FopContext ctx, in FxattropRequest request)
    {
        var errno = brick.UseInode(request.Fd, out var found);
        if (errno != Errno.None)
            return XattrReply.Failed(errno);
        using (found)
            return Apply(in found, request.Kind, request.Values, request.Xdata);
    }

    private XattrReply Apply(in InodeRef found, XattropKind kind, Xdata operands, Xdata? xdata)
    {
        var results = new Xdata();
        // One holder for all keys: two xattrops on an inode never interleave.
        lock (found.Inode.Gate)
        {
            foreach (var (key, operand) in operands)
            {
                var errno = ApplyOne(results, in found, kind, key, XattrStore.ToDisk(in operand));
                if (errno != Errno.None)
                    return XattrReply.Failed(errno);
            }
        }

        if (xdata is null)
            return new XattrReply(Errno.None, results);
        if (brick.Stat(in found, out var stat) is var failed && failed != Errno.None)
            return XattrReply.Failed(failed);
        var answer = query.Answer(xdata, in found, in stat);
        if (xdata.Contains(XattrKeys.ModeInXdata) && stat.Type == FileType.Regular)
            (answer ??= [])[XattrKeys.ModeInXdata] = XdataValue.Int(stat.Mode);
        return new XattrReply(Errno.None, results, answer);
    }

    private Errno ApplyOne(Xdata results, in InodeRef found, XattropKind kind, string key, byte[]? operand)
    {
        if (operand is null || !XattrNames.IsStored(key) || XattrKeys.IsDropped(key) || XattrKeys.IsGfid2Path(key) || key == XattrKeys.Mdata)
            return operand is null ? Errno.EINVAL : Errno.EPERM;
        if (brick.Names.OnDisk(key) is not { } name)
            return Errno.ERANGE;
        var withDefault = kind is XattropKind.AddArrayWithDefault or XattropKind.AddArray64WithDefault;
        var size = withDefault ? operand.Length / 2 : operand.Length;
        var errno = XattrStore.Read(found.File, name, out var stored);
        if (errno is not (Errno.None or Errno.ENODATA))
            return errno;
        // The operand's length governs: what is stored is cut, or continued with zeros.
        var value = new byte[size];
        stored.AsSpan(0, Math.Min(stored.Length, size)).CopyTo(value);
        if (kind == XattropKind.GetAndSet)
        {
            if (errno == Errno.None)
                results[key] = XdataValue.Bytes(value);
            return Sys.SetXattr(found.File, name, operand, 0);
        }

        // An operand of zeros asks for the value; it neither creates nor rewrites the attribute.
        if (operand.AsSpan().ContainsAnyExcept((byte)0))
        {
            if (!Combine(kind, value, operand))
                return Errno.EINVAL;
            errno = Sys.SetXattr(found.File, name, value, 0);
            if (errno != Errno.None)
                return errno;
        }

        results[key] = XdataValue.Bytes(value);
        return Errno.None;
    }

    /// <summary>Combines in place; false for a kind that does not exist.</summary>
    internal static bool Combine(XattropKind kind, Span<byte> value, ReadOnlySpan<byte> operand)
    {
        switch (kind)
        {
            case XattropKind.AddArray:
                for (var at = 0; at + 4 <= value.Length; at += 4)
                    Put32(value[at..], Get32(value[at..]) + Get32(operand[at..]));
                return true;
            case XattropKind.AddArray64:
                for (var at = 0; at + 8 <= value.Length; at += 8)
                    Put64(value[at..], Get64(value[at..]) + Get64(operand[at..]));
                return true;
            case XattropKind.OrArray:
                for (var at = 0; at < value.Length; at++)
                    value[at] |= operand[at];
                return true;
            case XattropKind.AndArray:
                for (var at = 0; at < value.Length; at++)
                    value[at] &= operand[at];
                return true;
            case XattropKind.AddArrayWithDefault:
                for (var at = 0; at + 4 <= value.Length; at += 4)
                    Put32(value[at..], (Get32(value[at..]) is var old && old == 0 ? Get32(operand[(value.Length + at)..]) : old) + Get32(operand[at..]));
                return true;
            case XattropKind.AddArray64WithDefault:
                for (var at = 0; at + 8 <= value.Length; at += 8)
                    Put64(value[at..], (Get64(value[at..]) is var old && old == 0 ? Get64(operand[(value.Length + at)..]) : old) + Get64(operand[at..]));
                return true;
            default:
                return false;
        }
    }

    private static uint Get32(ReadOnlySpan<byte> source) => BinaryPrimitives.ReadUInt32BigEndian(source);

    private static void Put32(Span<byte> destination, uint value) => BinaryPrimitives.WriteUInt32BigEndian(destination, value);

    private static ulong Get64(ReadOnlySpan<byte> source) => BinaryPrimitives.ReadUInt64BigEndian(source);

    private static void Put64(Span<byte> destination, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(destination, value);
}
