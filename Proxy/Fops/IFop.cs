namespace BlockProxy.Proxy.Fops;

/// <summary>What every reply can say: that it failed, and how. Errors inside the stack are values.</summary>
public interface IReply<TSelf>
    where TSelf : struct, IReply<TSelf>
{
    /// <summary><see cref="Errno.None"/> on success.</summary>
    Errno Errno { get; }

    Xdata? Xdata { get; }

    /// <summary>A reply with that error and nothing else.</summary>
    static abstract TSelf Failed(Errno errno, Xdata? xdata = null);
}

/// <summary>A request that knows its own fop, so that one generic method can stand around all of them without boxing.</summary>
public interface IFop<TSelf, TReply>
    where TSelf : struct, IFop<TSelf, TReply>
    where TReply : struct, IReply<TReply>
{
    static abstract Fop Number { get; }

    /// <summary>Calls this fop's method of <paramref name="next"/>.</summary>
    static abstract ValueTask<TReply> WindAsync(Translator next, FopContext ctx, in TSelf request);

    Xdata? Xdata { get; }
}
