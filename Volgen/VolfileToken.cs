namespace BlockProxy.Volgen;

/// <param name="Text">A word's meaning, a keyword's own text, or what is wrong with an invalid token.</param>
/// <param name="FollowsComment">A comment stands between the token before and this one.</param>
internal readonly record struct VolfileToken(VolfileTokenKind Kind, string Text, VolfilePosition Position, bool FollowsComment)
{
    /// <summary>The token as an error names it.</summary>
    public string Description => Kind switch
    {
        VolfileTokenKind.Word => VolfileLexis.Show(Text),
        VolfileTokenKind.EndOfText => "the end of the file",
        _ => $"the keyword '{Text}'",
    };
}
