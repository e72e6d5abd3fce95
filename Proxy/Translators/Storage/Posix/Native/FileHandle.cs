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

    /// <summary>Takes one more reference; false when the last one was given back already.</summary>
    public bool TryRetain()
    {
        var references = Volatile.Read(ref _references);
        while (references > 0)
        {
            var seen = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (seen == references)
                return true;
            references = seen;
        }

        return false;
    }

    /// <summary>Takes one more reference; the caller knows that there is one.</summary>
    public FileHandle Retain() => TryRetain() ? this : throw new InvalidOperationException("a file was retained after its last reference had been released");

    /// <summary>Gives one back; the last one closes the file.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            Dispose();
    }

    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
