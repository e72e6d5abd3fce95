namespace BlockProxy.Block;

/// <summary>The one border between the system's error numbers and those of a device.</summary>
internal static class FileErrors
{
    private const int EPERM = 1;
    private const int ENOMEM = 12;
    private const int EACCES = 13;
    private const int EINVAL = 22;
    private const int EFBIG = 27;
    private const int ENOSPC = 28;
    private const int EROFS = 30;
    private const int EOPNOTSUPP = 95;
    private const int EDQUOT = 122;

    public static BlockError ToBlockError(int errno) => errno switch
    {
        0 => BlockError.None,
        ENOSPC or EDQUOT or EFBIG => BlockError.NoSpace,
        EPERM or EACCES or EROFS => BlockError.NotPermitted,
        EINVAL => BlockError.InvalidArgument,
        ENOMEM => BlockError.OutOfMemory,
        EOPNOTSUPP => BlockError.NotSupported,
        _ => BlockError.Io,
    };
}
