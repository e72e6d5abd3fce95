using System.Buffers.Binary;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>The extended attributes and dictionary keys of cluster/distribute, and what is asked with them.</summary>
internal static class DistributeKeys
{
    public const string Layout = "trusted.glusterfs.dht";

    /// <summary>The name of the subvolume that has the data, with its NUL.</summary>
    public const string Linkto = "trusted.glusterfs.dht.linkto";

    /// <summary>Marks the subvolume whose copy of a directory's attributes counts.</summary>
    public const string Mds = "trusted.glusterfs.dht.mds";

    /// <summary>On the root: the volume's commit hash.</summary>
    public const string CommitHash = "trusted.glusterfs.dht.commithash";

    /// <summary>Names the xattr of the parent that must be as the call carries it, or the brick refuses.</summary>
    public const string PreopParentKey = "glusterfs.preop.parent.key";

    /// <summary>In the reply: refused for that reason.</summary>
    public const string PreopCheckFailed = "glusterfs.preop.check.failed";

    public const string GfidRequest = "gfid-req";
    public const string ForceReplace = "force-replace";
    public const string InternalFop = "glusterfs-internal-fop";
    public const string DontAccount = "glusters.marker.dont-account";
    public const string RenameHint = "changelog.rename-op";
    public const string IattInXattr = "dht-get-iatt-in-xattr";
    public const string IgnoreDeemStatfs = "ignore-deem-statfs";

    /// <summary>Lock domains, as stock clients name them.</summary>
    public const string LayoutDomain = "dht.layout.heal";
    public const string EntryDomain = "dht.entry.sync";
    public const string MigrateDomain = "dht.file.migrate";

    private static readonly XdataValue Yes = XdataValue.String("yes");

    /// <summary>A lookup's dictionary with what distribution has to know.</summary>
    public static Xdata ForLookup(Xdata? asked, bool isRoot)
    {
        var xdata = asked?.Copy() ?? new Xdata();
        xdata[Layout] = XdataValue.UInt(LayoutRange.Size);
        xdata[Linkto] = XdataValue.UInt(256);
        if (isRoot)
            xdata[CommitHash] = XdataValue.UInt(4);
        return xdata;
    }

    public static Xdata ForListing(Xdata? asked) => Xdata.With(asked, Linkto, XdataValue.UInt(256));

    public static Xdata Internal() => new() { [InternalFop] = Yes };

    public static Xdata InternalUnaccounted() => new() { [DontAccount] = Yes, [InternalFop] = Yes };

    /// <summary>What a new link file is made with.</summary>
    public static Xdata ForLinkto(string subvolume, Gfid gfid, bool replace)
    {
        var xdata = new Xdata { [Linkto] = XdataValue.String(subvolume), [GfidRequest] = XdataValue.Gfid(gfid) };
        if (replace)
            xdata[ForceReplace] = Yes;
        xdata[InternalFop] = Yes;
        return xdata;
    }

    /// <summary>What a hard link made on the way to a rename carries.</summary>
    public static Xdata ForRenameLink() => new() { [ForceReplace] = Yes, [DontAccount] = Yes, [InternalFop] = Yes };

    /// <summary>Lets the brick check that the parent's layout is still the one that the choice of subvolume was made by.</summary>
    public static Xdata WithParentLayout(Xdata? xdata, LayoutRange range)
    {
        var with = xdata?.Copy() ?? new Xdata();
        with[Layout] = XdataValue.Bytes(range.ToBytes());
        with[PreopParentKey] = XdataValue.String(Layout);
        return with;
    }

    /// <summary>
    /// What a brick's changelog writes of a rename: both parents, i32 little-endian lengths of both names with their NUL, the names, and the four bytes
    /// that the structure's padding adds.
    /// </summary>
    public static XdataValue RenameHintOf(Loc old, Loc @new)
    {
        var oldName = ByteText.Encode(old.Name!);
        var newName = ByteText.Encode(@new.Name!);
        var hint = new byte[32 + 8 + oldName.Length + newName.Length + 2 + 4];
        old.ParentGfid.Write(hint);
        @new.ParentGfid.Write(hint.AsSpan(16));
        BinaryPrimitives.WriteInt32LittleEndian(hint.AsSpan(32), oldName.Length + 1);
        BinaryPrimitives.WriteInt32LittleEndian(hint.AsSpan(36), newName.Length + 1);
        oldName.CopyTo(hint, 40);
        newName.CopyTo(hint, 40 + oldName.Length + 1);
        return XdataValue.Bytes(hint);
    }
}
