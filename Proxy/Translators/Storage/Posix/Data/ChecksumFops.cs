using System.Buffers;
using System.Security.Cryptography;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Data;

/// <summary>rchecksum: what a heal compares before it copies. gluster-rpc section 8.</summary>
internal sealed class ChecksumFops(Brick brick)
{
    /// <summary>Heals ask for 128 KiB; the largest block a client may ask for.</summary>
    private const int BlockLimit = 4 << 20;

    private const int StrongSize = 32;

    public RchecksumReply Rchecksum(FopContext ctx, in RchecksumRequest request)
    {
        if (request.Length is < 0 or > BlockLimit || request.Offset < 0)
            return RchecksumReply.Failed(Errno.EINVAL);
        var errno = brick.UseFile(request.Fd, out var file);
        if (errno != Errno.None)
            return RchecksumReply.Failed(errno);
        using (file)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(request.Length);
            errno = Read(in file, buffer.AsSpan(0, request.Length), request.Offset, out var count);
            var reply = errno == Errno.None ? Checksum(buffer.AsSpan(0, count), request.Xdata) : RchecksumReply.Failed(errno);
            ArrayPool<byte>.Shared.Return(buffer);
            return reply;
        }
    }

    /// <summary>The rolling sum of rsync over signed bytes: the low half is their sum, the high half the sum of those sums.</summary>
    internal static uint Weak(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        uint sums = 0;
        foreach (var b in bytes)
        {
            sum += (uint)(sbyte)b;
            sums += sum;
        }

        return (sum & 0xffff) + (sums << 16);
    }

    private static Errno Read(in InodeRef file, Span<byte> buffer, long offset, out int count)
    {
        // A file opened with O_DIRECT would want aligned memory; its bytes are read through another handle.
        if (file.Fd is null || !file.Fd.Flags.HasFlag(OpenFlags.Direct))
            return Sys.Read(file.File, buffer, offset, out count);
        count = 0;
        var errno = Sys.Reopen(file.File, Sys.O_RDONLY, out var plain);
        if (errno != Errno.None)
            return errno;
        using (plain)
            return Sys.Read(plain!, buffer, offset, out count);
    }

    private RchecksumReply Checksum(ReadOnlySpan<byte> bytes, Xdata? xdata)
    {
        var answer = new Xdata();
        if (xdata is not null && xdata.Contains(XattrKeys.CheckZeroFilled))
            answer[XattrKeys.BufferHasZeroes] = XdataValue.UInt(bytes.ContainsAnyExcept((byte)0) ? 0u : 1);
        var strong = new byte[StrongSize];
        if (brick.Options.FipsChecksum)
        {
            answer[XattrKeys.FipsChecksum] = XdataValue.Int(1);
            SHA256.HashData(bytes, strong);
        }
        else
        {
#pragma warning disable CA5351 // The format has MD5 here; nothing secret depends on it.
            MD5.HashData(bytes, strong);
#pragma warning restore CA5351
        }

        return new RchecksumReply(Errno.None, Weak(bytes), strong, answer);
    }
}
