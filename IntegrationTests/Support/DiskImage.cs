namespace BlockProxy.IntegrationTests.Support;

/// <summary>A real ext4 file system with real files of this machine in it, made once for a run.</summary>
public static class DiskImage
{
    private static readonly SemaphoreSlim Gate = new(1, 1);
    private static string? _path;

    /// <summary>The raw image: 256 MiB, sparse, with this machine's <c>/usr/sbin</c> and <c>/etc</c> in it.</summary>
    public static async Task<string> Ext4Async()
    {
        Command.Require("mkfs.ext4");
        await Gate.WaitAsync();
        try
        {
            if (_path is not null)
                return _path;
            var directory = Directory.CreateTempSubdirectory("blockproxy-image-");
            var content = directory.CreateSubdirectory("content");
            (await Command.RunAsync(["cp", "-a", "/usr/sbin", "/etc/apt", "/etc/default", content.FullName])).Expect();
            var image = Path.Combine(directory.FullName, "ext4.img");
            (await Command.RunAsync(["mkfs.ext4", "-q", "-F", "-d", content.FullName, image, "256M"])).Expect();
            content.Delete(recursive: true);
            return _path = image;
        }
        finally
        {
            Gate.Release();
        }
    }

    public static void Delete()
    {
        if (_path is not null)
            Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);
        _path = null;
    }
}
