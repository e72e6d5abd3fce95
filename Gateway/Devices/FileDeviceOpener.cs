using BlockProxy.Block;
using BlockProxy.Gateway.Configuration;

namespace BlockProxy.Gateway.Devices;

/// <summary>Finds, or makes, the local file behind a <c>file:</c> export.</summary>
public static class FileDeviceOpener
{
    /// <exception cref="GatewayException">The file cannot be served; the message says why and what would be right.</exception>
    public static IBlockDevice Open(ExportConfiguration export)
    {
        ArgumentNullException.ThrowIfNull(export);
        try
        {
            if (Directory.Exists(export.Path))
                throw new GatewayException($"export '{export.Name}': {export.Path} is a directory; only files and block devices are served");
            if (export is { Create: true, Size: { } size })
                Create(export, size);
            if (!File.Exists(export.Path))
                throw new GatewayException($"export '{export.Name}': {export.Path}: no such file; add ',create,size=SIZE' to make it");
            return FileDevice.Open(export.Path, export.ReadOnly);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GatewayException($"export '{export.Name}': {error.Message}", error);
        }
    }

    private static void Create(ExportConfiguration export, long size)
    {
        using var file = new FileStream(export.Path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite,
        });
        // An empty file is what an interrupted 'create' leaves; giving it its size loses nothing.
        if (file.Length == 0)
            file.SetLength(size);
        else if (file.Length != size && !export.KeepExistingSize)
            throw new GatewayException($"export '{export.Name}': {export.Path} exists with {file.Length} bytes, not the {size} that 'size' asks for; it is not resized silently: leave 'create,size=' out to serve it as it is");
    }
}
