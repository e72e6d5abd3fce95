using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>
/// What the brick remembers of one inode while somebody uses it, and for a while after: the lock for what must be atomic, its time stamps,
/// who has it open, and a handle kept open for calls that come without an fd.
/// </summary>
internal sealed class PosixInode(Gfid gfid)
{
    private Mdata _mdata;
    private MdataState _state;

    private enum MdataState
    {
        Unknown,
        Absent,
        Known,
    }

    public Gfid Gfid { get; } = gfid;

    /// <summary>Held while attributes are read and written as one step, and while opening and unlinking decide about the last name.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Held over stat, write and stat where a client wants those three as one step.</summary>
    public Lock WriteGate { get; } = new();

    /// <summary>Fds that clients hold open. Changed under <see cref="Gate"/>.</summary>
    public int OpenFds { get; set; }

    /// <summary>The last name went while it was open: the file lives on under <c>.glusterfs/unlink</c>. Changed under <see cref="Gate"/>.</summary>
    public bool Unlinked { get; set; }

    /// <summary>The handle under <c>.glusterfs</c> was seen to exist.</summary>
    public bool HandleSeen { get; set; }

    /// <summary>A regular file open for reading and writing, or a directory's O_PATH handle. The table's to close.</summary>
    public FileHandle? Cached { get; set; }

    // The table's own bookkeeping, under its lock.
    public int Users { get; set; }

    public bool Queued { get; set; }

    public bool UsedSinceQueued { get; set; }

    /// <summary>The stamps, from memory or from the file's attribute; null when it has none. Called under <see cref="Gate"/>.</summary>
    public Mdata? Times(XattrNames names, FileHandle file, bool open)
    {
        if (_state == MdataState.Unknown)
        {
            Span<byte> bytes = stackalloc byte[Mdata.Size];
            var errno = open ? Sys.GetXattrOpen(file, names.Mdata, bytes, out var length) : Sys.GetXattr(file, names.Mdata, bytes, out length);
            if (errno == Errno.None && Mdata.TryRead(bytes[..length], out _mdata))
                _state = MdataState.Known;
            else if (errno is Errno.ENODATA or Errno.None)
                _state = MdataState.Absent;
        }

        return _state == MdataState.Known ? _mdata : null;
    }

    /// <summary>Writes the stamps to the file and remembers them. Called under <see cref="Gate"/>.</summary>
    public Errno Store(XattrNames names, FileHandle file, bool open, in Mdata mdata)
    {
        if (_state == MdataState.Known && _mdata == mdata)
            return Errno.None;
        Span<byte> bytes = stackalloc byte[Mdata.Size];
        mdata.Write(bytes);
        var errno = open ? Sys.SetXattrOpen(file, names.Mdata, bytes, 0) : Sys.SetXattr(file, names.Mdata, bytes, 0);
        if (errno == Errno.None)
        {
            _mdata = mdata;
            _state = MdataState.Known;
        }

        return errno;
    }

    /// <summary>Forgets the stamps: the attribute was changed or removed by name, or the gfid now belongs to another file.</summary>
    public void ForgetTimes() => _state = MdataState.Unknown;
}
