using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Options;
using BlockProxy.Proxy.Translators.Cluster.Distribute;
using BlockProxy.Proxy.Translators.Debug;
using BlockProxy.Proxy.Translators.Features;
using BlockProxy.Proxy.Translators.Features.AccessControl;
using BlockProxy.Proxy.Translators.Features.Locks;
using BlockProxy.Proxy.Translators.Protocol.Client;
using BlockProxy.Proxy.Translators.Protocol.Server;
using BlockProxy.Proxy.Translators.Storage.Posix;

namespace BlockProxy.Proxy.Translators;

/// <summary>
/// The translator types this process has, by the names of stock volfiles. What is not here is refused by name: a volume must not be served with less
/// than its volfile asks for.
/// </summary>
public static class StockTranslators
{
    private const string CacheReason = "a cache in front of the bricks; without it every fop goes to them";
    private const string OrderReason = "it only batches or reorders what clients do; without it each fop goes to the bricks as it comes";
    private const string ThreadReason = "it only gives fops threads of their own, which this process does not need";
    private const string DebugReason = "a debugging aid that changes nothing of what is stored";

    public static TranslatorRegistry Registry { get; } = new TranslatorRegistry()
        .Add<ClientOptions>("protocol/client", static (context, options) => new ClientTranslator(context, options))
        .Add<DistributeOptions>("cluster/distribute", static (context, options) =>
            context.Declaration.Subvolumes.Count == 1 ? new DistributeOverOne() : new DistributeTranslator(context, options))
        .Add<UtimeOptions>("features/utime", static (context, options) => new UtimeTranslator(context, options))
        .Add<ReadOnlyOptions>("features/read-only", static (_, options) => new ReadOnlyTranslator(options))
        .Add<PosixOptions>(PosixTranslator.TypeName, static (context, options) => new PosixTranslator(options, context.Environment.Time, context.Logger))
        .Add<NoOptions>(AccessControlTranslator.TypeName, static (_, _) => new AccessControlTranslator())
        .Add<LocksOptions>(LocksTranslator.TypeName, static (context, options) => new LocksTranslator(options, context.Environment.Time))
        .Add<ServerOptions>(ServerTranslator.TypeName, static (context, options) =>
            new ServerTranslator(options, ServerAuth.From(context.Declaration.Options, options.StrictAuthAccept), context.Environment))
        .Add<NoOptions>("debug/io-stats", static (context, _) => new IoStatsTranslator(context))
        .AddPassThrough("performance/write-behind", OrderReason)
        .AddPassThrough("performance/read-ahead", CacheReason)
        .AddPassThrough("performance/readdir-ahead", CacheReason)
        .AddPassThrough("performance/io-cache", CacheReason)
        .AddPassThrough("performance/open-behind", OrderReason)
        .AddPassThrough("performance/quick-read", CacheReason)
        .AddPassThrough("performance/md-cache", CacheReason)
        .AddPassThrough("performance/nl-cache", CacheReason)
        .AddPassThrough("performance/io-threads", ThreadReason)
        .AddPassThrough("debug/trace", DebugReason)
        .AddPassThrough("debug/delay-gen", DebugReason)
        .AddPassThrough("debug/error-gen", DebugReason);
}
