using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>
/// Opens the directory of a brick: checks that it belongs to the volume and can hold the attributes, makes an empty one a brick when told to,
/// and cleans up what the last run left behind.
/// </summary>
internal static class BrickDirectory
{
    /// <summary>Set and removed at start, to learn whether attributes work here; the name stock bricks use for it.</summary>
    private const string ProbeName = "trusted.glusterfs.test";

    /// <summary>An open brick, or one sentence that says why not.</summary>
    public static (Brick? Brick, string? Refusal) Open(PosixOptions options, TimeProvider time, ILogger logger)
    {
        if (string.IsNullOrEmpty(options.Directory))
            return (null, "option 'directory' is missing");
        var path = Path.GetFullPath(options.Directory);
        if (options.Initialize)
        {
            try
            {
                Directory.CreateDirectory(path);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return (null, $"the directory cannot be created: {error.Message}");
            }
        }

        var errno = Sys.Open(Sys.AT_FDCWD, FileNames.WithNul(path), Sys.O_RDONLY | Sys.O_DIRECTORY, 0, out var root);
        if (root is null)
            return (null, $"the directory cannot be opened: {errno}");
        var names = new XattrNames(options.XattrNamespace);
        var refusal = Prepare(options, root, names, out var volumeId, out var initialised);
        if (refusal is not null)
        {
            root.Dispose();
            return (null, refusal);
        }

        var brick = new Brick(path, root, names, options with { VolumeId = volumeId }, time, logger);
        if (initialised)
            PosixLog.Initialised(logger, path, volumeId);
        if (names.Namespace == XattrNamespace.User)
            PosixLog.UserNamespace(logger, path);
        PosixLog.Opened(logger, path, volumeId, names.Namespace == XattrNamespace.User ? "user.trusted.*" : "trusted.*");
        if (RemoveUnlinked(root) is > 0 and var count)
            PosixLog.UnlinkedRemoved(logger, path, count);
        return (brick, null);
    }

    /// <summary>
    /// Where a directory keeps its trusted.* attributes: as it says itself, or, for one that is no brick yet, where this process can write them.
    /// </summary>
    public static XattrNamespace DetectNamespace(string path)
    {
        if (HasVolumeId(path, XattrNamespace.Trusted))
            return XattrNamespace.Trusted;
        return HasVolumeId(path, XattrNamespace.User) || !Sys.IsPrivileged ? XattrNamespace.User : XattrNamespace.Trusted;
    }

    /// <summary>Whether the directory is a brick of some volume.</summary>
    public static bool HasVolumeId(string path, XattrNamespace where)
    {
        if (Sys.Open(Sys.AT_FDCWD, FileNames.WithNul(path), Sys.O_PATH | Sys.O_DIRECTORY, 0, out var root) != Errno.None)
            return false;
        using (root)
            return ReadGfid(root!, new XattrNames(where).VolumeId, out _) == Errno.None;
    }

    private static string? Prepare(PosixOptions options, FileHandle root, XattrNames names, out Gfid volumeId, out bool initialised)
    {
        volumeId = options.VolumeId;
        initialised = false;
        if (Sys.LockExclusive(root) == Errno.EAGAIN)
            return "another process serves it";
        if (ProbeXattrs(root, names) is { } unusable)
            return unusable;
        if (ReadGfid(root, names.VolumeId, out var found) is var errno && errno is not (Errno.None or Errno.ENODATA))
            return $"its volume-id cannot be read: {errno}";
        if (errno == Errno.ENODATA)
        {
            if (!options.Initialize)
                return "it is not a brick: trusted.glusterfs.volume-id is absent";
            if (options.VolumeId.IsNull)
                return "it is to be initialised, but option 'volume-id' is missing";
            if (!IsEmpty(root))
                return "it is to be initialised, but it is not empty";
            if (SetGfid(root, names.VolumeId, options.VolumeId) is var failed && failed != Errno.None)
                return $"its volume-id cannot be set: {failed}";
            initialised = true;
        }
        else if (options.VolumeId.IsNull)
        {
            volumeId = found;
        }
        else if (found != options.VolumeId)
        {
            return $"it belongs to volume {found}, not to {options.VolumeId}";
        }

        switch (ReadGfid(root, names.Gfid, out var gfid))
        {
            case Errno.None when !gfid.IsRoot:
                return $"it is a part of another brick: its gfid is {gfid}";
            case Errno.ENODATA when SetGfid(root, names.Gfid, Gfid.Root) is var failed && failed != Errno.None:
                return $"its gfid cannot be set: {failed}";
            default:
                return MakeSkeleton(root);
        }
    }

