using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Executor;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>
/// storage/posix: a brick. Stores the files of a volume in a directory of this machine, in GlusterFS's own format, so that the
/// directory can be handed to glusterfsd and back. gluster-translators section 11.
/// </summary>
public sealed partial class PosixTranslator : Translator<PosixOptions>
{
    public const string TypeName = "storage/posix";

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IIoExecutor _executor;
    private readonly InlineBudget _inline;
    private Brick? _brick;
    private PosixFops? _fops;

    /// <param name="options">The directory and how it is served.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where the brick's own lines go.</param>
    /// <param name="executor">Where system calls run; worker threads of its own when null.</param>
    public PosixTranslator(PosixOptions options, TimeProvider time, ILogger logger, IIoExecutor? executor = null)
        : base(options)
    {
        _time = time;
        _inline = new InlineBudget(time);
        _logger = logger;
        _executor = executor ?? new WorkerIoExecutor("posix", time, options.IoWorkers);
    }

    /// <summary>Why the directory is not served: one sentence. Null while it is, and before the start.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The volume the brick belongs to.</summary>
    public Gfid VolumeId => _brick?.Options.VolumeId ?? Gfid.Null;

    /// <inheritdoc/>
    public override string? CheckChildren() => Children.Count == 0 ? null : "has subvolumes; it takes none";

    /// <summary>Opens the directory, and reports up or, with a log line and <see cref="Refusal"/>, down.</summary>
    public override void Start()
    {
        (_brick, Refusal) = BrickDirectory.Open(Options, _time, _logger);
        if (_brick is null)
        {
            PosixLog.Refused(_logger, Options.Directory ?? "(none)", Refusal!);
            RaiseEvent(ChildEvent.Down);
            return;
        }

        _brick.Slot = Slot;
        _fops = new PosixFops(_brick, _executor);
        _fops.Landfill.StartEmptying();
        RaiseEvent(ChildEvent.Up);
    }

    /// <summary>Closes the brick once what is in flight has ended. Fops are answered with ENOTCONN from now on.</summary>
    public override async ValueTask StopAsync()
    {
        _fops = null;
        await _executor.StopAsync();
        _brick?.Dispose();
        _brick = null;
    }

    /// <inheritdoc/>
    protected override void OnReconfigured(PosixOptions old, PosixOptions current)
    {
        // The directory and where attributes are kept stay what they were at the start.
        if (_brick is { } brick)
            brick.Options = current with { Directory = old.Directory, VolumeId = brick.Options.VolumeId, XattrNamespace = old.XattrNamespace };
    }
}
