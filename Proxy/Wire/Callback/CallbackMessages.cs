using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Callback;

// The callback program, 52743234 version 1: calls from server to client on the client's own connection, never answered. gluster-rpc section 13.
// FETCHSPEC (1), INO_FLUSH (2), GET_SNAPS (4), CHILD_UP (6) and CHILD_DOWN (7) have no body: EmptyMessage. EVENT_NOTIFY (3) is Handshake.EventNotify.

/// <summary>What changed about a file, in <see cref="CacheInvalidation"/>.</summary>
[Flags]
public enum InvalidationFlags : uint
{
    None = 0,
    Nlink = 1,
    Mode = 2,
    Owner = 4,
    Size = 8,
    Times = 0x10,
    Atime = 0x20,
    ParentTimes = 0x200,
    XattrSet = 0x400,
    XattrRemoved = 0x800,
    Invalidate = 0x2000,
}

/// <summary>
/// 5 CACHE_INVALIDATION: str gfid (36 characters), u32 event, u32 flags, u32 expire seconds, 3 * gf_iatt (file, parent, old parent), blob.
/// Somebody else changed a file that this client has touched lately.
/// </summary>
public readonly record struct CacheInvalidation(
    Gfid Gfid, uint Event, InvalidationFlags Flags, uint ExpireSeconds, Iatt Stat, Iatt Parent, Iatt OldParent, DictBlob? Xdata = null)
    : IXdrMessage<CacheInvalidation>
{
    private const int GfidTextLength = 36;

    public void Write(ref XdrWriter writer)
    {
        writer.WriteText(Gfid.ToString());
        writer.WriteUInt32(Event);
        writer.WriteUInt32((uint)Flags);
        writer.WriteUInt32(ExpireSeconds);
        writer.WriteOldIatt(Stat);
        writer.WriteOldIatt(Parent);
        writer.WriteOldIatt(OldParent);
        writer.WriteBlob(Xdata);
    }

    public static CacheInvalidation Read(ref XdrReader reader)
    {
        var text = reader.ReadText("gfid", GfidTextLength);
        if (!Gfid.TryParse(text, out var gfid))
            reader.Fail("a gfid is not written as 8-4-4-4-12 hexadecimal digits");
        return new(
            gfid, reader.ReadUInt32(), (InvalidationFlags)reader.ReadUInt32(), reader.ReadUInt32(),
            reader.ReadOldIatt(), reader.ReadOldIatt(), reader.ReadOldIatt(), reader.ReadBlob());
    }
}

/// <summary>8 RECALL_LEASE: gfid, u32 lease type, 16 bytes lease id, blob. Give the lease back.</summary>
public readonly record struct RecallLease(Gfid Gfid, uint LeaseType, Gfid LeaseId, DictBlob? Xdata = null) : IXdrMessage<RecallLease>
{
    public void Write(ref XdrWriter writer)
    {
        writer.WriteGfid(Gfid);
        writer.WriteUInt32(LeaseType);
        writer.WriteGfid(LeaseId);
        writer.WriteBlob(Xdata);
    }

    public static RecallLease Read(ref XdrReader reader) => new(reader.ReadGfid(), reader.ReadUInt32(), reader.ReadGfid(), reader.ReadBlob());
}

/// <summary>9 STATEDUMP: u32 pid; the client with that pid writes its state.</summary>
public readonly record struct Statedump(uint Pid) : IXdrMessage<Statedump>
{
    public void Write(ref XdrWriter writer) => writer.WriteUInt32(Pid);

    public static Statedump Read(ref XdrReader reader) => new(reader.ReadUInt32());
}

/// <summary>10 INODELK_CONTENTION: gfid, flock, u32 pid, str domain, blob. Another client waits for a lock that this client holds.</summary>
public readonly record struct InodelkContention(Gfid Gfid, FileLock Lock, uint Pid, string Domain, DictBlob? Xdata = null)
    : IXdrMessage<InodelkContention>
{
    public void Write(ref XdrWriter writer)
    {
        writer.WriteGfid(Gfid);
        writer.WriteFileLock(Lock);
        writer.WriteUInt32(Pid);
        writer.WriteText(Domain);
        writer.WriteBlob(Xdata);
    }

    public static InodelkContention Read(ref XdrReader reader) => new(
        reader.ReadGfid(), reader.ReadFileLock(), reader.ReadUInt32(), reader.ReadText("domain", WireLimits.NameBytes), reader.ReadBlob());
}

/// <summary>11 ENTRYLK_CONTENTION: gfid, u32 type, u32 pid, str name, str domain, blob.</summary>
public readonly record struct EntrylkContention(Gfid Gfid, EntrylkType Type, uint Pid, string Name, string Domain, DictBlob? Xdata = null)
    : IXdrMessage<EntrylkContention>
{
    public void Write(ref XdrWriter writer)
    {
        writer.WriteGfid(Gfid);
        writer.WriteUInt32((uint)Type);
        writer.WriteUInt32(Pid);
        writer.WriteText(Name);
        writer.WriteText(Domain);
        writer.WriteBlob(Xdata);
    }

    public static EntrylkContention Read(ref XdrReader reader) => new(
        reader.ReadGfid(), (EntrylkType)reader.ReadUInt32(), reader.ReadUInt32(),
        reader.ReadText("name", WireLimits.NameBytes), reader.ReadText("domain", WireLimits.NameBytes), reader.ReadBlob());
}
