namespace BlockProxy.Nbd.Wire;

/// <summary>NBD_E*. proto.md, "Error values".</summary>
public enum NbdErrno : uint
{
    None = 0,
    EPERM = 1,
    EIO = 5,
    ENOMEM = 12,
    EINVAL = 22,
    ENOSPC = 28,
    EOVERFLOW = 75,
    ENOTSUP = 95,
    ESHUTDOWN = 108,
}
