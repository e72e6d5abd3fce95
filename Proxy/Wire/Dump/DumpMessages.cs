using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Wire.Dump;

// The program GF-DUMP, 123451501 version 1: which programs a server has, and the ping that keeps a connection alive. gluster-rpc section 4.

/// <summary>1 DUMP: u64 gfs_id, which nobody looks at; stock clients send 0xcaed.</summary>
public readonly record struct DumpRequest(ulong GfsId = DumpRequest.StockGfsId) : IXdrMessage<DumpRequest>
{
    public const ulong StockGfsId = 0xcaed;

    public void Write(ref XdrWriter writer) => writer.WriteUInt64(GfsId);

    public static DumpRequest Read(ref XdrReader reader) => new(reader.ReadUInt64());
}

/// <summary>One program of a server; the name is for people only.</summary>
public readonly record struct DumpedProgram(string Name, ulong Number, ulong Version)
{
    public DumpedProgram(string name, RpcProgram program)
        : this(name, program.Number, program.Version)
    {
    }

    public bool Is(RpcProgram program) => Number == program.Number && Version == program.Version;
}

/// <summary>u64 gfs_id, i32 op_ret, i32 op_errno, list of {str name, u64 number, u64 version}.</summary>
public readonly record struct DumpReply(int Result, int Errno, IReadOnlyList<DumpedProgram> Programs, ulong GfsId = 0) : IXdrMessage<DumpReply>
{
    public bool Has(RpcProgram program)
    {
        foreach (var dumped in Programs)
        {
            if (dumped.Is(program))
                return true;
        }

        return false;
    }

    public void Write(ref XdrWriter writer)
    {
        writer.WriteUInt64(GfsId);
        writer.WriteInt32(Result);
        writer.WriteInt32(Errno);
        foreach (var program in Programs)
        {
            writer.WriteUInt32(1);
            writer.WriteText(program.Name);
            writer.WriteUInt64(program.Number);
            writer.WriteUInt64(program.Version);
        }

        writer.WriteUInt32(0);
    }

    public static DumpReply Read(ref XdrReader reader)
    {
        var gfsId = reader.ReadUInt64();
        var result = reader.ReadInt32();
        var errno = reader.ReadInt32();
        var programs = new List<DumpedProgram>();
        while (reader.ReadMore())
        {
            if (programs.Count == WireLimits.Programs)
                reader.Fail($"more than {WireLimits.Programs} programs");
            programs.Add(new(reader.ReadText("program name", WireLimits.TextBytes), reader.ReadUInt64(), reader.ReadUInt64()));
        }

        return new(result, errno, programs, gfsId);
    }
}

/// <summary>gf_common_rsp: i32 op_ret, i32 op_errno, blob. The answer to DUMP's PING (2) and the handshake's (3), whose calls are empty.</summary>
public readonly record struct PingReply(int Result, int Errno, Dict.DictBlob? Xdata = null) : IXdrMessage<PingReply>
{
    public void Write(ref XdrWriter writer)
    {
        writer.WriteInt32(Result);
        writer.WriteInt32(Errno);
        Dict.DictBlobCodec.WriteBlob(ref writer, Xdata);
    }

    public static PingReply Read(ref XdrReader reader) => new(reader.ReadInt32(), reader.ReadInt32(), Dict.DictBlobCodec.ReadBlob(ref reader));
}
