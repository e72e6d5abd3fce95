using BlockProxy.Proxy.Fops;

namespace BlockProxy.UnitTests.Distribute;

/// <summary>One file or directory of a <see cref="FakeSubvolume"/>.</summary>
internal sealed class FakeFile(Gfid gfid, uint mode)
{
    public Gfid Gfid { get; } = gfid;

    public uint Mode { get; set; } = mode;

    public ulong Size { get; set; }

    public int Names { get; set; } = 1;

    public SortedDictionary<string, byte[]> Xattrs { get; } = new(StringComparer.Ordinal);

    public Iatt Stat => new() { Gfid = Gfid, Mode = Mode, Size = Size, Nlink = (uint)Names, Fields = IattFields.Brick };
}

/// <summary>
/// A brick of a few names in memory: enough of one for distribution, and with what goes wrong at bricks: being away, failing a fop, refusing because
/// the parent's layout changed. Its fops complete at once.
/// </summary>
internal sealed class FakeSubvolume : Translator
{
    private readonly Dictionary<(Gfid Parent, string Name), FakeFile> _names = [];
    private readonly Dictionary<Gfid, FakeFile> _files = [];

    public FakeSubvolume(string name)
    {
        Name = name;
        _files[Gfid.Root] = new FakeFile(Gfid.Root, 0x41ed);
    }

    /// <summary>Every fop fails with ENOTCONN.</summary>
    public bool Away { get; set; }

    /// <summary>Fops that came while it was away, each of which may have to wait.</summary>
    public int AskedWhileAway { get; private set; }

    /// <summary>The next fops of a kind fail with that error.</summary>
    public Dictionary<Fop, Errno> Failing { get; } = [];

    /// <summary>Whether <see cref="Calls"/> is written.</summary>
    public bool Record { get; set; } = true;

    /// <summary>The fops that came, in order, with the name they are about.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Locks held.</summary>
    public int Locks { get; private set; }

    public FakeFile Root => _files[Gfid.Root];

    public IEnumerable<string> NamesIn(Gfid parent) => _names.Keys.Where(k => k.Parent == parent).Select(k => k.Name).Order(StringComparer.Ordinal);

    public FakeFile? Find(Gfid parent, string name) => _names.GetValueOrDefault((parent, name));

    public FakeFile? Find(Gfid gfid) => _files.GetValueOrDefault(gfid);

    public FakeFile Put(Gfid parent, string name, FakeFile file)
    {
        _names[(parent, name)] = file;
        return _files[file.Gfid] = file;
    }

    public void Take(Gfid parent, string name)
    {
        if (_names.Remove((parent, name), out var file) && --file.Names == 0)
            _files.Remove(file.Gfid);
    }

    public void SetLayout(Gfid directory, uint start, uint stop, uint commit = 0) =>
        _files[directory].Xattrs["trusted.glusterfs.dht"] = new Proxy.Translators.Cluster.Distribute.LayoutRange(commit, 0, start, stop).ToBytes();

    public void Say(ChildEvent change) => RaiseEvent(change);

    public override ValueTask<LookupReply> LookupAsync(FopContext ctx, in LookupRequest request)
    {
        if (Refuses(Fop.Lookup, request.Loc.Name ?? "", out var errno))
            return new(LookupReply.Failed(errno));
        var file = request.Loc.Name is { } name ? Find(request.Loc.ParentGfid, name) : Find(request.Loc.Gfid);
        if (file is null)
            return new(LookupReply.Failed(Errno.ENOENT));
        var xdata = new Xdata();
        foreach (var (key, value) in file.Xattrs)
        {
            if (request.Xdata?.Contains(key) == true)
                xdata[key] = XdataValue.Bytes(value);
        }

        return new(new LookupReply(Errno.None, file.Stat, Xdata: xdata));
    }

    public override ValueTask<CreateReply> CreateAsync(FopContext ctx, in CreateRequest request)
    {
        if (Refuses(Fop.Create, request.Loc.Name!, out var errno))
            return new(CreateReply.Failed(errno));
        if (ParentChanged(request.Loc, request.Xdata) is { } changed)
            return new(CreateReply.Failed(Errno.EIO, changed));
        if (Find(request.Loc.ParentGfid, request.Loc.Name!) is not null)
            return new(CreateReply.Failed(Errno.EEXIST));
        return new(new CreateReply(Errno.None, Put(request.Loc.ParentGfid, request.Loc.Name!, new FakeFile(request.Fd.Inode.Gfid, 0x8000 | request.Mode)).Stat));
    }

