namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>Names with a meaning to bricks, and which of them clients may see or change. Stock 10.3 answers the same.</summary>
internal static class XattrKeys
{
    public const string Gfid = "trusted.gfid";
    public const string VolumeId = "trusted.glusterfs.volume-id";
    public const string Mdata = "trusted.glusterfs.mdata";
    public const string Gfid2PathPrefix = "trusted.gfid2path.";
    public const string LinkTo = "trusted.glusterfs.dht.linkto";

    public const string GfidRequest = "gfid-req";
    public const string Content = "glusterfs.content";
    public const string OpenFdCount = "glusterfs.open-fd-count";
    public const string ActiveFdCount = "glusterfs.open-active-fd-count";
    public const string WriteIsAppend = "glusterfs.write-is-append";
    public const string WriteUpdateAtomic = "glusterfs.write-update-atomic";
    public const string InternalFop = "glusterfs-internal-fop";
    public const string PreopParentKey = "glusterfs.preop.parent.key";
    public const string PreopCheckFailed = "glusterfs.preop.check.failed";
    public const string ForceReplace = "force-replace";
    public const string SetCtimeMdata = "set-ctime-mdata";
    public const string ListXattr = "list-xattr";
    public const string GetSize = "get-size";
    public const string GetLinkCount = "get-link-count";
    public const string RequestLinkCount = "gf_request_link_count";
    public const string ResponseLinkCount = "gf_response_link_count";
    public const string FileBlockCount = "gf_get_file_block_count";
    public const string StatInXdata = "dht-get-iatt-in-xattr";
    public const string ModeInXdata = "dht-get-mode-in-xattr";
    public const string PreStat = "virt-gf-prestat";
    public const string PostStat = "virt-gf-poststat";
    public const string SkipNonLinkto = "unlink-only-if-dht-linkto-file";
    public const string SkipOpenFd = "dont-unlink-for-open-fd";
    public const string SkipDirectories = "readdir-filter-directories";
    public const string UnlinkedLookup = "unlinked-lookup";
    public const string ProtectFromExternalWrites = "trusted.glusterfs.protect.writes";
    public const string AvoidOverwrite = "glusterfs.avoid.overwrite";
    public const string PathInfo = "trusted.glusterfs.pathinfo";
    public const string NodeUuid = "trusted.glusterfs.node-uuid";
    public const string GfidToPath = "glusterfs.gfidtopath";
    public const string CheckZeroFilled = "check-zero-filled";
    public const string BufferHasZeroes = "buf-has-zeroes";
    public const string FipsChecksum = "fips-mode-rchecksum";

    /// <summary>The lowest pid of an ordinary client; below it are gluster's own processes, which see the internal attributes.</summary>
    private const int FirstInternalPid = 0;

    public static bool IsGfid2Path(string key) => key.StartsWith(Gfid2PathPrefix, StringComparison.Ordinal);

    /// <summary>Set by the brick alone: a client's value is dropped without an error.</summary>
    public static bool IsDropped(string key) => key is Gfid or VolumeId;

    /// <summary>Not to be read by a client: getxattr answers ENODATA and listings leave it out.</summary>
    public static bool IsHidden(string key, int pid) =>
        IsGfid2Path(key) || (key == Mdata && pid >= FirstInternalPid) || IsGeoReplication(key);

    /// <summary>Whether a request key of a lookup asks for nothing of the file itself.</summary>
    public static bool IsIgnorable(string key) => key is GfidRequest or InternalFop or "glusterfs.entrylk-count" or "glusterfs.inodelk-count"
        or "glusterfs.posixlk-count" or "glusterfs.parent-entrylk" or "gfidless-lookup" or "glusterfs.inodelk-dom-count";

    /// <summary>Whether a key of a new entry's xdata is an attribute to store with it.</summary>
    public static bool IsStoredAtCreation(string key) => !IsDropped(key) && !IsGfid2Path(key) && key != Mdata && Native.XattrNames.IsStored(key);

    private static bool IsGeoReplication(string key) =>
        key.Contains(".glusterfs.", StringComparison.Ordinal) &&
        (key.EndsWith(".stime", StringComparison.Ordinal) || key.EndsWith(".xtime", StringComparison.Ordinal) ||
         key.EndsWith(".entry_stime", StringComparison.Ordinal) || key.EndsWith(".glusterfs.lockinfo", StringComparison.Ordinal) ||
         key.Contains(".glusterfs.volume-mark.", StringComparison.Ordinal));
}
