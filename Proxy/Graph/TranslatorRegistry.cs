using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Options;
using BlockProxy.Volgen;

namespace BlockProxy.Proxy.Graph;

/// <summary>A translator that was made, or why not.</summary>
public readonly record struct TranslatorMade(Translator? Translator, VolfileOption? Culprit, string? Error, IReadOnlyList<VolfileOption> UnknownOptions);

/// <summary>A translator type this process knows.</summary>
/// <param name="Type">The type string of volfiles, such as <c>cluster/distribute</c>.</param>
/// <param name="Options">Its options, for help and documentation.</param>
/// <param name="Make">Makes one.</param>
/// <param name="PassThroughReason">Why the type may be skipped; null when it is implemented.</param>
public sealed record TranslatorRegistration(
    string Type, IReadOnlyList<OptionDescription> Options, Func<TranslatorContext, TranslatorMade> Make, string? PassThroughReason = null);

/// <summary>The translator types by name. Registration is explicit: nothing is discovered by reflection.</summary>
public sealed class TranslatorRegistry
{
    private readonly SortedDictionary<string, TranslatorRegistration> _types = new(StringComparer.Ordinal);

    public IReadOnlyCollection<TranslatorRegistration> Types => _types.Values;

    public TranslatorRegistration? Find(string type) => _types.GetValueOrDefault(type);

    /// <summary>Registers an implemented type with its options.</summary>
    public TranslatorRegistry Add<TOptions>(string type, Func<TranslatorContext, TOptions, Translator> create)
        where TOptions : class, IVolumeOptions<TOptions>, new()
    {
        ArgumentNullException.ThrowIfNull(create);
        _types.Add(type, new(type, TOptions.Table.Describe(), context =>
        {
            var binding = TOptions.Table.Bind(context.Declaration.Options);
            return binding.Options is null
                ? new(null, binding.Culprit, binding.Error, binding.Unknown)
                : new(create(context, binding.Options), null, null, binding.Unknown);
        }));
        return this;
    }

    /// <summary>Registers a type that is skipped: nothing of what is stored or locked depends on it.</summary>
    public TranslatorRegistry AddPassThrough(string type, string reason)
    {
        _types.Add(type, new(type, [], static _ => new(new PassThroughTranslator(), null, null, []), reason));
        return this;
    }
}

/// <summary>Stands in the place of a translator that is skipped.</summary>
public sealed class PassThroughTranslator : Translator;
