using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix.Directories;

/// <summary>readdir and readdirp. Cookies are those of the file system. gluster-rpc section 8.</summary>
internal sealed class ListFops(Brick brick, XattrQuery query)
{
    /// <summary>What stock bricks count for an entry beside its name: the budget of a request is in these.</summary>
    private const int EntryCost = 208;

    /// <summary>The most bytes of budget a client may give one request.</summary>
    private const int BudgetLimit = 1 << 20;

    private const uint DirectoryType = 4; // DT_DIR
    private const uint UnknownType = 0; // DT_UNKNOWN

    public ReaddirReply Readdir(FopContext ctx, in ReaddirRequest request) =>
        List(request.Fd, request.Offset, request.Size, request.Xdata, withAttributes: false);

    public ReaddirReply Readdirp(FopContext ctx, in ReaddirpRequest request) =>
        List(request.Fd, request.Offset, request.Size, request.Xdata, withAttributes: true);

    private ReaddirReply List(Fd fd, ulong offset, int size, Xdata? xdata, bool withAttributes)
    {
        if (size < 0)
            return ReaddirReply.Failed(Errno.EINVAL);
        if (fd.GetSlot<PosixFd>(brick.Slot) is { } open)
        {
            if (!open.TryRetain())
                return ReaddirReply.Failed(Errno.EBADF);
            using var directory = new InodeRef(open.Inode, open.File, null, isOpen: true, open);
            if (!open.Flags.HasFlag(OpenFlags.Directory))
                return ReaddirReply.Failed(Errno.ENOTDIR);
            lock (open.ReaderGate)
                return List(in directory, open.Reader, offset, size, xdata, withAttributes);
        }

        if (!fd.IsAnonymous)
            return ReaddirReply.Failed(Errno.EBADF);
        var errno = brick.ResolveDirectory(fd.Inode.Gfid, out var found);
        if (errno != Errno.None)
            return ReaddirReply.Failed(errno);
        using (found)
        {
            errno = Sys.Reopen(found.File, Sys.O_RDONLY | Sys.O_DIRECTORY, out var file);
            if (errno != Errno.None)
                return ReaddirReply.Failed(errno);
            using (file)
                return List(in found, new DirectoryReader(file!), offset, size, xdata, withAttributes);
        }
    }

    private ReaddirReply List(in InodeRef directory, DirectoryReader reader, ulong offset, int size, Xdata? xdata, bool withAttributes)
    {
        var errno = reader.SeekTo(offset);
        if (errno != Errno.None)
            return ReaddirReply.Failed(errno);
        List<DirectoryEntry> entries = [];
        var budget = Math.Min(size, BudgetLimit);
        var skipDirectories = xdata is not null && xdata.TryGetNumber(XattrKeys.SkipDirectories, out var skip) && skip != 0;
        var before = offset;
        Span<byte> name = stackalloc byte[EntryName.Size];
        while (true)
        {
            errno = reader.Next(out var raw);
            if (errno != Errno.None)
                return entries.Count == 0 ? ReaddirReply.Failed(errno) : new ReaddirReply(Errno.None, entries);
            if (raw.IsEnd)
                return new ReaddirReply(Errno.None, entries, EndOfDirectory: true);
            if (EntryName.IsHidden(directory.Gfid, raw.Name))
            {
                before = raw.Offset;
                continue;
            }

            budget -= EntryCost + raw.Name.Length + 1;
            if (budget < 0)
            {
                reader.Unread(in raw, before);
                return new ReaddirReply(Errno.None, entries);
            }

            raw.Name.CopyTo(name);
            name[raw.Name.Length] = 0;
            before = raw.Offset;
            if (Describe(in directory, in raw, name[..raw.Name.Length], xdata, withAttributes) is { } entry && !(skipDirectories && entry.Type == DirectoryType))
                entries.Add(entry);
        }
    }

    /// <summary>The entry as clients get it; null when it vanished meanwhile.</summary>
    private DirectoryEntry? Describe(in InodeRef directory, in RawEntry raw, ReadOnlySpan<byte> name, Xdata? xdata, bool withAttributes)
    {
        var text = ByteText.Decode(name);
        var type = (uint)raw.Type;
        // What lies above the root of the brick is no client's business.
        if (!withAttributes || (text == ".." && directory.Gfid.IsRoot))
        {
            if (type == UnknownType && Sys.Stat(directory.File, name, out var only) == Errno.None)
                type = TypeOf(only.Mode);
            return new DirectoryEntry(text, raw.Ino, raw.Offset, type);
        }

        if (Sys.Open(directory.File.Number, name, Sys.O_PATH | Sys.O_NOFOLLOW, 0, out var file) != Errno.None)
            return null;
        if (brick.ReadGfid(file!, out var gfid) != Errno.None)
        {
            // No gfid yet: the client's lookup will see to it.
            using (file)
                return Sys.Stat(file!, out var half) == Errno.None ? new DirectoryEntry(text, raw.Ino, raw.Offset, TypeOf(half.Mode)) : null;
        }

        using var found = new InodeRef(brick.Inodes.Acquire(gfid), file!, brick.Inodes);
        if (brick.Stat(in found, out var stat) != Errno.None)
            return null;
        return new DirectoryEntry(text, stat.Ino, raw.Offset, TypeOf(stat.Mode), stat, query.Answer(xdata, in found, in stat));
    }

    /// <summary>DT_* is the type part of the mode.</summary>
    private static uint TypeOf(uint mode) => (mode & Sys.S_IFMT) >> 12;
}
