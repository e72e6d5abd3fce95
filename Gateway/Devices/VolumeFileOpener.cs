using BlockProxy.Block;
using BlockProxy.Gateway.Configuration;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Graph;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Gateway.Devices;

/// <summary>Finds, or makes, the file behind an export and opens it.</summary>
public sealed class VolumeFileOpener(Volume volume, int processId, ILogger logger)
{
    private const uint ImageMode = 0x8180; // S_IFREG | 0600: an image is nobody else's to read

    private readonly FopContext _context = new(new Caller { Pid = processId }, LkOwner.From((ulong)processId));

    /// <exception cref="GatewayException">The file cannot be served; the message says why and what would be right.</exception>
    public async ValueTask<VolumeFileDevice> OpenAsync(ExportConfiguration export)
    {
        ArgumentNullException.ThrowIfNull(export);
        var file = $"{volume.Name}:{export.Path}";
        var found = await volume.ResolveAsync(_context, export.Path);
        if (found.Errno == Errno.ENOENT && export.Create)
            return await CreateAsync(export, file);
        if (found.Errno != Errno.None)
            throw Cannot(export, file, found.Errno, found.Errno == Errno.ENOENT ? "; add ',create,size=SIZE' to make it" : "");
        if (found.Stat.Type != FileType.Regular)
            throw new GatewayException($"export '{export.Name}': {file} is a {Word(found.Stat.Type)}; only regular files are served");

        var flags = export.ReadOnly ? OpenFlags.ReadOnly : OpenFlags.ReadWrite;
        var inode = volume.Inodes.Get(found.Stat.Gfid);
        var (errno, fd) = await volume.OpenAsync(_context, new Loc(inode, Path: export.Path), flags | OpenFlags.LargeFile);
        if (errno != Errno.None)
            throw Cannot(export, file, errno, "");
        var size = (long)found.Stat.Size;
        // An empty file is what an interrupted 'create' leaves; giving it its size loses nothing.
        if (export is { Create: true, Size: { } wanted } && size == 0)
        {
            await SizeNewFileAsync(export, file, fd, wanted);
            size = wanted;
        }

        if (export is { Create: true, KeepExistingSize: false, Size: { } asked } && asked != size)
        {
            await volume.CloseAsync(_context, fd);
            throw new GatewayException($"export '{export.Name}': {file} exists with {size} bytes, not the {asked} that 'size' asks for; it is not resized silently: leave 'create,size=' out to serve it as it is");
        }

        return Device(export, file, fd, size);
    }

    private async ValueTask<VolumeFileDevice> CreateAsync(ExportConfiguration export, string file)
    {
        var slash = export.Path.LastIndexOf('/');
        var directory = export.Path[..slash];
        var name = export.Path[(slash + 1)..];
        var parent = await volume.ResolveAsync(_context, directory);
        if (parent.Errno != Errno.None)
            throw Cannot(export, $"{volume.Name}:{(directory.Length == 0 ? "/" : directory)}", parent.Errno, "; the directory of a new image must exist");
        if (parent.Stat.Type != FileType.Directory)
            throw new GatewayException($"export '{export.Name}': {volume.Name}:{directory} is not a directory");

        var parentInode = volume.Inodes.Get(parent.Stat.Gfid);
        var (errno, fd) = await volume.CreateAsync(_context, parentInode, name, export.Path, OpenFlags.ReadWrite | OpenFlags.LargeFile, ImageMode);
        if (errno != Errno.None)
            throw Cannot(export, file, errno, "");
        await SizeNewFileAsync(export, file, fd, export.Size!.Value);
        await SyncDirectoryAsync(parentInode);
        DeviceLog.Created(logger, export.Name, file, export.Size.Value);
        return Device(export, file, fd, export.Size.Value);
    }

    private async ValueTask SizeNewFileAsync(ExportConfiguration export, string file, Fd fd, long size)
    {
        var sized = await volume.Top.FtruncateAsync(_context, new FtruncateRequest(fd, size));
        var synced = sized.Errno == Errno.None ? await volume.Top.FsyncAsync(_context, new FsyncRequest(fd)) : sized;
        if (synced.Errno == Errno.None)
            return;
        await volume.CloseAsync(_context, fd);
        throw Cannot(export, file, synced.Errno, "");
    }

    /// <summary>A new image must survive a power cut with its name. A brick that cannot sync directories does not stop the export.</summary>
    private async ValueTask SyncDirectoryAsync(Inode directory)
    {
        var fd = new Fd(directory, OpenFlags.ReadOnly | OpenFlags.Directory);
        if ((await volume.Top.OpendirAsync(_context, new OpendirRequest(Loc.Of(directory), fd))).Errno != Errno.None)
            return;
        await volume.Top.FsyncdirAsync(_context, new FsyncdirRequest(fd));
        await volume.Top.ReleasedirAsync(_context, new ReleasedirRequest(fd));
    }

    private VolumeFileDevice Device(ExportConfiguration export, string file, Fd fd, long size)
    {
        DeviceLog.Opened(logger, export.Name, file, size, export.ReadOnly ? ", read-only" : "");
        var info = new BlockDeviceInfo
        {
            Size = size,
            ReadOnly = export.ReadOnly,
            CanZeroFast = true,
            Description = export.Description.Length > 0 ? export.Description : file,
        };
        return new VolumeFileDevice(volume, fd, export.Name, file, info, _context, logger);
    }

    private static GatewayException Cannot(ExportConfiguration export, string file, Errno errno, string advice) =>
        new($"export '{export.Name}': {file}: {Reason(errno)}{advice}");

    private static string Reason(Errno errno) => errno switch
    {
        Errno.ENOENT => "no such file",
        Errno.ENOTDIR => "a part of the path is not a directory",
        Errno.EINVAL => "the path has '.' or '..' in it; write it without",
        Errno.ENOTCONN => "the brick that would have it cannot be reached",
        Errno.EACCES or Errno.EPERM => "permission denied",
        Errno.EROFS => "the volume is read-only",
        Errno.ENOSPC => "no space left on the volume",
        _ => errno.ToString(),
    };

    private static string Word(FileType type) => type switch
    {
        FileType.Directory => "directory",
        FileType.Symlink => "symbolic link",
        FileType.BlockDevice => "block device node",
        FileType.CharacterDevice => "character device node",
        FileType.Fifo => "fifo",
        FileType.Socket => "socket",
        _ => "file of unknown type",
    };
}
