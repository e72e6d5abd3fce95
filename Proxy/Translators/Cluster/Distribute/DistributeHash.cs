using System.Buffers.Binary;
using System.Text.RegularExpressions;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>
/// Where a name belongs: 32 bits of a Davies-Meyer hash over TEA rounds, of the name or of the part of it that a pattern picks (so that rsync's
/// temporary name lands on the brick of the final one). gluster-translators section 5.1; the same on every client, or files are not found.
/// </summary>
public sealed class DistributeHash
{
    /// <summary>The default of rsync-hash-regex: <c>.foo.txt.AbCd</c> counts as <c>foo.txt</c>.</summary>
    public const string DefaultRsyncPattern = @"^\.(.+)\.[^.]+$";

    private const uint Delta = 0x9E3779B9;
    private const int PartRounds = 6;
    private const int FullRounds = 10;
    private const int GroupBytes = 16;
    private const uint Seed0 = 0x9464a485;
    private const uint Seed1 = 0x542e1a94;

    private readonly Regex? _extra;
    private readonly Regex? _rsync;
    private readonly bool _rsyncIsDefault;

    /// <param name="rsyncPattern">rsync-hash-regex; null for the default, "none" for no munging.</param>
    /// <param name="extraPattern">extra-hash-regex; null or "none" for no munging. It is tried first.</param>
    /// <exception cref="ArgumentException">A pattern is no regular expression.</exception>
    public DistributeHash(string? rsyncPattern = null, string? extraPattern = null)
    {
        _rsyncIsDefault = rsyncPattern is null or DefaultRsyncPattern;
        _rsync = _rsyncIsDefault ? null : Compile(rsyncPattern);
        _extra = Compile(extraPattern);
    }

    /// <summary>The hash of a file's name.</summary>
    public uint OfName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return OfBytes(ByteText.Encode(Munge(name)));
    }

    /// <summary>The hash of bytes as they are: of a directory's path, for where its layout begins.</summary>
    public static uint OfBytes(ReadOnlySpan<byte> bytes)
    {
        var h0 = Seed0;
        var h1 = Seed1;
        var pad = PadOf(bytes.Length);
        var rest = bytes;
        while (rest.Length >= GroupBytes)
        {
            Rounds(PartRounds, ref h0, ref h1,
                BinaryPrimitives.ReadUInt32LittleEndian(rest), BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]),
                BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]), BinaryPrimitives.ReadUInt32LittleEndian(rest[12..]));
            rest = rest[GroupBytes..];
        }

        Span<uint> words = stackalloc uint[4];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = Word(rest, pad);
            rest = rest.Length > 4 ? rest[4..] : default;
        }

        Rounds(FullRounds, ref h0, ref h1, words[0], words[1], words[2], words[3]);
        return h0 ^ h1;
    }

    private static uint PadOf(int length)
    {
        var pad = (uint)length | ((uint)length << 8);
        return pad | (pad << 16);
    }

    /// <summary>A word of the last group: whole words are little-endian; in the incomplete one the bytes shift the padding out from the right.</summary>
    private static uint Word(ReadOnlySpan<byte> rest, uint pad)
    {
        if (rest.Length >= 4)
            return BinaryPrimitives.ReadUInt32LittleEndian(rest);
        var word = pad;
        foreach (var value in rest)
            word = (word << 8) | unchecked((uint)(int)(sbyte)value); // 'char' is signed where GlusterFS runs, so high bytes smear to the left
        return word;
    }

    private static void Rounds(int count, ref uint h0, ref uint h1, uint a0, uint a1, uint a2, uint a3)
    {
        var sum = 0u;
        var b0 = h0;
        var b1 = h1;
        for (var i = 0; i < count; i++)
        {
            sum += Delta;
            b0 += ((b1 << 4) + a0) ^ (b1 + sum) ^ ((b1 >> 5) + a1);
            b1 += ((b0 << 4) + a2) ^ (b0 + sum) ^ ((b0 >> 5) + a3);
        }

        h0 += b0;
        h1 += b1;
    }

    private string Munge(string name)
    {
        if (_extra?.Match(name) is { Success: true } extra && extra.Groups.Count > 1 && extra.Groups[1].Success)
            return extra.Groups[1].Value;
        if (_rsyncIsDefault)
        {
            // The default pattern by hand: a dot, something, the last dot, something.
            var last = name.LastIndexOf('.');
            return name.Length > 0 && name[0] == '.' && last >= 2 && last < name.Length - 1 ? name[1..last] : name;
        }

        return _rsync?.Match(name) is { Success: true } rsync && rsync.Groups.Count > 1 && rsync.Groups[1].Success ? rsync.Groups[1].Value : name;
    }

    /// <summary>Without backtracking: a pattern of a volfile must not be able to stop the gateway.</summary>
    private static Regex? Compile(string? pattern) =>
        pattern is null or "none" ? null : new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);
}
