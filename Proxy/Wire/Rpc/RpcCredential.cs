using System.Buffers.Binary;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Rpc;

/// <summary>The kind of a credential. gluster-rpc section 3.</summary>
public enum AuthFlavor : uint
{
    /// <summary>Empty. A brick acts as uid 0.</summary>
    Null = 0,

    /// <summary>AUTH_GLUSTERFS v1: an owner of 8 bytes, 16 groups at the most.</summary>
    GlusterFs1 = 5,

    /// <summary>What stock clients use until a brick's DUMP lists the fop program in version 400.</summary>
    GlusterFs2 = 390039,

    /// <summary>With the time stamps that the operation sets.</summary>
    GlusterFs3 = 390040,
}

/// <summary>Credentials to and from the <see cref="FopContext"/> they stand for, with the empty verifier after them. gluster-rpc section 3.</summary>
/// <remarks>
/// v3: i32 pid, u32 uid, u32 gid, u32 flags, u32 ctime_nsec, u64 ctime_sec, u32 n, n * u32 group, opaque lk_owner. v2 is the same without the three
/// words of time. v1: u64 lk_owner, u32 pid, u32 uid, u32 gid, u32 n, 16 * u32 group.
/// </remarks>
public static class RpcCredential
{
    /// <summary>The longest lock owner a credential can carry; the groups give way to it.</summary>
    public const int OwnerLimit = WireLimits.CredentialGroupsAndOwner;

    private const int Groups1 = 16;
    private const int Size1 = 24 + (Groups1 * 4);
    private const int OwnerSize1 = 8;

    public static void WriteNull(ref XdrWriter writer) => writer.Reserve(16).Clear();

    /// <summary>Writes credential and verifier.</summary>
    /// <exception cref="ArgumentException">The lock owner is longer than <see cref="OwnerLimit"/>; such an owner never comes in over the wire.</exception>
    public static void Write(ref XdrWriter writer, AuthFlavor flavor, in FopContext context)
    {
        if (context.LockOwner.Bytes.Length > OwnerLimit)
            throw new ArgumentException($"a lock owner of {context.LockOwner.Bytes.Length} bytes; a credential carries {OwnerLimit}", nameof(context));
        writer.WriteUInt32((uint)flavor);
        var lengthAt = writer.Length;
        writer.WriteUInt32(0);
        switch (flavor)
        {
            case AuthFlavor.Null:
                break;
            case AuthFlavor.GlusterFs1:
                Write1(ref writer, in context);
                break;
            case AuthFlavor.GlusterFs2 or AuthFlavor.GlusterFs3:
                Write23(ref writer, flavor, in context);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(flavor), flavor, "not a flavour that can be written");
        }

        writer.PatchUInt32(lengthAt, (uint)(writer.Length - lengthAt - 4));
        writer.WriteUInt64(0); // the verifier: AUTH_NULL, empty
    }

    /// <summary>Reads a credential's body. An unknown flavour counts as AUTH_NULL, as on bricks.</summary>
    /// <param name="client">Becomes <see cref="Caller.Client"/>.</param>
    /// <returns>False when the body is not acceptable: the call is denied with AUTH_ERROR.</returns>
    public static bool TryRead(AuthFlavor flavor, ReadOnlySpan<byte> body, string client, out FopContext context) =>
        new RpcCredentialReader(client).TryRead(flavor, body, out context);

    private static void Write1(ref XdrWriter writer, in FopContext context)
    {
        var caller = context.Caller;
        Span<byte> owner = stackalloc byte[OwnerSize1];
        owner.Clear();
        context.LockOwner.Bytes[..Math.Min(OwnerSize1, context.LockOwner.Bytes.Length)].CopyTo(owner);
        writer.WriteUInt64(BinaryPrimitives.ReadUInt64LittleEndian(owner));
        writer.WriteInt32(caller.Pid);
        writer.WriteUInt32(caller.Uid);
        writer.WriteUInt32(caller.Gid);
        var count = Math.Min(Groups1, caller.Groups.Count);
        writer.WriteUInt32((uint)count);
        for (var i = 0; i < Groups1; i++)
            writer.WriteUInt32(i < count ? caller.Groups[i] : 0);
    }

    private static void Write23(ref XdrWriter writer, AuthFlavor flavor, in FopContext context)
    {
        var caller = context.Caller;
        writer.WriteInt32(caller.Pid);
        writer.WriteUInt32(caller.Uid);
        writer.WriteUInt32(caller.Gid);
        if (flavor == AuthFlavor.GlusterFs3)
        {
            writer.WriteUInt32((uint)context.Times);
            writer.WriteUInt32(context.Time.Nanoseconds);
            writer.WriteInt64(context.Time.Seconds);
        }

        // Without an owner stock clients send their pid, little-endian, in its place.
        Span<byte> pid = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(pid, caller.Pid);
        var owner = context.LockOwner.IsEmpty ? pid : context.LockOwner.Bytes;

        var count = Math.Min(caller.Groups.Count, WireLimits.CredentialGroupsAndOwner - owner.Length);
        writer.WriteUInt32((uint)count);
        for (var i = 0; i < count; i++)
            writer.WriteUInt32(caller.Groups[i]);
        writer.WriteOpaque(owner);
    }

    /// <summary>A credential taken apart, without anything allocated. v1 groups beyond the count are not looked at.</summary>
    internal static bool TryParse(AuthFlavor flavor, ReadOnlySpan<byte> body, out ParsedCredential parsed)
    {
        parsed = default;
        var reader = new XdrReader(body);
        switch (flavor)
        {
            case AuthFlavor.GlusterFs1:
                if (body.Length != Size1)
                    return false;
                parsed.OwnerNumber = reader.ReadUInt64();
                (parsed.Pid, parsed.Uid, parsed.Gid) = (reader.ReadInt32(), reader.ReadUInt32(), reader.ReadUInt32());
                var count1 = reader.ReadUInt32();
                if (count1 > Groups1)
                    return false;
                parsed.Groups = reader.Take((int)count1 * 4);
                return !reader.Failed;

            case AuthFlavor.GlusterFs2 or AuthFlavor.GlusterFs3:
                (parsed.Pid, parsed.Uid, parsed.Gid) = (reader.ReadInt32(), reader.ReadUInt32(), reader.ReadUInt32());
                if (flavor == AuthFlavor.GlusterFs3)
                {
                    parsed.Times = (FopTimes)reader.ReadUInt32();
                    var nanoseconds = reader.ReadUInt32();
                    parsed.Time = new(reader.ReadInt64(), nanoseconds);
                }

                var count = reader.ReadUInt32();
                if (count > WireLimits.CredentialGroupsAndOwner)
                    return false;
                parsed.Groups = reader.Take((int)count * 4);
                parsed.Owner = reader.ReadOpaque("lock owner", OwnerLimit);
                return !reader.Failed && count + parsed.Owner.Length <= WireLimits.CredentialGroupsAndOwner;

            default:
                return true;
        }
    }

    /// <summary>The fields of a credential, as they lie in the record.</summary>
    internal ref struct ParsedCredential
    {
        public int Pid;
        public uint Uid;
        public uint Gid;
        public FopTimes Times;
        public Timespec Time;
        public ulong? OwnerNumber;

        /// <summary>4 bytes each, big-endian.</summary>
        public ReadOnlySpan<byte> Groups;
        public ReadOnlySpan<byte> Owner;
    }
}
