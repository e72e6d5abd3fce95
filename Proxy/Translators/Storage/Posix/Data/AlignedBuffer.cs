using System.Runtime.InteropServices;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Data;

/// <summary>
/// Page-aligned memory for files opened with O_DIRECT, one piece per worker thread: payloads lie in managed arrays, which are not aligned.
/// Large transfers go through it in pieces.
/// </summary>
internal static unsafe class AlignedBuffer
{
    public const int Size = 256 * 1024;

    private const int Alignment = 4096;

    [ThreadStatic]
    private static Holder? _holder;

    public static Span<byte> OfThread => (_holder ??= new Holder()).Span;

    /// <summary>Frees the memory when its thread is gone.</summary>
    private sealed class Holder
    {
        private readonly void* _memory = NativeMemory.AlignedAlloc(Size, Alignment);

        ~Holder() => NativeMemory.AlignedFree(_memory);

        public Span<byte> Span => new(_memory, Size);
    }
}
