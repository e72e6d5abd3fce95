using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Dict;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Gfs4;

// The lock owner that counts is the credential's. The type of a lock is written twice, before the flock and in it; bricks take the first.

/// <summary>26 LK: gfid, i64 fd, u32 cmd, u32 type, flock, dict. Reply: R0, flock.</summary>
public sealed class LkCodec : FopCodec<LkRequest, LkReply>
{
    public override void WriteRequest(ref XdrWriter writer, in LkRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        LockFields.Write(ref writer, request.Command, request.Lock);
        writer.WriteXdata(request.Xdata);
    }

    public override LkRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var fd = reader.ReadFd(objects);
        var command = LockFields.Read(ref reader, out var fileLock);
        return new(fd, command, fileLock, reader.ReadXdata());
    }

    public override void WriteReply(ref XdrWriter writer, in LkReply reply, long newFd = WireFd.None)
    {
        writer.WriteHead(reply.Errno, reply.Xdata);
        writer.WriteFileLock(reply.Lock);
    }

    public override LkReply ReadReply(ref XdrReader reader, in LkRequest request, out long newFd)
    {
        newFd = WireFd.None;
        var errno = reader.ReadStatus();
        var xdata = reader.ReadXdata();
        return new(errno, reader.ReadFileLock(), xdata);
    }
}

/// <summary>29 INODELK: gfid, u32 cmd, u32 type, flock, str domain, dict. Reply: R0.</summary>
public sealed class InodelkCodec : StatusCodec<InodelkRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in InodelkRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        LockFields.Write(ref writer, request.Command, request.Lock);
        writer.WriteText(request.Domain);
        writer.WriteXdata(request.Xdata);
    }

    public override InodelkRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var loc = reader.ReadLoc(objects);
        var command = LockFields.Read(ref reader, out var fileLock);
        return new(loc, LockFields.ReadDomain(ref reader), command, fileLock, reader.ReadXdata());
    }
}

/// <summary>30 FINODELK: gfid, i64 fd, u32 cmd, u32 type, flock, str domain, dict. Reply: R0.</summary>
public sealed class FinodelkCodec : StatusCodec<FinodelkRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in FinodelkRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        LockFields.Write(ref writer, request.Command, request.Lock);
        writer.WriteText(request.Domain);
        writer.WriteXdata(request.Xdata);
    }

    public override FinodelkRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var fd = reader.ReadFd(objects);
        var command = LockFields.Read(ref reader, out var fileLock);
        return new(fd, LockFields.ReadDomain(ref reader), command, fileLock, reader.ReadXdata());
    }
}

/// <summary>31 ENTRYLK: gfid, u32 cmd, u32 type, u64 namelen (1: a name is given, 0: all), str name, str domain, dict. Reply: R0.</summary>
public sealed class EntrylkCodec : StatusCodec<EntrylkRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in EntrylkRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        LockFields.WriteEntry(ref writer, request.Command, request.Type, request.Name, request.Domain);
        writer.WriteXdata(request.Xdata);
    }

    public override EntrylkRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var loc = reader.ReadLoc(objects);
        var (command, type, name, domain) = LockFields.ReadEntry(ref reader);
        return new(loc, domain, name, command, type, reader.ReadXdata());
    }
}

/// <summary>32 FENTRYLK: gfid, i64 fd, u32 cmd, u32 type, u64 namelen, str name, str domain, dict. Reply: R0.</summary>
public sealed class FentrylkCodec : StatusCodec<FentrylkRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in FentrylkRequest request, IRemoteHandles handles)
    {
        writer.WriteFd(request.Fd, handles);
        LockFields.WriteEntry(ref writer, request.Command, request.Type, request.Name, request.Domain);
        writer.WriteXdata(request.Xdata);
    }

    public override FentrylkRequest ReadRequest(ref XdrReader reader, IWireObjects objects)
    {
        var fd = reader.ReadFd(objects);
        var (command, type, name, domain) = LockFields.ReadEntry(ref reader);
        return new(fd, domain, name, command, type, reader.ReadXdata());
    }
}

/// <summary>50 LEASE: gfid, lease, dict. Reply: R0, lease.</summary>
public sealed class LeaseCodec : FopCodec<LeaseRequest, LeaseReply>
{
    public override void WriteRequest(ref XdrWriter writer, in LeaseRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        writer.WriteLease(request.Lease);
        writer.WriteXdata(request.Xdata);
    }

