namespace BlockProxy.Volgen;

/// <summary>What a piece of volfile text is to the grammar.</summary>
internal enum VolfileTokenKind
{
    /// <summary>A name, type, key or value, written plainly or in quotes.</summary>
    Word,
    Volume,
    Type,
    Option,
    Subvolumes,
    EndVolume,
    EndOfText,

    /// <summary>Text that can be no token; the token's text is the reason.</summary>
    Invalid,
}
