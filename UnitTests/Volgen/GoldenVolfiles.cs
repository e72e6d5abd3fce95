using System.Formats.Tar;
using System.IO.Compression;
using BlockProxy.Volgen.Definition;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Volgen;

/// <summary>The files of Golden/volfiles.tar.gz in memory, by their path in the archive.</summary>
internal static class GoldenVolfiles
{
    private static readonly Lazy<SortedDictionary<string, byte[]>> LazyFiles = new(Unpack);

    public static IReadOnlyDictionary<string, byte[]> Files => LazyFiles.Value;

    /// <summary>The folders of volumes, without the parser cases.</summary>
    public static IEnumerable<string> VolumeFolders => Files.Keys.Select(FolderOf).Where(folder => folder != "parse").Distinct();

    /// <summary>All volfiles that glusterd wrote, without those of the parser cases.</summary>
    public static IEnumerable<string> Volfiles => VolumeFolders.SelectMany(VolfilesIn);

    /// <summary>The volfiles of one volume.</summary>
    public static IEnumerable<string> VolfilesIn(string folder) =>
        Files.Keys.Where(path => FolderOf(path) == folder && path.EndsWith(".vol", StringComparison.Ordinal));

    /// <summary>What the volume of a folder was.</summary>
    public static VolumeDefinition DefinitionOf(string folder)
    {
        var result = VolumeDefinitionJson.Read(Files[$"{folder}/volume.json"]);
        return result.Definition ?? throw new AssertionException($"{folder}: {result.Error}");
    }

    /// <summary>Which of its volume's graphs a file is.</summary>
    public static string GraphOf(string path) => Path.GetFileNameWithoutExtension(path);

    private static string FolderOf(string path) => path[..path.IndexOf('/')];

    private static SortedDictionary<string, byte[]> Unpack()
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        using var packed = File.OpenRead(Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", "volfiles.tar.gz"));
        using var archive = new TarReader(new GZipStream(packed, CompressionMode.Decompress));
        while (archive.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is not { } data)
                continue;
            var bytes = new byte[entry.Length];
            data.ReadExactly(bytes);
            files.Add(entry.Name, bytes);
        }
        return files;
    }
}
