using BlockProxy.Proxy.Fops;
using BlockProxy.Volgen;

namespace BlockProxy.Proxy.Graph;

/// <summary>A built graph: its translators, children before parents, and whether the top can serve.</summary>
public sealed class VolumeGraph
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IReadOnlyList<OptionOverride> _overrides;
    private bool _isUp;

    internal VolumeGraph(Volfile volfile, int id, IReadOnlyList<Translator> translators, IReadOnlyList<OptionOverride> overrides)
    {
        _overrides = overrides;
        Volfile = volfile;
        Id = id;
        Translators = translators;
        Top.Changed += OnTopChanged;
    }

    /// <summary>What it was built from, or last reconfigured to.</summary>
    public Volfile Volfile { get; private set; }

    public int Id { get; }

    /// <summary>Children before their parents.</summary>
    public IReadOnlyList<Translator> Translators { get; }

    public Translator Top => Translators[^1];

    public bool IsUp => Volatile.Read(ref _isUp);

    /// <summary>Raised on each change between up and down.</summary>
    public event Action<bool>? UpChanged;

    /// <summary>Completes when the top reported that it can serve; at once if it can now.</summary>
    public Task WhenUpAsync()
    {
        lock (_gate)
            return _isUp ? Task.CompletedTask : _up.Task;
    }

    /// <summary>Parents first: who hears of a child going up must be ready before the child can go up.</summary>
    public void Start()
    {
        for (var i = Translators.Count - 1; i >= 0; i--)
            Translators[i].Start();
    }

    public async ValueTask StopAsync()
    {
        for (var i = Translators.Count - 1; i >= 0; i--)
            await Translators[i].StopAsync();
    }

    /// <summary>Whether the other volfile has the same tree: names, types and children equal, in order. Then its options can be bound in place.</summary>
    public static bool SameTopology(Volfile one, Volfile other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return one.Volumes.Count == other.Volumes.Count && one.Volumes.Zip(other.Volumes).All(pair =>
            pair.First.Name == pair.Second.Name && pair.First.Type == pair.Second.Type && pair.First.Subvolumes.SequenceEqual(pair.Second.Subvolumes));
    }

    /// <summary>Binds the options of a volfile of the same topology: all of them, or none. Returns what is wrong, or null.</summary>
    public string? Reconfigure(Volfile volfile)
    {
        ArgumentNullException.ThrowIfNull(volfile);
        foreach (var (translator, options) in WithOptions(volfile))
        {
            if (translator.CheckOptions(options) is { } error)
                return $"volume '{translator.Name}' ({translator.Type}): {error}";
        }

        foreach (var (translator, options) in WithOptions(volfile))
            translator.Reconfigure(options);
        Volfile = volfile;
        return null;
    }

    private IEnumerable<(Translator Translator, IReadOnlyList<VolfileOption> Options)> WithOptions(Volfile volfile)
    {
        foreach (var translator in Translators)
        {
            if (volfile.FindVolume(translator.Name) is { } volume)
                yield return (translator, OptionOverride.Apply(_overrides, volume).Options);
        }
    }

    private void OnTopChanged(ChildEvent change)
    {
        TaskCompletionSource? up = null;
        lock (_gate)
        {
            if (change is not (ChildEvent.Up or ChildEvent.Down) || _isUp == (change == ChildEvent.Up))
                return;
            _isUp = change == ChildEvent.Up;
            if (_isUp)
                up = _up;
            else
                _up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        up?.TrySetResult();
        UpChanged?.Invoke(change == ChildEvent.Up);
    }
}
