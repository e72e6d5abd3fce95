namespace BlockProxy.Volgen.Definition;

/// <summary>What came of reading a definition: either it or the first error.</summary>
public sealed class DefinitionResult
{
    private DefinitionResult(VolumeDefinition? definition, DefinitionError? error)
    {
        Definition = definition;
        Error = error;
    }

    public VolumeDefinition? Definition { get; }

    public DefinitionError? Error { get; }

    /// <summary>The definition, if the rules accept it.</summary>
    internal static DefinitionResult Checked(VolumeDefinition definition) =>
        DefinitionRules.FaultOf(definition) is { } fault ? Refused(fault) : new(definition, null);

    internal static DefinitionResult Refused(DefinitionError error) => new(null, error);
}
