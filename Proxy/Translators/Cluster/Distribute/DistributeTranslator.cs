using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Translators.Protocol.Client;
using BlockProxy.Volgen;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>
/// cluster/distribute over several subvolumes: each file is on one of them, directories are on all. Fops on files go to the subvolume the inode
/// remembers and come back untouched; what concerns names is in NameLookup, NewEntries, LinkAndUnlink, FileRename, DirectoryCreation, DirectoryRemoval,
/// DirectoryRename and Listing. gluster-translators section 5; the sequences of calls are those of stock clients.
/// </summary>
public sealed partial class DistributeTranslator : Translator<DistributeOptions>
{
    /// <summary>Pid -4 marks an internal client that root-squash does not apply to. gluster-rpc section 3.</summary>
    private static readonly Caller InternalCaller = new() { Pid = -4 };

    private readonly ILogger _logger;
    private readonly InodeTable _inodes;
    private readonly Lock _gate = new();
    private readonly int[] _childOfLeaf;
    private readonly NameLookup _lookup;
    private readonly NewEntries _newEntries;
    private readonly LinkAndUnlink _links;
    private readonly FileRename _fileRename;
    private readonly DirectoryCreation _directoryCreation;
    private readonly DirectoryRemoval _directoryRemoval;
    private readonly DirectoryRename _directoryRename;
    private readonly Listing _listing;
    private DistributeHash _hash;
    private bool?[] _up = [];
    private bool _reported;
    private bool _told;
    private long _volumeCommitHash = -1;
    private long _lockOwners;

    public DistributeTranslator(TranslatorContext context, DistributeOptions options)
        : base(options)
    {
        ArgumentNullException.ThrowIfNull(context);
        _logger = context.Logger;
        _inodes = context.Environment.Inodes;
        _hash = new DistributeHash(options.RsyncHashRegex, options.ExtraHashRegex);
        _childOfLeaf = LeavesOf(context.Volfile, context.Declaration);
        lock (context.Environment.Random)
            _lockOwners = context.Environment.Random.NextInt64();
        var sizes = new SubvolumeSizes(this, context.Environment.Time);
        Heal = new LayoutHeal(this, sizes);
        _lookup = new NameLookup(this);
        _newEntries = new NewEntries(this);
        _links = new LinkAndUnlink(this);
        _fileRename = new FileRename(this);
        _directoryCreation = new DirectoryCreation(this, sizes);
        _directoryRemoval = new DirectoryRemoval(this);
        _directoryRename = new DirectoryRename(this);
        _listing = new Listing(this);
    }

    internal ILogger Logger => _logger;

    internal LayoutHeal Heal { get; }

    internal NameLookup Names => _lookup;

    /// <summary>The volume's commit hash, 0 while it was never rebalanced; null until a lookup of the root has seen it.</summary>
    internal uint? VolumeCommitHash
    {
        get => Volatile.Read(ref _volumeCommitHash) is >= 0 and var known ? (uint)known : null;
        set => Volatile.Write(ref _volumeCommitHash, value is { } known ? known : -1);
    }

    public override string? CheckChildren() => Children.Count >= 2 ? null : $"has {Children.Count} subvolumes; this form of it takes two or more";

    /// <summary>
    /// The first word upwards comes when every child has spoken; from then on it is up as long as any child is. gluster-translators section 12.
    /// </summary>
    protected internal override void OnChildEvent(Translator child, ChildEvent change)
    {
        ChildEvent? tell = null;
        lock (_gate)
        {
            var at = IndexOf(child);
            if (_up.Length == 0)
                _up = new bool?[Children.Count]; // children start first, and may speak before this translator is started
            if (change is ChildEvent.Up or ChildEvent.Down)
                _up[at] = change == ChildEvent.Up;
            if (_up.Any(u => u is null))
                return;
            var any = _up.Any(u => u == true);
            if (any != _reported || !_told)
                tell = any ? ChildEvent.Up : ChildEvent.Down;
            else
                tell = change is ChildEvent.Up or ChildEvent.SomeDescendentUp ? ChildEvent.SomeDescendentUp : ChildEvent.SomeDescendentDown;
            (_reported, _told) = (any, true);
        }

        RaiseEvent(tell.Value);
    }

    protected override void OnReconfigured(DistributeOptions old, DistributeOptions current) =>
        Volatile.Write(ref _hash, new DistributeHash(current.RsyncHashRegex, current.ExtraHashRegex));

