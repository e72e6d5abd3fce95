using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Features.AccessControl;

/// <summary>What a caller wants to do: the bits of one class of st_mode.</summary>
[Flags]
internal enum Want : uint
{
    Existence = 0,
    Execute = 1,
    Write = 2,
    Read = 4,
}

/// <summary>The rules of st_mode: owner, group, others; the sticky bit; who may change what.</summary>
internal static class Permission
{
    private const uint Sticky = 0x200;
    private const uint SetGid = 0x400;

    /// <summary>Root, and gluster's own processes, may do everything.</summary>
    public static bool IsFree(Caller caller) => caller.Uid == 0 || caller.Pid < 0;

    public static bool Allows(in Iatt file, Caller caller, Want want)
    {
        if (IsFree(caller))
            return true;
        var bits = file.Permissions;
        var shift = caller.Uid == file.Uid ? 6 : IsIn(caller, file.Gid) ? 3 : 0;
        return (bits >> shift & (uint)want) == (uint)want;
    }

    /// <summary>In a sticky directory only its owner and the entry's owner remove or rename an entry.</summary>
    public static bool AllowsRemoval(in Iatt directory, in Iatt entry, Caller caller) =>
        IsFree(caller) || (directory.Mode & Sticky) == 0 || caller.Uid == directory.Uid || caller.Uid == entry.Uid;

    /// <summary>Whether attributes may be set so, and the mode that is to be set then.</summary>
    public static Errno CheckSetattr(in Iatt file, Caller caller, SetattrFields valid, in Iatt wanted, out uint mode)
    {
        mode = wanted.Mode;
        var owns = caller.Uid == file.Uid;
        if ((valid & SetattrFields.Mode) != 0)
        {
            if (!owns)
                return Errno.EPERM;
            if (!IsIn(caller, file.Gid))
                mode &= ~SetGid;
        }

        if ((valid & (SetattrFields.Atime | SetattrFields.Mtime)) != 0 && !owns && !Allows(in file, caller, Want.Write))
            return Errno.EACCES;
        if ((valid & SetattrFields.Uid) != 0 && wanted.Uid != file.Uid)
            return Errno.EPERM;
        return (valid & SetattrFields.Gid) != 0 && !(owns && IsIn(caller, wanted.Gid)) ? Errno.EPERM : Errno.None;
    }

    private static bool IsIn(Caller caller, uint group) => caller.Gid == group || caller.Groups.Contains(group);
}
