using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Options;

namespace BlockProxy.Proxy.Translators.Features;

/// <summary>Options of features/read-only.</summary>
public sealed record ReadOnlyOptions : IVolumeOptions<ReadOnlyOptions>
{
    public bool Enabled { get; init; }

    public static OptionTable<ReadOnlyOptions> Table { get; } = new OptionTable<ReadOnlyOptions>()
        .Bool("read-only", "Whether fops that would change the volume are refused with EROFS.", o => o.Enabled, (o, v) => o with { Enabled = v });
}

/// <summary>features/read-only: refuses every fop that would change the volume; the rest passes through.</summary>
public sealed class ReadOnlyTranslator(ReadOnlyOptions options) : InterceptingTranslator
{
    private ReadOnlyOptions _options = options;

    public ReadOnlyOptions Options => Volatile.Read(ref _options);

    public override string? CheckOptions(IReadOnlyList<Volgen.VolfileOption> declared) => ReadOnlyOptions.Table.Bind(declared).Error;

    public override void Reconfigure(IReadOnlyList<Volgen.VolfileOption> declared)
    {
        if (ReadOnlyOptions.Table.Bind(declared).Options is { } current)
            Volatile.Write(ref _options, current);
    }

    protected override ValueTask<TReply> AroundAsync<TFop, TReply>(FopContext ctx, in TFop request) =>
        Options.Enabled && Changes(in request, TFop.Number) ? new(TReply.Failed(Errno.EROFS)) : TFop.WindAsync(Next, ctx, in request);

    private static bool Changes<TFop>(in TFop request, Fop fop)
        where TFop : struct => fop switch
        {
            Fop.Write or Fop.Truncate or Fop.Ftruncate or Fop.Fallocate or Fop.Discard or Fop.Zerofill or Fop.CopyFileRange
                or Fop.Setattr or Fop.Fsetattr or Fop.Setxattr or Fop.Fsetxattr or Fop.Removexattr or Fop.Fremovexattr or Fop.Xattrop or Fop.Fxattrop
                or Fop.Create or Fop.Mknod or Fop.Mkdir or Fop.Symlink or Fop.Link or Fop.Unlink or Fop.Rmdir or Fop.Rename
                or Fop.Icreate or Fop.Namelink or Fop.Put => true,
            Fop.Open => request is OpenRequest open && (open.Flags & (OpenFlags.AccessMask | OpenFlags.Truncate)) != OpenFlags.ReadOnly,
            _ => false,
        };
}