    public override LeaseRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadLoc(objects), reader.ReadLease(), reader.ReadXdata());

    public override void WriteReply(ref XdrWriter writer, in LeaseReply reply, long newFd = WireFd.None)
    {
        writer.WriteHead(reply.Errno, reply.Xdata);
        writer.WriteLease(reply.Lease);
    }

    public override LeaseReply ReadReply(ref XdrReader reader, in LeaseRequest request, out long newFd)
    {
        newFd = WireFd.None;
        var errno = reader.ReadStatus();
        var xdata = reader.ReadXdata();
        return new(errno, reader.ReadLease(), xdata);
    }
}

/// <summary>51 GETACTIVELK: gfid, dict. Reply: R0, list of {flock, str client, u32 flags}; op_ret counts them.</summary>
public sealed class GetactivelkCodec : FopCodec<GetactivelkRequest, ActiveLocksReply>
{
    public override void WriteRequest(ref XdrWriter writer, in GetactivelkRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        writer.WriteXdata(request.Xdata);
    }

    public override GetactivelkRequest ReadRequest(ref XdrReader reader, IWireObjects objects) => new(reader.ReadLoc(objects), reader.ReadXdata());

    public override void WriteReply(ref XdrWriter writer, in ActiveLocksReply reply, long newFd = WireFd.None)
    {
        var locks = reply.Errno == Errno.None ? reply.Locks ?? [] : [];
        writer.WriteHead(reply.Errno, reply.Xdata, locks.Count);
        LockFields.WriteList(ref writer, locks);
    }

    public override ActiveLocksReply ReadReply(ref XdrReader reader, in GetactivelkRequest request, out long newFd)
    {
        newFd = WireFd.None;
        var errno = reader.ReadStatus();
        var xdata = reader.ReadXdata();
        return new(errno, LockFields.ReadList(ref reader), xdata);
    }
}

/// <summary>52 SETACTIVELK: gfid, list as in GETACTIVELK's reply, dict. Reply: R0. It kills 10.3 bricks (in io-threads): never send one.</summary>
public sealed class SetactivelkCodec : StatusCodec<SetactivelkRequest>
{
    public override void WriteRequest(ref XdrWriter writer, in SetactivelkRequest request, IRemoteHandles handles)
    {
        writer.WriteGfid(request.Loc.Gfid);
        LockFields.WriteList(ref writer, request.Locks);
        writer.WriteXdata(request.Xdata);
    }

    public override SetactivelkRequest ReadRequest(ref XdrReader reader, IWireObjects objects) =>
        new(reader.ReadLoc(objects), LockFields.ReadList(ref reader), reader.ReadXdata());
}

internal static class LockFields
{
    public static void Write(ref XdrWriter writer, LkCommand command, in FileLock fileLock)
    {
        writer.WriteUInt32((uint)command);
        writer.WriteUInt32((uint)fileLock.Type);
        writer.WriteFileLock(in fileLock);
    }

    public static LkCommand Read(ref XdrReader reader, out FileLock fileLock)
    {
        var command = (LkCommand)reader.ReadUInt32();
        var type = (LkType)reader.ReadUInt32();
        fileLock = reader.ReadFileLock() with { Type = type };
        return command;
    }

    public static string ReadDomain(ref XdrReader reader) => reader.ReadName("lock domain", WireLimits.NameBytes);

    public static void WriteEntry(ref XdrWriter writer, EntrylkCommand command, EntrylkType type, string? name, string domain)
    {
        writer.WriteUInt32((uint)command);
        writer.WriteUInt32((uint)type);
        writer.WriteUInt64(name is null ? 0u : 1);
        writer.WriteText(name);
        writer.WriteText(domain);
    }

    public static (EntrylkCommand Command, EntrylkType Type, string? Name, string Domain) ReadEntry(ref XdrReader reader)
    {
        var command = (EntrylkCommand)reader.ReadUInt32();
        var type = (EntrylkType)reader.ReadUInt32();
        var given = reader.ReadUInt64() != 0;
        var name = reader.ReadEntryName();
        return (command, type, given ? name : null, ReadDomain(ref reader));
    }

    public static void WriteList(ref XdrWriter writer, IReadOnlyList<ActiveLock> locks)
    {
        foreach (var active in locks)
        {
            writer.WriteUInt32(1);
            writer.WriteFileLock(active.Lock);
            writer.WriteText(active.Client);
            writer.WriteUInt32(active.Flags);
        }

        writer.WriteUInt32(0);
    }

    public static List<ActiveLock> ReadList(ref XdrReader reader)
    {
        var locks = new List<ActiveLock>();
        while (reader.ReadMore())
            locks.Add(new(reader.ReadFileLock(), reader.ReadText("client identity", WireLimits.TextBytes), reader.ReadUInt32()));
        return locks;
    }
}
