using System.Runtime.CompilerServices;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Posix;

public sealed class FileHandleTests
{
    [Test]
    public void A_file_whose_references_are_all_given_back_is_closed_and_leaves_nothing_to_the_finalizer()
    {
        var kept = OpenAndRelease();

        GC.Collect();
        GC.WaitForPendingFinalizers(); // an exception there ends the process

        Assert.That(kept.TryGetTarget(out _), Is.False);
    }

    [Test]
    public void A_file_is_open_until_its_last_reference_is_given_back()
    {
        using var source = File.OpenHandle("/dev/null");
        var file = new FileHandle(Duplicate(source));

        file.Retain();
        file.Release();
        Assert.That(file.IsClosed, Is.False);
        file.Release();

        Assert.That(file.IsClosed, Is.True);
        Assert.That(file.TryRetain(), Is.False);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<FileHandle> OpenAndRelease()
    {
        using var source = File.OpenHandle("/dev/null");
        var file = new FileHandle(Duplicate(source));
        file.Retain();
        file.Release();
        file.Release();
        return new WeakReference<FileHandle>(file);
    }

    /// <summary>A descriptor of its own: the handle under test closes it.</summary>
    private static int Duplicate(Microsoft.Win32.SafeHandles.SafeFileHandle source)
    {
        var copy = File.OpenHandle($"/proc/self/fd/{source.DangerousGetHandle()}");
        var number = (int)copy.DangerousGetHandle();
        copy.SetHandleAsInvalid();
        return number;
    }
}
