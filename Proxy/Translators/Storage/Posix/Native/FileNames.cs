using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Native;

/// <summary>Names and paths for system calls: bytes with a NUL at their end. What is no UTF-8 survives as <see cref="ByteText"/> has it.</summary>
internal static class FileNames
{
    /// <summary>NAME_MAX.</summary>
    public const int MaximumBytes = 255;

    /// <summary>The bytes of a path, with a NUL.</summary>
    public static byte[] WithNul(string path) => [.. ByteText.Encode(path), 0];
}