    private static string? ProbeXattrs(FileHandle root, XattrNames names)
    {
        var probe = names.OnDisk(ProbeName)!;
        var errno = Sys.SetXattr(root, probe, "working"u8, 0);
        if (errno == Errno.None)
        {
            Sys.RemoveXattr(root, probe);
            return null;
        }

        return errno switch
        {
            Errno.ENOENT => "/proc is not mounted; a brick needs it to reach attributes",
            Errno.EOPNOTSUPP => $"its file system does not support {(names.Namespace == XattrNamespace.User ? "user" : "trusted")} extended attributes",
            Errno.EPERM when names.Namespace == XattrNamespace.Trusted =>
                "trusted extended attributes need privileges (root); option 'xattr-namespace user' does without them",
            _ => $"extended attributes cannot be set: {errno}",
        };
    }

    /// <summary>The parts of <c>.glusterfs</c> that a brick always has; stock bricks make the rest of theirs when they start.</summary>
    private static string? MakeSkeleton(FileHandle root)
    {
        foreach (var directory in new (byte[] Name, uint Mode)[]
        {
            (".glusterfs\0"u8.ToArray(), 0x180), (".glusterfs/unlink\0"u8.ToArray(), 0x180), (".glusterfs/landfill\0"u8.ToArray(), 0x1ed),
            (".glusterfs/00\0"u8.ToArray(), 0x1c0), (".glusterfs/00/00\0"u8.ToArray(), 0x1c0),
        })
        {
            // rw for the owner only, as stock has it; without privileges a directory needs its x to be entered.
            var mode = Sys.IsPrivileged ? directory.Mode : directory.Mode | 0x40;
            if (Sys.Mkdir(root, directory.Name, mode) is var errno && errno is not (Errno.None or Errno.EEXIST))
                return $".glusterfs cannot be made: {errno}";
        }

        Span<byte> handle = stackalloc byte[GfidPath.Size];
        GfidPath.Write(handle, Gfid.Root);
        return Sys.Symlink("../../..\0"u8, root, handle) is var linked && linked is not (Errno.None or Errno.EEXIST)
            ? $"the root's handle cannot be made: {linked}"
            : null;
    }

    /// <summary>Files that were unlinked while open have nobody who could still have them open.</summary>
    private static int RemoveUnlinked(FileHandle root)
    {
        if (Sys.Open(root.Number, ".glusterfs/unlink\0"u8, Sys.O_RDONLY | Sys.O_DIRECTORY, 0, out var directory) != Errno.None)
            return 0;
        using (directory)
        {
            List<byte[]> names = [];
            var reader = new DirectoryReader(directory!);
            while (reader.Next(out var entry) == Errno.None && !entry.IsEnd)
            {
                if (GfidPath.TryReadText(entry.Name, out _))
                    names.Add([.. entry.Name, 0]);
            }

            return names.Count(name => Sys.Unlink(directory!, name) == Errno.None);
        }
    }

    private static bool IsEmpty(FileHandle root)
    {
        var reader = new DirectoryReader(root);
        while (reader.Next(out var entry) == Errno.None && !entry.IsEnd)
        {
            // lost+found: a freshly made file system of its own is empty too.
            if (!entry.Name.SequenceEqual("."u8) && !entry.Name.SequenceEqual(".."u8) && !entry.Name.SequenceEqual("lost+found"u8))
                return false;
        }

        return true;
    }

    private static Errno ReadGfid(FileHandle file, XattrName name, out Gfid gfid)
    {
        Span<byte> value = stackalloc byte[Gfid.Size];
        gfid = default;
        var errno = Sys.GetXattr(file, name, value, out var length);
        if (errno == Errno.None && length == Gfid.Size)
            gfid = Gfid.Read(value);
        return errno;
    }

    private static Errno SetGfid(FileHandle file, XattrName name, Gfid gfid)
    {
        Span<byte> value = stackalloc byte[Gfid.Size];
        gfid.Write(value);
        return Sys.SetXattr(file, name, value, Sys.XATTR_CREATE);
    }
}
