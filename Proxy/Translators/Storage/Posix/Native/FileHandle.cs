using Microsoft.Win32.SafeHandles;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Native;

/// <summary>
/// An open file descriptor of this process. It is born with one reference and closed with the last one, so that a file can be dropped from a
/// cache while operations still use it. An owner that shares it with nobody may dispose it.
/// </summary>
internal sealed class FileHandle : SafeHandleMinusOneIsInvalid
{
    public FileHandle(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>The number, for calls that name a file relative to this one. Only while the caller holds a reference.</summary>
    public int Number => (int)handle;

    /// <summary>Takes one more reference.</summary>
    public FileHandle Retain()
    {
        var taken = false;
        DangerousAddRef(ref taken);
        return this;
    }

    /// <summary>Gives one back.</summary>
    public void Release() => DangerousRelease();

    protected override bool ReleaseHandle()
    {
#pragma warning disable CA1816 // The last reference may be given back by Release, of which the finalizer would know nothing.
        GC.SuppressFinalize(this);
#pragma warning restore CA1816
        return Libc.Close((int)handle) == 0;
    }
}
