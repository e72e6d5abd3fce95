using BlockProxy.Proxy.Options;
using BlockProxy.Volgen;

namespace BlockProxy.Proxy.Fops;

/// <summary>A translator whose options are an immutable record: a fop that reads <see cref="Options"/> once sees old or new, never a mix.</summary>
public abstract class Translator<TOptions>(TOptions options) : Translator
    where TOptions : class, IVolumeOptions<TOptions>, new()
{
    private TOptions _options = options;

    public TOptions Options => Volatile.Read(ref _options);

    public override string? CheckOptions(IReadOnlyList<VolfileOption> declared) => TOptions.Table.Bind(declared).Error;

    public override void Reconfigure(IReadOnlyList<VolfileOption> declared)
    {
        if (TOptions.Table.Bind(declared).Options is not { } current)
            return;
        var old = Interlocked.Exchange(ref _options, current);
        OnReconfigured(old, current);
    }

    /// <summary>Called after new options took effect, for timers and sizes that depend on them.</summary>
    protected virtual void OnReconfigured(TOptions old, TOptions current)
    {
    }
}
