using BlockProxy.Block;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.Gateway.Devices;

/// <summary>The one mapping from what a volume answers to what a block front can say.</summary>
public static class ErrnoMap
{
    public static BlockError ToBlockError(Errno errno) => errno switch
    {
        Errno.None => BlockError.None,
        Errno.ENOSPC or Errno.EDQUOT or Errno.EFBIG => BlockError.NoSpace,
        Errno.EROFS or Errno.EPERM or Errno.EACCES => BlockError.NotPermitted,
        Errno.EINVAL => BlockError.InvalidArgument,
        Errno.EOPNOTSUPP or Errno.ENOSYS => BlockError.NotSupported,
        Errno.ENOMEM => BlockError.OutOfMemory,
        // Everything else says that the volume could not do it: EIO, ENOTCONN, ESTALE, EBADFD, ...
        _ => BlockError.Io,
    };
}