    public override ValueTask<EntryReply> MknodAsync(FopContext ctx, in MknodRequest request)
    {
        if (Refuses(Fop.Mknod, request.Loc.Name!, out var errno))
            return new(EntryReply.Failed(errno));
        var replace = request.Xdata?.Contains("force-replace") == true;
        if (Find(request.Loc.ParentGfid, request.Loc.Name!) is not null && !replace)
            return new(EntryReply.Failed(Errno.EEXIST));
        request.Xdata!["gfid-req"].TryGetGfid(out var gfid);
        var file = Find(gfid) ?? new FakeFile(gfid, request.Mode);
        foreach (var (key, value) in request.Xdata)
        {
            if (key.StartsWith("trusted.", StringComparison.Ordinal) && value.AsBytes() is { } bytes)
                file.Xattrs[key] = [.. bytes, 0];
        }

        return new(new EntryReply(Errno.None, Put(request.Loc.ParentGfid, request.Loc.Name!, file).Stat));
    }

    public override ValueTask<EntryReply> MkdirAsync(FopContext ctx, in MkdirRequest request)
    {
        if (Refuses(Fop.Mkdir, request.Loc.Name!, out var errno))
            return new(EntryReply.Failed(errno));
        if (ParentChanged(request.Loc, request.Xdata) is { } changed)
            return new(EntryReply.Failed(Errno.EIO, changed));
        if (Find(request.Loc.ParentGfid, request.Loc.Name!) is not null)
            return new(EntryReply.Failed(Errno.EEXIST));
        request.Xdata!["gfid-req"].TryGetGfid(out var gfid);
        return new(new EntryReply(Errno.None, Put(request.Loc.ParentGfid, request.Loc.Name!, new FakeFile(gfid, 0x4000 | request.Mode)).Stat));
    }

    public override ValueTask<EntryReply> LinkAsync(FopContext ctx, in LinkRequest request)
    {
        if (Refuses(Fop.Link, request.New.Name!, out var errno))
            return new(EntryReply.Failed(errno));
        if (Find(request.Old.Gfid) is not { } file)
            return new(EntryReply.Failed(Errno.ESTALE));
        file.Names++;
        return new(new EntryReply(Errno.None, Put(request.New.ParentGfid, request.New.Name!, file).Stat));
    }

    public override ValueTask<PrePostReply> UnlinkAsync(FopContext ctx, in UnlinkRequest request)
    {
        if (Refuses(Fop.Unlink, request.Loc.Name!, out var errno))
            return new(PrePostReply.Failed(errno));
        if (Find(request.Loc.ParentGfid, request.Loc.Name!) is null)
            return new(PrePostReply.Failed(Errno.ENOENT));
        Take(request.Loc.ParentGfid, request.Loc.Name!);
        return new(new PrePostReply(Errno.None));
    }

    public override ValueTask<PrePostReply> RmdirAsync(FopContext ctx, in RmdirRequest request)
    {
        if (Refuses(Fop.Rmdir, request.Loc.Name!, out var errno))
            return new(PrePostReply.Failed(errno));
        if (Find(request.Loc.ParentGfid, request.Loc.Name!) is not { } directory)
            return new(PrePostReply.Failed(Errno.ENOENT));
        if (NamesIn(directory.Gfid).Any())
            return new(PrePostReply.Failed(Errno.ENOTEMPTY));
        Take(request.Loc.ParentGfid, request.Loc.Name!);
        return new(new PrePostReply(Errno.None));
    }

    public override ValueTask<RenameReply> RenameAsync(FopContext ctx, in RenameRequest request)
    {
        if (Refuses(Fop.Rename, request.New.Name!, out var errno))
            return new(RenameReply.Failed(errno));
        if (!_names.Remove((request.Old.ParentGfid, request.Old.Name!), out var file))
            return new(RenameReply.Failed(Errno.ENOENT));
        Take(request.New.ParentGfid, request.New.Name!);
        return new(new RenameReply(Errno.None, Put(request.New.ParentGfid, request.New.Name!, file).Stat));
    }

    public override ValueTask<StatusReply> SetxattrAsync(FopContext ctx, in SetxattrRequest request)
    {
        if (Refuses(Fop.Setxattr, "", out var errno))
            return new(StatusReply.Failed(errno));
        if (Find(request.Loc.Gfid) is not { } file)
            return new(StatusReply.Failed(Errno.ESTALE));
        foreach (var (key, value) in request.Values)
            file.Xattrs[key] = value.AsBytes()!;
        return new(default(StatusReply));
    }

    public override ValueTask<PrePostReply> SetattrAsync(FopContext ctx, in SetattrRequest request)
    {
        if (Refuses(Fop.Setattr, "", out var errno))
            return new(PrePostReply.Failed(errno));
        if (Find(request.Loc.Gfid) is { } file && (request.Valid & SetattrFields.Mode) != 0)
            file.Mode = (file.Mode & 0xf000) | request.Attributes.Permissions;
        return new(new PrePostReply(Errno.None));
    }

