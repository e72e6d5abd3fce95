using BlockProxy.Io;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Gfs4;

namespace BlockProxy.UnitTests.Wire;

/// <summary>Knows every fd number and every gfid, and gives back the numbers it was asked for.</summary>
internal sealed class FakeObjects : IWireObjects, IRemoteHandles
{
    private readonly Dictionary<Fd, long> _numbers = [];

    public Payload Payload { get; set; }

    /// <summary>A number nobody holds.</summary>
    public long? UnknownNumber { get; init; }

    public Memory<byte> Destination { get; private set; }

    public Inode Inode(Gfid gfid) => new(gfid);

    public Fd? Fd(long number, Gfid gfid)
    {
        if (number == UnknownNumber)
            return null;
        var fd = number == WireFd.Anonymous ? Proxy.Fops.Fd.Anonymous(new Inode(gfid)) : new Fd(new Inode(gfid), OpenFlags.ReadWrite);
        _numbers[fd] = number;
        return fd;
    }

    public Fd NewFd(Gfid gfid, OpenFlags flags) => new(new Inode(gfid), flags);

    public Memory<byte> ReadDestination(int size) => Destination = new byte[size];

    public long RemoteFd(Fd fd) => _numbers[fd];
}
