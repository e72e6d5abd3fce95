using System.Buffers.Binary;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Rpc;

/// <summary>The second word of every record: which direction it goes. Both directions of a connection have xids of their own.</summary>
public enum RpcMessageType : uint
{
    Call = 0,
    Reply = 1,
}

/// <summary>How an accepted call went (RFC 5531 accept_stat). Stock clients turn anything but Success of a fop into ENOTCONN.</summary>
public enum AcceptStatus : uint
{
    Success = 0,
    ProgramUnavailable = 1,
    ProgramMismatch = 2,
    ProcedureUnavailable = 3,
    GarbageArguments = 4,
    SystemError = 5,
}

/// <summary>Why a call was denied (RFC 5531 reject_stat).</summary>
public enum RejectStatus : uint
{
    RpcMismatch = 0,
    AuthError = 1,
}

/// <summary>What <see cref="RpcCallHeader.Read"/> found.</summary>
public enum RpcCallVerdict
{
    /// <summary>A call; its body follows.</summary>
    Call,

    /// <summary>Not a call, or not one that can be decoded: bricks answer such a record with xid 0 and GARBAGE_ARGS.</summary>
    Garbage,

    /// <summary>A call of another RPC version: answered like garbage by bricks, with RPC_MISMATCH by us.</summary>
    VersionMismatch,
}

/// <summary>
/// u32 xid, u32 0, u32 rpcvers = 2, u32 program, u32 version, u32 procedure, credential {u32 flavour, opaque}, verifier {u32 0, u32 0}. gluster-rpc section 2.
/// </summary>
public ref struct RpcCallHeader
{
    public const uint RpcVersion = 2;

    private const int FixedSize = 24;

    public uint Xid;
    public RpcProgram Program;
    public uint Procedure;
    public AuthFlavor Flavor;

    /// <summary>The body of the credential, in the record: hand it to <see cref="RpcCredential"/>.</summary>
    public ReadOnlySpan<byte> Credential;

    /// <summary>Everything up to the credential, which the caller writes next with <see cref="RpcCredential"/>; that writes the empty verifier too.</summary>
    public static void Write(ref XdrWriter writer, uint xid, RpcProgram program, uint procedure)
    {
        var to = writer.Reserve(FixedSize);
        BinaryPrimitives.WriteUInt32BigEndian(to, xid);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], (uint)RpcMessageType.Call);
        BinaryPrimitives.WriteUInt32BigEndian(to[8..], RpcVersion);
        BinaryPrimitives.WriteUInt32BigEndian(to[12..], program.Number);
        BinaryPrimitives.WriteUInt32BigEndian(to[16..], program.Version);
        BinaryPrimitives.WriteUInt32BigEndian(to[20..], procedure);
    }

    /// <summary>Reads the header; the body begins at the reader's position.</summary>
    public static RpcCallVerdict Read(ref XdrReader reader, out RpcCallHeader header)
    {
        header = default;
        header.Xid = reader.ReadUInt32();
        if (reader.ReadUInt32() != (uint)RpcMessageType.Call)
            reader.Fail("not a call");
        var version = reader.ReadUInt32();
        header.Program = new(reader.ReadUInt32(), reader.ReadUInt32());
        header.Procedure = reader.ReadUInt32();
        if (!reader.Failed && version != RpcVersion)
        {
            reader.Fail($"RPC version {version}");
            return RpcCallVerdict.VersionMismatch;
        }

        header.Flavor = (AuthFlavor)reader.ReadUInt32();
        header.Credential = reader.ReadOpaque("credential", WireLimits.CredentialBytes);
        reader.ReadUInt32();
        reader.ReadOpaque("verifier", WireLimits.CredentialBytes);
        return reader.Failed ? RpcCallVerdict.Garbage : RpcCallVerdict.Call;
    }

    /// <summary>Finds where the body of a call begins although the record has not arrived completely.</summary>
    /// <param name="arrived">The record's first bytes.</param>
    /// <param name="needed">When true, the header's length; when false, how many bytes must have arrived before it makes sense to ask again.</param>
    /// <remarks>Lengths beyond the limit are passed on as if they were zero: <see cref="Read"/> then refuses the header.</remarks>
    public static bool TryGetLength(ReadOnlySpan<byte> arrived, out int needed)
    {
        needed = FixedSize + 8;
        if (arrived.Length < needed)
            return false;
        needed += PaddedLength(arrived, needed - 4) + 8;
        if (arrived.Length < needed)
            return false;
        needed += PaddedLength(arrived, needed - 4);
        return arrived.Length >= needed;
    }

    private static int PaddedLength(ReadOnlySpan<byte> arrived, int at)
    {
        var length = BinaryPrimitives.ReadUInt32BigEndian(arrived[at..]);
        return length > WireLimits.CredentialBytes ? 0 : ((int)length + 3) & ~3;
    }
}