    public override ValueTask<StatusReply> OpenAsync(FopContext ctx, in OpenRequest request) =>
        Refuses(Fop.Open, "", out var errno) ? new(StatusReply.Failed(errno))
        : new(Find(request.Loc.Gfid) is null ? StatusReply.Failed(Errno.ESTALE) : default);

    public override ValueTask<StatusReply> ReleaseAsync(FopContext ctx, in ReleaseRequest request) =>
        new(Refuses(Fop.Release, "", out var errno) ? StatusReply.Failed(errno) : default);

    public override ValueTask<WriteReply> WriteAsync(FopContext ctx, in WriteRequest request)
    {
        if (Refuses(Fop.Write, "", out var errno))
            return new(WriteReply.Failed(errno));
        if (Find(request.Fd.Inode.Gfid) is not { } file)
            return new(WriteReply.Failed(Errno.EBADF));
        file.Size = Math.Max(file.Size, (ulong)(request.Offset + request.Data.Length));
        return new(new WriteReply(Errno.None, request.Data.Length, Post: file.Stat));
    }

    public override ValueTask<ReadReply> ReadAsync(FopContext ctx, in ReadRequest request) =>
        Refuses(Fop.Read, "", out var errno) ? new(ReadReply.Failed(errno)) : new(new ReadReply(Errno.None, 0, Find(request.Fd.Inode.Gfid)!.Stat));

    public override ValueTask<StatusReply> OpendirAsync(FopContext ctx, in OpendirRequest request) =>
        Refuses(Fop.Opendir, "", out var errno) ? new(StatusReply.Failed(errno))
        : new(Find(request.Loc.Gfid) is null ? StatusReply.Failed(Errno.ENOENT) : default);

    public override ValueTask<StatusReply> ReleasedirAsync(FopContext ctx, in ReleasedirRequest request) => new(default(StatusReply));

    public override ValueTask<ReaddirReply> ReaddirpAsync(FopContext ctx, in ReaddirpRequest request)
    {
        if (Refuses(Fop.Readdirp, "", out var errno))
            return new(ReaddirReply.Failed(errno));
        if (request.Offset != 0)
            return new(new ReaddirReply(Errno.None, [], EndOfDirectory: true));
        var directory = request.Fd.Inode.Gfid;
        var entries = NamesIn(directory).Select(name =>
        {
            var file = Find(directory, name)!;
            var xdata = file.Xattrs.TryGetValue("trusted.glusterfs.dht.linkto", out var linkto) ? new Xdata { ["trusted.glusterfs.dht.linkto"] = XdataValue.Bytes(linkto) } : null;
            return new DirectoryEntry(name, 1, 1, 8, file.Stat, xdata);
        });
        return new(new ReaddirReply(Errno.None, [.. entries]));
    }

    public override ValueTask<StatFsReply> StatfsAsync(FopContext ctx, in StatfsRequest request) =>
        new(Refuses(Fop.Statfs, "", out var errno) ? StatFsReply.Failed(errno) : new(Errno.None, new StatFs(4096, 4096, 1000, 600, 500, 100, 60, 50, 1, 0, 255)));

    public override ValueTask<StatusReply> InodelkAsync(FopContext ctx, in InodelkRequest request) =>
        new(Lock(Fop.Inodelk, $"{request.Domain}", request.Lock.Type == LkType.Unlock));

    public override ValueTask<StatusReply> EntrylkAsync(FopContext ctx, in EntrylkRequest request) =>
        new(Lock(Fop.Entrylk, request.Name!, request.Command == EntrylkCommand.Unlock));

    private StatusReply Lock(Fop fop, string what, bool unlock)
    {
        if (Refuses(fop, what, out var errno))
            return StatusReply.Failed(errno);
        Locks += unlock ? -1 : 1;
        return default;
    }

    private Xdata? ParentChanged(Loc loc, Xdata? xdata)
    {
        if (xdata?.Contains("glusterfs.preop.parent.key") != true || Find(loc.ParentGfid) is not { } parent)
            return null;
        var expected = xdata["trusted.glusterfs.dht"].AsBytes();
        return parent.Xattrs.TryGetValue("trusted.glusterfs.dht", out var actual) && actual.AsSpan().SequenceEqual(expected)
            ? null
            : new Xdata { ["glusterfs.preop.check.failed"] = XdataValue.Int(1) };
    }

    private bool Refuses(Fop fop, string what, out Errno errno)
    {
        errno = Errno.ENOTCONN;
        if (Away)
        {
            AskedWhileAway++;
            return true;
        }

        if (Record)
            Calls.Add(what.Length > 0 ? $"{fop} {what}" : $"{fop}");
        return Failing.Remove(fop, out errno);
    }
}
