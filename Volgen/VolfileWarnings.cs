namespace BlockProxy.Volgen;

/// <summary>The warnings gathered while one text is read, up to their limit.</summary>
internal sealed class VolfileWarnings
{
    private readonly List<VolfileDiagnostic> _warnings = [];

    public IReadOnlyList<VolfileDiagnostic> All => _warnings;

    public void Add(VolfilePosition position, string message)
    {
        if (_warnings.Count < VolfileLimits.MaxWarnings)
            _warnings.Add(new(position, message));
    }
}
