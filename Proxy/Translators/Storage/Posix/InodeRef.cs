using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>One inode and a handle that names it, for the length of one operation. The default value, of a failed resolve, holds nothing.</summary>
/// <param name="inode">What the brick remembers of it.</param>
/// <param name="file">A handle, with a reference that this value gives back: O_PATH, or open when <paramref name="isOpen"/>.</param>
/// <param name="table">Where this value is a user of the inode; null when an open fd is.</param>
/// <param name="isOpen">Whether the handle is open for reading or writing.</param>
/// <param name="fd">The open fd behind it, if there is one.</param>
internal readonly ref struct InodeRef(PosixInode inode, FileHandle file, PosixInodeTable? table, bool isOpen = false, PosixFd? fd = null)
{
    public PosixInode Inode { get; } = inode;

    public FileHandle File { get; } = file;

    public bool IsOpen { get; } = isOpen;

    public PosixFd? Fd { get; } = fd;

    public Gfid Gfid => Inode.Gfid;

    public void Dispose()
    {
        if (File is null)
            return;
        File.Release();
        table?.Release(Inode);
    }
}
