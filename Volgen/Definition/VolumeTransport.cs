namespace BlockProxy.Volgen.Definition;

/// <summary>What the bricks listen on, with glusterd's codes.</summary>
public enum VolumeTransport
{
    Tcp = 0,
    Rdma = 1,
    TcpAndRdma = 2,
}
