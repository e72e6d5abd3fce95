using BlockProxy.Volgen;

namespace BlockProxy.Proxy.Fops;

/// <summary>What a translator tells the one above it about the bricks below.</summary>
public enum ChildEvent
{
    /// <summary>The child can serve.</summary>
    Up,

    /// <summary>The child cannot serve: every fop to it fails with ENOTCONN.</summary>
    Down,

    /// <summary>Something below a child changed, but the child itself serves on.</summary>
    SomeDescendentUp,

    SomeDescendentDown,
}

/// <summary>
/// A layer of a graph. Fops come from above and go on to the children; events come from the children and go on up. The fops themselves are in
/// Translator.Fops.cs.
/// </summary>
public abstract partial class Translator
{
    private Translator[] _children = [];
    private Translator? _parent;

    /// <summary>The name in the volfile; lock domains and linkto files use it.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>The type in the volfile, such as <c>cluster/distribute</c>.</summary>
    public string Type { get; internal set; } = "";

    /// <summary>The translator's number, under which it keeps its context on inodes and fds.</summary>
    public int Slot { get; internal set; }

    /// <summary>The only child, or the first one.</summary>
    public Translator Next { get; internal set; } = NoChild.Instance;

    public IReadOnlyList<Translator> Children => _children;

    /// <summary>Whether it has the children it needs: null, or what is wrong, as the end of a sentence that began with its name.</summary>
    public virtual string? CheckChildren() => null;

    /// <summary>Starts what runs by itself (connections, timers). Called once when the graph is complete, parents first.</summary>
    public virtual void Start()
    {
    }

    /// <summary>Stops it: connections close, calls in progress are answered with ENOTCONN. Called once, top first.</summary>
    public virtual ValueTask StopAsync() => default;

    /// <summary>Whether these options could be bound: null, or what is wrong with them.</summary>
    public virtual string? CheckOptions(IReadOnlyList<VolfileOption> declared) => null;

    /// <summary>Binds new options that <see cref="CheckOptions"/> accepted; fops in flight keep the old ones.</summary>
    public virtual void Reconfigure(IReadOnlyList<VolfileOption> declared)
    {
    }

    /// <summary>A child's state changed. A translator with one child is as its child is.</summary>
    protected internal virtual void OnChildEvent(Translator child, ChildEvent change) => RaiseEvent(change);

    /// <summary>Tells the translator above.</summary>
    protected void RaiseEvent(ChildEvent change)
    {
        _parent?.OnChildEvent(this, change);
        Changed?.Invoke(change);
    }

    /// <summary>The same events, for whoever holds the top of a graph.</summary>
    internal event Action<ChildEvent>? Changed;

    /// <summary>Puts the children below this translator. Called once, by the graph builder.</summary>
    internal void Adopt(IReadOnlyList<Translator> children)
    {
        _children = [.. children];
        if (_children.Length > 0)
            Next = _children[0];
        foreach (var child in _children)
            child._parent = this;
    }

    /// <summary>Below the lowest translator: nothing serves a fop that nobody implemented.</summary>
    private sealed class NoChild : InterceptingTranslator
    {
        public static readonly NoChild Instance = new();

        protected override ValueTask<TReply> AroundAsync<TFop, TReply>(FopContext ctx, in TFop request) =>
            new(TReply.Failed(Errno.EOPNOTSUPP));
    }
}
