using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>What the brick keeps of an fd that a client holds open.</summary>
/// <param name="inode">The inode; the fd is a user of it.</param>
/// <param name="file">Open as the client asked; the fd owns one reference.</param>
/// <param name="flags">The client's flags.</param>
internal sealed class PosixFd(PosixInode inode, FileHandle file, OpenFlags flags)
{
    private DirectoryReader? _reader;
    private int _released;

    public PosixInode Inode { get; } = inode;

    public FileHandle File { get; } = file;

    public OpenFlags Flags { get; } = flags;

    /// <summary>Held while the directory's position is used.</summary>
    public Lock ReaderGate { get; } = new();

    public DirectoryReader Reader => _reader ??= new DirectoryReader(File);

    /// <summary>A reference on the file for one operation; false when the client released the fd, or went away, while the operation was on its way.</summary>
    public bool TryRetain() => File.TryRetain();

    /// <summary>True for the first release only.</summary>
    public bool TryRelease() => Interlocked.Exchange(ref _released, 1) == 0;
}
