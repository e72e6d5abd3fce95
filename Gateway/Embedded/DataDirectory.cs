namespace BlockProxy.Gateway.Embedded;

/// <summary>
/// The directory of an embedded volume: <c>volume-id</c>, <c>bricks/brickN</c>, the volfile, and a lock that keeps a second process away.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    private DataDirectory(string path, Guid volumeId, FileStream @lock)
    {
        Path = path;
        VolumeId = volumeId;
        _lock = @lock;
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    /// <summary>Chosen at first use, and on the root of each brick.</summary>
    public Guid VolumeId { get; }

    public string VolfilePath => System.IO.Path.Combine(Path, "embedded.vol");

    /// <exception cref="GatewayException">The directory cannot be made, is not ours, or another process has it open.</exception>
    public static DataDirectory Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        FileStream? held = null;
        try
        {
            Directory.CreateDirectory(path);
            held = Hold(path);
            return new DataDirectory(path, ReadOrChooseVolumeId(path), held);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw new GatewayException($"data directory '{path}': {error.Message}", error);
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    /// <summary>The directory of a brick, made if it is absent; and whether it was.</summary>
    public (string Directory, bool IsNew) Brick(int number)
    {
        var directory = System.IO.Path.Combine(Path, "bricks", $"brick{number}");
        var isNew = !Directory.Exists(directory) || !Directory.EnumerateFileSystemEntries(directory).Any();
        Directory.CreateDirectory(directory);
        return (directory, isNew);
    }

    public void Dispose() => _lock.Dispose();

    private static FileStream Hold(string path)
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (error is not DirectoryNotFoundException)
        {
            throw new GatewayException($"data directory '{path}' is in use by another blockproxy; give this one another with --data DIR", error);
        }
    }

    private static Guid ReadOrChooseVolumeId(string path)
    {
        var file = System.IO.Path.Combine(path, "volume-id");
        if (File.Exists(file))
        {
            var text = File.ReadAllText(file).Trim();
            return Guid.TryParseExact(text, "D", out var known)
                ? known
                : throw new GatewayException($"'{file}' does not hold a volume id; expected a UUID such as {Guid.NewGuid()}");
        }

        var chosen = Guid.NewGuid();
        var temporary = file + ".new";
        File.WriteAllText(temporary, chosen + "\n");
        File.Move(temporary, file);
        return chosen;
    }
}
