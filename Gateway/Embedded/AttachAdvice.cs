using System.Net;
using System.Net.Sockets;

namespace BlockProxy.Gateway.Embedded;

/// <summary>What a person types next, once a disk is served.</summary>
internal static class AttachAdvice
{
    public static void Print(TextWriter output, string name, EndPoint address, string data)
    {
        var (uri, nbdClient) = address switch
        {
            UnixDomainSocketEndPoint unix => ($"nbd+unix:///{name}?socket={unix}", $"nbd-client -unix {unix} /dev/nbd0 -name {name}"),
            IPEndPoint ip => ($"nbd://{ip}/{name}", $"nbd-client {ip.Address} {ip.Port} /dev/nbd0 -name {name}"),
            _ => ($"nbd://{address}/{name}", ""),
        };
        output.WriteLine($"""
            {name} is served at {uri}; its data is in {data}

              qemu        qemu-system-x86_64 -drive file={uri},format=raw,if=virtio
              inspect     nbdinfo {uri}
              copy onto   nbdcopy IMAGE {uri}
              convert     qemu-img convert -n -O raw IMAGE {uri}
              kernel      {nbdClient}
              as a file   nbdfuse MOUNTPOINT {uri}

            Ctrl-C stops it; what is on the disk stays.
            """);
        output.Flush();
    }
}
