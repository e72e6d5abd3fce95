using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Executor;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>
/// Where trees go that a client removes as a whole: <c>.glusterfs/landfill</c>, emptied in the background and at start. gluster-translators
/// section 11.1.
/// </summary>
internal sealed class Landfill(Brick brick, IIoExecutor executor)
{
    private int _running;
    private long _nameless;

    /// <summary>Moves a directory with all it holds out of the volume.</summary>
    public Errno Take(FileHandle parent, ReadOnlySpan<byte> name, Gfid gfid)
    {
        Span<byte> path = stackalloc byte[GfidPath.Size];
        GfidPath.WriteLandfill(path, gfid);
        var errno = Sys.Rename(parent, name, brick.Root, path);
        if (errno == Errno.None)
            StartEmptying();
        return errno;
    }

    /// <summary>Queues the deletion of all that lies there; once is enough for any number of trees.</summary>
    public void StartEmptying()
    {
        if (Interlocked.Exchange(ref _running, 1) == 0)
            executor.Queue(new EmptyingWork(this));
    }

    private void Empty()
    {
        Volatile.Write(ref _running, 0); // what comes from now on queues another round
        if (Sys.Open(brick.Root.Number, ".glusterfs/landfill\0"u8, Sys.O_RDONLY | Sys.O_DIRECTORY, 0, out var directory) != Errno.None)
            return;
        using (directory)
        {
            // Each round removes what is there and brings up the directories below it, until nothing is left or nothing can be removed.
            var progress = true;
            while (progress)
            {
                progress = false;
                foreach (var name in Names(directory!))
                    progress |= Remove(directory!, directory!, name);
            }
        }
    }

    /// <summary>
    /// Removes one entry. A directory inside a removed one moves up into the landfill instead: however deep a client nested them, no
    /// recursion follows.
    /// </summary>
    private bool Remove(FileHandle landfill, FileHandle parent, ReadOnlySpan<byte> name)
    {
        if (Sys.Stat(parent, name, out var raw) != Errno.None)
            return false;
        var known = brick.ReadGfidAt(parent, name, out var gfid) == Errno.None;
        Errno errno;
        if (!raw.IsDirectory)
            errno = Sys.Unlink(parent, name);
        else if (ReferenceEquals(parent, landfill))
            errno = RemoveDirectory(landfill, name);
        else
            return MoveUp(landfill, parent, name, known, gfid);
        if (errno != Errno.None)
        {
            PosixLog.LandfillFailed(brick.Logger, brick.Path, ByteText.Decode(name), errno);
            return false;
        }

        if (!known)
            return true;
        var inode = brick.Inodes.Acquire(gfid);
        inode.HandleSeen = false;
        brick.Inodes.DropCached(inode);
        brick.Inodes.Release(inode);
        if (IsGarbage(gfid, in raw))
            brick.RemoveHandle(gfid);
        return true;
    }

    private Errno RemoveDirectory(FileHandle landfill, ReadOnlySpan<byte> name)
    {
        var errno = Sys.Open(landfill.Number, name, Sys.O_RDONLY | Sys.O_DIRECTORY | Sys.O_NOFOLLOW, 0, out var directory);
        if (errno != Errno.None)
            return errno;
        using (directory)
        {
            foreach (var entry in Names(directory!))
                Remove(landfill, directory!, entry);
        }

        return Sys.Rmdir(landfill, name);
    }

    private bool MoveUp(FileHandle landfill, FileHandle parent, ReadOnlySpan<byte> name, bool known, Gfid gfid)
    {
        Span<byte> target = stackalloc byte[GfidPath.TextLength + 1];
        target.Clear();
        GfidPath.WriteText(target, known ? gfid : new Gfid(0, (ulong)Interlocked.Increment(ref _nameless)));
        return Sys.Rename(parent, name, landfill, target) == Errno.None;
    }

    /// <summary>A file's handle goes with its last name; a directory's unless another one has the gfid now.</summary>
    private bool IsGarbage(Gfid gfid, in StatxBuffer raw)
    {
        if (!raw.IsDirectory)
            return raw.Nlink <= 2;
        if (brick.ResolveDirectory(gfid, out var again) != Errno.None)
            return true;
        again.Dispose();
        return false;
    }

    private static List<byte[]> Names(FileHandle directory)
    {
        List<byte[]> names = [];
        var reader = new DirectoryReader(directory);
        reader.SeekTo(0); // each round begins anew
        while (reader.Next(out var entry) == Errno.None && !entry.IsEnd)
        {
            if (!entry.Name.SequenceEqual("."u8) && !entry.Name.SequenceEqual(".."u8))
                names.Add([.. entry.Name, 0]);
        }

        return names;
    }

    private sealed class EmptyingWork : IoWork
    {
        private readonly Landfill _landfill;

        public EmptyingWork(Landfill landfill)
        {
            _landfill = landfill;
            MayBlock = true;
        }

        public override void Run() => _landfill.Empty();
    }
}
