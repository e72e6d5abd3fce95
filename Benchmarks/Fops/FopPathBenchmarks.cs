using BenchmarkDotNet.Attributes;
using BlockProxy.Proxy.Fops;

namespace BlockProxy.Benchmarks.Fops;

/// <summary>A 4 KiB write through translators that change nothing: what a layer costs, and that it allocates nothing.</summary>
[MemoryDiagnoser]
public class FopPathBenchmarks
{
    private Translator _top = new Brick();
    private WriteRequest _request;

    /// <summary>Layers above the brick.</summary>
    [Params(0, 10)]
    public int Layers { get; set; }

    /// <summary>Whether each layer stands around every fop (as statistics do) or inherits the default (as one that overrides other fops).</summary>
    [Params(false, true)]
    public bool Intercepting { get; set; }

    [GlobalSetup]
    public void Build()
    {
        _top = new Brick();
        for (var i = 0; i < Layers; i++)
        {
            Translator layer = Intercepting ? new Around() : new Plain();
            layer.Adopt([_top]);
            _top = layer;
        }

        _request = new WriteRequest(new Fd(new Inode(new Gfid(1, 2)), OpenFlags.ReadWrite), 8192, new byte[4096]);
    }

    [Benchmark]
    public async ValueTask<int> Write() => (await _top.WriteAsync(default, in _request)).Count;

    private sealed class Plain : Translator;

    private sealed class Around : InterceptingTranslator
    {
        protected override ValueTask<TReply> AroundAsync<TFop, TReply>(FopContext ctx, in TFop request) => TFop.WindAsync(Next, ctx, in request);
    }

    private sealed class Brick : Translator
    {
        public override ValueTask<WriteReply> WriteAsync(FopContext ctx, in WriteRequest request) => new(new WriteReply(Errno.None, request.Data.Length));
    }
}
