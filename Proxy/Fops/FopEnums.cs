namespace BlockProxy.Proxy.Fops;

/// <summary>What fallocate is to do; punching holes is discard, zeroing is zerofill.</summary>
[Flags]
public enum FallocateFlags : uint
{
    /// <summary>The file is extended when the range reaches beyond its end.</summary>
    None = 0,
    KeepSize = 1,
}

/// <summary>The numbers of the wire, not of lseek(2). gluster-rpc section 8.</summary>
public enum SeekWhat
{
    Data = 0,
    Hole = 1,
}

/// <summary>Which fields setattr sets. gluster-rpc section 8.</summary>
[Flags]
public enum SetattrFields
{
    None = 0,
    Mode = 1,
    Uid = 2,
    Gid = 4,
    Size = 8,
    Atime = 0x10,
    Mtime = 0x20,
    Ctime = 0x40,
    AtimeNow = 0x80,
    MtimeNow = 0x100,
}

[Flags]
public enum SetxattrFlags : uint
{
    None = 0,

    /// <summary>Fail with EEXIST if the attribute is there.</summary>
    Create = 1,

    /// <summary>Fail with ENODATA if it is not.</summary>
    Replace = 2,
}

/// <summary>The arithmetic of (f)xattrop. gluster-rpc section 8; lanes are big-endian.</summary>
public enum XattropKind : uint
{
    AddArray = 0,
    AddArray64 = 1,
    OrArray = 2,
    AndArray = 3,
    GetAndSet = 4,
    AddArrayWithDefault = 5,
    AddArray64WithDefault = 6,
}

/// <summary>Commands of lk and (f)inodelk.</summary>
public enum LkCommand : uint
{
    Get = 0,
    Set = 1,

    /// <summary>Wait until granted.</summary>
    SetWait = 2,
    ReserveLock = 3,
    ReserveLockWait = 4,
    ReserveUnlock = 5,
    GetFd = 6,
}

public enum LkType : uint
{
    Read = 0,
    Write = 1,
    Unlock = 2,
}

/// <summary>A byte range lock. gluster-rpc section 6.4.</summary>
/// <param name="Type">Shared, exclusive, or none.</param>
/// <param name="Start">First byte.</param>
/// <param name="Length">Bytes; 0 reaches to the end of the file.</param>
/// <param name="Whence">0: the start is absolute.</param>
/// <param name="Pid">The process that locked.</param>
/// <param name="Owner">In answers, who holds it. In requests the owner of the context counts.</param>
public readonly record struct FileLock(LkType Type, long Start, long Length, uint Whence = 0, uint Pid = 0, LkOwner Owner = default);

public enum EntrylkCommand : uint
{
    Lock = 0,
    Unlock = 1,
    LockNonBlocking = 2,
}

public enum EntrylkType : uint
{
    Read = 0,
    Write = 1,
}

/// <summary>A lease as it is asked for and granted. gluster-rpc section 6.5.</summary>
/// <param name="Command">1 get, 2 set, 3 unlock.</param>
/// <param name="Type">0 none, 1 read, 2 read-write.</param>
/// <param name="Id">16 bytes.</param>
public readonly record struct LeaseRequestBody(uint Command, uint Type, Gfid Id, uint Flags = 0);

/// <summary>A lock with the client that holds it.</summary>
public readonly record struct ActiveLock(FileLock Lock, string Client, uint Flags = 0);

/// <summary>One name in a directory.</summary>
/// <param name="Name">Without slashes; <c>.</c> and <c>..</c> are listed.</param>
/// <param name="Ino">The inode number.</param>
/// <param name="Offset">The cookie of the next entry.</param>
/// <param name="Type">DT_* of dirent(3): 4 directory, 8 regular file, 10 link.</param>
/// <param name="Stat">Attributes, from readdirp.</param>
public sealed record DirectoryEntry(string Name, ulong Ino, ulong Offset, uint Type, Iatt Stat = default, Xdata? Xdata = null);
