using System.Runtime.CompilerServices;

namespace BlockProxy.UnitTests;

/// <summary>The checkout these tests were built from: for tests that read sources and documentation.</summary>
internal static class SourceTree
{
    public static string Root { get; } = Path.GetDirectoryName(Path.GetDirectoryName(Here()))!;

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    private static string Here([CallerFilePath] string path = "") => path;
}
