using System.Buffers.Binary;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Wire.Rpc;

/// <summary>
/// Reads the credentials of one client's calls. Callers and lock owners that came a moment ago are handed out again, so that a client's
/// ordinary run of writes allocates nothing. Not for several threads at once.
/// </summary>
/// <param name="client">Becomes <see cref="Caller.Client"/>.</param>
public sealed class RpcCredentialReader(string client)
{
    private const int Remembered = 4; // power of two; a client's calls come from a few processes at a time

    private readonly Caller?[] _callers = new Caller?[Remembered];
    private readonly LkOwner[] _owners = new LkOwner[Remembered];
    private int _nextCaller;
    private int _nextOwner;

    /// <summary>Reads a credential's body. An unknown flavour counts as AUTH_NULL, as on bricks.</summary>
    /// <returns>False when the body is not acceptable: the call is denied with AUTH_ERROR.</returns>
    public bool TryRead(AuthFlavor flavor, ReadOnlySpan<byte> body, out FopContext context)
    {
        context = default;
        if (!RpcCredential.TryParse(flavor, body, out var parsed))
            return false;
        var owner = parsed.OwnerNumber is { } number ? LkOwner.From(number) : OwnerOf(parsed.Owner);
        context = new(CallerOf(in parsed), owner, parsed.Times, parsed.Time);
        return true;
    }

    private Caller CallerOf(in RpcCredential.ParsedCredential parsed)
    {
        foreach (var known in _callers)
        {
            if (known is not null && known.Pid == parsed.Pid && known.Uid == parsed.Uid && known.Gid == parsed.Gid && SameGroups(known.Groups, parsed.Groups))
                return known;
        }

        var groups = new uint[parsed.Groups.Length / 4];
        for (var i = 0; i < groups.Length; i++)
            groups[i] = BinaryPrimitives.ReadUInt32BigEndian(parsed.Groups[(i * 4)..]);
        var caller = new Caller { Pid = parsed.Pid, Uid = parsed.Uid, Gid = parsed.Gid, Groups = groups, Client = client };
        _callers[_nextCaller++ & (Remembered - 1)] = caller;
        return caller;
    }

    private LkOwner OwnerOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return default;
        foreach (var known in _owners)
        {
            if (known.Bytes.SequenceEqual(bytes))
                return known;
        }

        var owner = new LkOwner(bytes.ToArray());
        _owners[_nextOwner++ & (Remembered - 1)] = owner;
        return owner;
    }

    private static bool SameGroups(IReadOnlyList<uint> known, ReadOnlySpan<byte> groups)
    {
        if (known.Count * 4 != groups.Length)
            return false;
        for (var i = 0; i < known.Count; i++)
        {
            if (known[i] != BinaryPrimitives.ReadUInt32BigEndian(groups[(i * 4)..]))
                return false;
        }

        return true;
    }
}
