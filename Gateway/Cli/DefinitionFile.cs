using System.Text;
using BlockProxy.Volgen.Definition;

namespace BlockProxy.Gateway.Cli;

/// <summary>Reads the definition of a volume from a file in any of the forms that Volgen knows.</summary>
internal static class DefinitionFile
{
    /// <summary>Far more than the largest volume needs; a bound for what is taken into memory.</summary>
    private const long MaxBytes = 64 << 20;

    /// <param name="path">JSON, glusterd's info file, or the XML of <c>gluster volume info</c>.</param>
    /// <param name="name">The volume's name where the file does not tell it; else that of the info file's directory.</param>
    /// <param name="info">The info file that completes XML, if there is one.</param>
    /// <exception cref="GatewayException">The file cannot be read or is no definition; one line with the place.</exception>
    public static VolumeDefinition Read(string path, string? name = null, string? info = null)
    {
        var bytes = ReadBytes(path);
        var completing = info is null ? null : Encoding.UTF8.GetString(ReadBytes(info));
        var result = VolumeDefinitionReader.Read(bytes, name ?? DirectoryOf(path), completing, file => BrickFile(path, file));
        return result.Definition ?? throw new GatewayException($"{path}: {result.Error}");
    }

    public static byte[] ReadBytes(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > MaxBytes)
                throw new GatewayException($"{path} is larger than {MaxBytes} bytes");
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GatewayException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Beside its info file glusterd has a directory with a file for each brick.</summary>
    private static string? BrickFile(string info, string name)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(info)) ?? "", "bricks", Path.GetFileName(name));
        return File.Exists(path) ? Encoding.UTF8.GetString(ReadBytes(path)) : null;
    }

    private static string? DirectoryOf(string path) => Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)));
}
