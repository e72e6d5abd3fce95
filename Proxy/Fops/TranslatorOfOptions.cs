using BlockProxy.Proxy.Options;
using BlockProxy.Volgen;

namespace BlockProxy.Proxy.Fops;

/// <summary>A translator whose options are an immutable record: a fop that reads <see cref="Options"/> once sees old or new, never a mix.</summary>
public abstract class Translator<TOptions>(TOptions options) : Translator
    where TOptions : class, IVolumeOptions<TOptions>, new()
{
    private TOptions _options = options;

    public TOptions Options => Volatile.Read(ref _options);

    /// <inheritdoc/>
    public override string? Reconfigure(IReadOnlyList<VolfileOption> declared)
    {
        var binding = TOptions.Table.Bind(declared);
        if (binding.Options is null)
            return binding.Error;
        var old = Interlocked.Exchange(ref _options, binding.Options);
        OnReconfigured(old, binding.Options);
        return null;
    }

    /// <summary>Called after new options took effect, for timers and sizes that depend on them.</summary>
    protected virtual void OnReconfigured(TOptions old, TOptions current)
    {
    }
}
