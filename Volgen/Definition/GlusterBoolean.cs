namespace BlockProxy.Volgen.Definition;

/// <summary>Booleans as GlusterFS spells them, in any case.</summary>
public static class GlusterBoolean
{
    /// <summary>The truth of the word, or null if it is no boolean.</summary>
    public static bool? Parse(string word) => word.ToLowerInvariant() switch
    {
        "1" or "on" or "yes" or "true" or "enable" => true,
        "0" or "off" or "no" or "false" or "disable" => false,
        _ => null,
    };
}
