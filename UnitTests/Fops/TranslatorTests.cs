using System.Reflection;
using BlockProxy.Proxy.Fops;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Fops;

public sealed class TranslatorTests
{
    [Test]
    public void A_translator_has_one_virtual_method_per_fop()
    {
        var methods = FopMethods(typeof(Translator)).Select(m => m.Name[..^"Async".Length]).Order(StringComparer.Ordinal);
        var fops = Enum.GetNames<Fop>().Except(["Null", "Compound"]).Order(StringComparer.Ordinal);

        Assert.That(methods, Is.EqualTo(fops));
    }

    [Test]
    public void An_intercepting_translator_overrides_every_fop()
    {
        var forgotten = FopMethods(typeof(InterceptingTranslator)).Where(m => m.DeclaringType != typeof(InterceptingTranslator)).Select(m => m.Name);

        Assert.That(forgotten, Is.Empty);
    }

    [Test]
    public async Task A_request_winds_to_the_method_of_its_own_fop_through_an_interceptor()
    {
        var brick = new RecordingBrick();
        var counter = new Counting();
        counter.Adopt([brick]);

        var reply = await counter.WriteAsync(default, new WriteRequest(AnyFd(), 512, new byte[] { 1, 2, 3 }));

        Assert.That(reply.Count, Is.EqualTo(3));
        Assert.That(brick.Writes, Is.EqualTo(new[] { (512L, 3) }));
        Assert.That(counter.Seen, Is.EqualTo(new[] { Fop.Write }));
    }

    [Test]
    public async Task Below_the_lowest_translator_every_fop_is_not_supported()
    {
        var alone = new Plain();

        Assert.That((await alone.StatAsync(default, new StatRequest(default))).Errno, Is.EqualTo(Errno.EOPNOTSUPP));
        Assert.That((await alone.WriteAsync(default, new WriteRequest(AnyFd(), 0, new byte[1]))).Errno, Is.EqualTo(Errno.EOPNOTSUPP));
    }

    [Test]
    public void Passing_a_4_KiB_write_through_ten_translators_allocates_nothing()
    {
        Translator top = new RecordingBrick { Record = false };
        for (var i = 0; i < 10; i++)
        {
            Translator next = i % 2 == 0 ? new Plain() : new Counting { Record = false };
            next.Adopt([top]);
            top = next;
        }

        var request = new WriteRequest(AnyFd(), 0, new byte[4096]);
        Wind(top, request, 100); // everything compiled, every static made
        var before = GC.GetAllocatedBytesForCurrentThread();
        var written = Wind(top, request, 1000);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(written, Is.EqualTo(1000L * 4096));
        Assert.That(allocated, Is.Zero);
    }

    [Test]
    public void A_child_event_climbs_to_the_top()
    {
        var brick = new RecordingBrick();
        var middle = new Plain();
        var top = new Plain();
        middle.Adopt([brick]);
        top.Adopt([middle]);
        List<ChildEvent> seen = [];
        top.Changed += seen.Add;

        brick.Say(ChildEvent.Up);
        brick.Say(ChildEvent.Down);

        Assert.That(seen, Is.EqualTo(new[] { ChildEvent.Up, ChildEvent.Down }));
    }

    private static long Wind(Translator top, in WriteRequest request, int times)
    {
        long written = 0;
        for (var i = 0; i < times; i++)
        {
            var writing = top.WriteAsync(default, in request);
            written += writing.IsCompletedSuccessfully ? writing.Result.Count : throw new InvalidOperationException("the write did not complete at once");
        }

        return written;
    }

    private static Fd AnyFd() => new(new Inode(new Gfid(1, 2)), OpenFlags.ReadWrite);

    private static IEnumerable<MethodInfo> FopMethods(Type type) =>
        type.GetMethods().Where(m => m.GetParameters() is [{ ParameterType: var first }, { ParameterType.IsByRef: true }] && first == typeof(FopContext));

    private sealed class Plain : Translator;

    private sealed class Counting : InterceptingTranslator
    {
        public List<Fop> Seen { get; } = [];

        public bool Record { get; init; } = true;

        protected override ValueTask<TReply> AroundAsync<TFop, TReply>(FopContext ctx, in TFop request)
        {
            if (Record)
                Seen.Add(TFop.Number);
            return TFop.WindAsync(Next, ctx, in request);
        }
    }

    private sealed class RecordingBrick : Translator
    {
        public List<(long Offset, int Length)> Writes { get; } = [];

        public bool Record { get; init; } = true;

        public void Say(ChildEvent change) => RaiseEvent(change);

        public override ValueTask<WriteReply> WriteAsync(FopContext ctx, in WriteRequest request)
        {
            if (Record)
                Writes.Add((request.Offset, request.Data.Length));
            return new(new WriteReply(Errno.None, request.Data.Length));
        }
    }
}