    internal DistributedInode Of(Inode inode) => inode.GetOrAddSlot(Slot, 0, static _ => new DistributedInode());

    internal DistributedInode? Known(Inode inode) => inode.GetSlot<DistributedInode>(Slot);

    internal Inode InodeOf(Gfid gfid) => _inodes.Get(gfid);

    /// <summary>A file was found on that subvolume.</summary>
    internal void Remember(Gfid gfid, int cached) => Of(_inodes.Get(gfid)).Cached = cached;

    /// <summary>A directory has that layout.</summary>
    internal void Remember(Gfid gfid, DirectoryLayout layout) => Of(_inodes.Get(gfid)).Layout = layout;

    internal int IndexOf(string subvolume)
    {
        for (var i = 0; i < Children.Count; i++)
        {
            if (Children[i].Name == subvolume)
                return i;
        }

        return -1;
    }

    internal uint HashOf(string name) => Volatile.Read(ref _hash).OfName(name);

    /// <summary>Which child a directory cookie came from.</summary>
    internal int ChildOfCookie(ulong cookie)
    {
        var leaf = DirectoryOffset.LeafOf(cookie, _childOfLeaf.Length);
        return leaf < _childOfLeaf.Length ? _childOfLeaf[leaf] : Children.Count;
    }

    /// <summary>The first child that is up, as far as is known; the first one when none is.</summary>
    internal int FirstUp()
    {
        lock (_gate)
        {
            var up = Array.IndexOf(_up, true);
            return up < 0 ? 0 : up;
        }
    }

    internal bool IsUp(int child)
    {
        lock (_gate)
            return child < _up.Length && _up[child] == true;
    }

    /// <summary>Whether the child has said that it is down.</summary>
    internal bool IsAway(int child)
    {
        lock (_gate)
            return child < _up.Length && _up[child] == false;
    }

    /// <summary>A context for a transaction's locks, whose owner no other transaction has.</summary>
    internal FopContext LockContext(in FopContext ctx) => ctx with { LockOwner = LkOwner.From((ulong)Interlocked.Increment(ref _lockOwners)) };

    /// <summary>A context for what distribution does on its own account: with root's rights, squashed or not.</summary>
    internal static FopContext InternalContext(in FopContext ctx) => ctx with { Identity = InternalCaller };

    /// <summary>Calls every child at once and waits for all.</summary>
    internal async ValueTask<TReply[]> OnAllAsync<TFop, TReply>(FopContext ctx, TFop request)
        where TFop : struct, IFop<TFop, TReply>
        where TReply : struct, IReply<TReply>
    {
        var pending = new Task<TReply>[Children.Count];
        for (var i = 0; i < pending.Length; i++)
            pending[i] = TFop.WindAsync(Children[i], ctx, in request).AsTask();
        return await Task.WhenAll(pending);
    }

    /// <summary>
    /// The same without waiting for a child that is known to be away: it counts as answering ENOTCONN. For questions whose answer the others have.
    /// </summary>
    internal async ValueTask<TReply[]> OnThoseUpAsync<TFop, TReply>(FopContext ctx, TFop request)
        where TFop : struct, IFop<TFop, TReply>
        where TReply : struct, IReply<TReply>
    {
        var pending = new Task<TReply>[Children.Count];
        for (var i = 0; i < pending.Length; i++)
            pending[i] = IsAway(i) ? Task.FromResult(TReply.Failed(Errno.ENOTCONN)) : TFop.WindAsync(Children[i], ctx, in request).AsTask();
        return await Task.WhenAll(pending);
    }

    private int IndexOf(Translator child)
    {
        for (var i = 0; i < Children.Count; i++)
        {
            if (ReferenceEquals(Children[i], child))
                return i;
        }

        throw new ArgumentException("not a child of this translator", nameof(child));
    }

    /// <summary>For each protocol/client of the graph, in leaf order, the child it is below. Leaves elsewhere in the graph belong to no child.</summary>
    private static int[] LeavesOf(Volfile volfile, VolumeDeclaration self)
    {
        var leaves = DirectoryOffset.LeavesBelow(volfile, volfile.Top);
        var children = new int[leaves.Count];
        Array.Fill(children, int.MaxValue);
        for (var child = 0; child < self.Subvolumes.Count; child++)
        {
            if (volfile.FindVolume(self.Subvolumes[child]) is not { } declared)
                continue;
            foreach (var leaf in DirectoryOffset.LeavesBelow(volfile, declared))
                children[leaves.IndexOf(leaf)] = child;
        }

        return children;
    }
}
