using System.Net;
using BlockProxy.Io;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Dump;
using BlockProxy.Proxy.Wire.Portmap;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;

namespace BlockProxy.Proxy.Translators.Protocol.Server;

/// <summary>GF-DUMP: the list of programs, and the ping. gluster-rpc sections 4 and 12.</summary>
internal sealed class DumpProgram : RpcServerProgram
{
    /// <summary>
    /// Without the portmap program, which answers all the same: a client that finds it listed asks for a port and connects anew, one that does not
    /// logs in on the connection it has.
    /// </summary>
    private static readonly DumpReply Listed = new(0, 0,
    [
        new("GF-DUMP", RpcProgram.Dump), new("GlusterFS Handshake", RpcProgram.Handshake), new("GlusterFS 4.x v1", RpcProgram.Fops),
    ]);

    public override RpcProgram Program => RpcProgram.Dump;

    public override bool Has(uint procedure) => procedure <= (uint)DumpProcedure.Ping;

    public override void Dispatch(in RpcServerCall call, ReadOnlyMemory<byte> body, PooledBuffer? payload)
    {
        switch ((DumpProcedure)call.Procedure)
        {
            case DumpProcedure.Dump:
                call.Connection.Reply(in call, Listed);
                break;
            case DumpProcedure.Ping:
                call.Connection.Reply(in call, new PingReply(0, 0));
                break;
            default:
                call.Connection.Reply(in call, default(EmptyMessage));
                break;
        }
    }
}

/// <summary>The portmap program, for clients that look here for the brick's port: it is this one. gluster-rpc section 15.</summary>
internal sealed class PortmapProgram(ServerTranslator server) : RpcServerProgram
{
    public override RpcProgram Program => RpcProgram.Portmap;

    public override bool Has(uint procedure) => procedure is (uint)PortmapProcedure.Null or (uint)PortmapProcedure.PortByBrick;

    public override void Dispatch(in RpcServerCall call, ReadOnlyMemory<byte> body, PooledBuffer? payload)
    {
        if (call.Procedure == (uint)PortmapProcedure.Null)
        {
            call.Connection.Reply(in call, default(EmptyMessage));
            return;
        }

        var reader = new XdrReader(body.Span);
        var request = PortByBrickRequest.Read(ref reader);
        if (reader.Failed)
            call.Connection.Refuse(in call, AcceptStatus.GarbageArguments);
        else if (server.FindSubvolume(request.Brick) is null || server.LocalEndPoint is not IPEndPoint here)
            call.Connection.Reply(in call, PortByBrickReply.Unknown);
        else
            call.Connection.Reply(in call, new PortByBrickReply(0, 0, 0, here.Port));
    }
}