/// <summary>
/// Accepted: u32 xid, u32 1, u32 0, verifier {0, 0}, u32 accept_stat, then the body; PROG_MISMATCH is followed by u32 low, u32 high.
/// Denied: u32 xid, u32 1, u32 1, u32 reject_stat, u32 auth_stat, or u32 low, u32 high for RPC_MISMATCH. gluster-rpc section 2.
/// </summary>
/// <param name="Denied">Whether the call was denied; then <paramref name="Reject"/> says why, else <paramref name="Accept"/> how it went.</param>
/// <param name="Low">PROG_MISMATCH and RPC_MISMATCH: the lowest version served. AUTH_ERROR: auth_stat.</param>
/// <param name="High">The highest version served.</param>
public readonly record struct RpcReplyHeader(
    uint Xid, bool Denied, AcceptStatus Accept, RejectStatus Reject = default, uint Low = 0, uint High = 0)
{
    /// <summary>An accepted reply's header as GlusterFS sends it, with an empty verifier; the body follows.</summary>
    public const int Size = 24;

    public bool IsSuccess => !Denied && Accept == AcceptStatus.Success;

    public static void WriteAccepted(ref XdrWriter writer, uint xid, AcceptStatus status = AcceptStatus.Success)
    {
        var to = writer.Reserve(Size);
        BinaryPrimitives.WriteUInt32BigEndian(to, xid);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], (uint)RpcMessageType.Reply);
        to[8..20].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(to[20..], (uint)status);
    }

    public static void WriteProgramMismatch(ref XdrWriter writer, uint xid, uint low, uint high)
    {
        WriteAccepted(ref writer, xid, AcceptStatus.ProgramMismatch);
        writer.WriteUInt32(low);
        writer.WriteUInt32(high);
    }

    /// <summary>Denied because the credential is not acceptable.</summary>
    public static void WriteAuthError(ref XdrWriter writer, uint xid, uint authStatus = 0)
    {
        WriteDenied(ref writer, xid, RejectStatus.AuthError);
        writer.WriteUInt32(authStatus);
    }

    /// <summary>Denied because the call is not of RPC version 2.</summary>
    public static void WriteRpcMismatch(ref XdrWriter writer, uint xid)
    {
        WriteDenied(ref writer, xid, RejectStatus.RpcMismatch);
        writer.WriteUInt32(RpcCallHeader.RpcVersion);
        writer.WriteUInt32(RpcCallHeader.RpcVersion);
    }

    /// <summary>Writes the header that this value describes.</summary>
    public void Write(ref XdrWriter writer)
    {
        if (Denied)
        {
            WriteDenied(ref writer, Xid, Reject);
            writer.WriteUInt32(Low);
            if (Reject == RejectStatus.RpcMismatch)
                writer.WriteUInt32(High);
            return;
        }

        WriteAccepted(ref writer, Xid, Accept);
        if (Accept == AcceptStatus.ProgramMismatch)
        {
            writer.WriteUInt32(Low);
            writer.WriteUInt32(High);
        }
    }

    /// <summary>Reads the header; the body begins at the reader's position. Look at <see cref="XdrReader.Failed"/>.</summary>
    public static RpcReplyHeader Read(ref XdrReader reader)
    {
        var xid = reader.ReadUInt32();
        if (reader.ReadUInt32() != (uint)RpcMessageType.Reply)
            reader.Fail("not a reply");
        var replyStatus = reader.ReadUInt32();
        if (replyStatus > 1)
            reader.Fail($"reply status {replyStatus}");
        if (replyStatus == 1)
        {
            var reject = (RejectStatus)reader.ReadUInt32();
            if (reject > RejectStatus.AuthError)
                reader.Fail($"reject status {(uint)reject}");
            return new(xid, Denied: true, default, reject, reader.ReadUInt32(), reject == RejectStatus.RpcMismatch ? reader.ReadUInt32() : 0);
        }

        reader.ReadUInt32();
        reader.ReadOpaque("verifier", WireLimits.CredentialBytes);
        var accept = (AcceptStatus)reader.ReadUInt32();
        if (accept > AcceptStatus.SystemError)
            reader.Fail($"accept status {(uint)accept}");
        return accept == AcceptStatus.ProgramMismatch
            ? new(xid, Denied: false, accept, Low: reader.ReadUInt32(), High: reader.ReadUInt32())
            : new(xid, Denied: false, accept);
    }

    /// <summary>Finds the length of an accepted reply's header although the record has not arrived completely; as <see cref="RpcCallHeader.TryGetLength"/>.</summary>
    /// <remarks>For a denied reply the answer is the whole of it, 20 bytes at the least; nothing follows it.</remarks>
    public static bool TryGetLength(ReadOnlySpan<byte> arrived, out int needed)
    {
        needed = 20;
        if (arrived.Length < needed)
            return false;
        if (BinaryPrimitives.ReadUInt32BigEndian(arrived[8..]) != 0)
            return true;
        var verifier = BinaryPrimitives.ReadUInt32BigEndian(arrived[16..]);
        needed += (verifier > WireLimits.CredentialBytes ? 0 : ((int)verifier + 3) & ~3) + 4;
        return arrived.Length >= needed;
    }

    private static void WriteDenied(ref XdrWriter writer, uint xid, RejectStatus status)
    {
        writer.WriteUInt32(xid);
        writer.WriteUInt32((uint)RpcMessageType.Reply);
        writer.WriteUInt32(1);
        writer.WriteUInt32((uint)status);
    }
}
