using Microsoft.Win32.SafeHandles;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Native;

/// <summary>
/// An open file descriptor of this process. It is born with one reference and closed with the last one, so that a file can be dropped from a
/// cache while operations still use it. An owner that shares it with nobody may dispose it.
/// </summary>
internal sealed class FileHandle : SafeHandleMinusOneIsInvalid
{
    // Not SafeHandle's own count: its first reference belongs to Dispose and the finalizer, and ours is given back by Release.
    private int _references = 1;

    public FileHandle(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>The number, for calls that name a file relative to this one. Only while the caller holds a reference.</summary>
    public int Number => (int)handle;

    /// <summary>Takes one more reference.</summary>
    public FileHandle Retain()
    {
        if (Interlocked.Increment(ref _references) <= 1)
            throw new ObjectDisposedException(nameof(FileHandle), "a file was retained after its last reference had been released");
        return this;
    }

    /// <summary>Gives one back; the last one closes the file.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            Dispose();
    }

    protected override bool ReleaseHandle()
    {
#pragma warning disable CA1816 // The last reference may be given back by Release, of which the finalizer would know nothing.
        GC.SuppressFinalize(this);
#pragma warning restore CA1816
        return Libc.Close((int)handle) == 0;
    }
}
