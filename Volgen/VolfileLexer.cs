using System.Text;

namespace BlockProxy.Volgen;

/// <summary>
/// Cuts a volfile's text into words and keywords. Pure and total: every text ends in <see cref="VolfileTokenKind.EndOfText"/>
/// or <see cref="VolfileTokenKind.Invalid"/>, and each call but the last takes at least one character.
/// </summary>
internal ref struct VolfileLexer(ReadOnlySpan<char> text, VolfileWarnings warnings)
{
    private ReadOnlySpan<char> _rest = text;
    private VolfilePosition _position = VolfilePosition.Start;

    public VolfileToken Next()
    {
        var followsComment = SkipToToken();
        if (_rest.IsEmpty)
            return new(VolfileTokenKind.EndOfText, "", _position, followsComment);
        return _rest[0] == VolfileLexis.Quote ? ReadQuoted(followsComment) : ReadPlain(followsComment);
    }

    /// <summary>Passes over white space, comments and stray backslashes; tells whether a comment was among them.</summary>
    private bool SkipToToken()
    {
        var followsComment = false;
        while (true)
        {
            Take(VolfileLexis.LeadingBlanks(_rest));
            switch (_rest)
            {
                case [VolfileLexis.Comment, ..]:
                    followsComment = true;
                    Take(_rest.IndexOf('\n') is var end and >= 0 ? end : _rest.Length);
                    break;
                case [VolfileLexis.Escape, ..]:
                    warnings.Add(_position, "a backslash outside quotes is dropped and ends the word");
                    Take(1);
                    break;
                default:
                    return followsComment;
            }
        }
    }

    private VolfileToken ReadPlain(bool followsComment)
    {
        var position = _position;
        var word = Take(VolfileLexis.LeadingWord(_rest).Length);
        return WordFaultOf(word, word.Length, position)
            ?? new(VolfileLexis.KindOf(word), word.ToString(), position, followsComment);
    }

    /// <summary>
    /// A string ends at the next quote. A backslash stands for the character after it, whichever that is, so <c>\n</c> is the
    /// letter n; a line feed is dropped, and with it a backslash before it.
    /// </summary>
    private VolfileToken ReadQuoted(bool followsComment)
    {
        var position = _position;
        var start = _rest;
        var value = new StringBuilder();
        Take(1);
        while (_rest.IndexOfAny(VolfileLexis.Quote, VolfileLexis.Escape, '\n') is var run and >= 0)
        {
            value.Append(Take(run));
            var stop = _position;
            switch (Take(1)[0])
            {
                case VolfileLexis.Quote:
                    return WordFaultOf(start[..^_rest.Length], value.Length, position)
                        ?? new(VolfileTokenKind.Word, value.ToString(), position, followsComment);
                case VolfileLexis.Escape when !_rest.IsEmpty && _rest[0] != '\n':
                    value.Append(Take(1));
                    break;
                case '\n':
                    warnings.Add(stop, "a line break inside quotes is dropped");
                    break;
            }
        }
        return Invalid(position, "the quotes opened here are never closed");
    }

    private static VolfileToken? WordFaultOf(ReadOnlySpan<char> written, int length, VolfilePosition position)
    {
        if (length > VolfileLimits.MaxWordLength)
            return Invalid(position, $"a word of {length} characters; at most {VolfileLimits.MaxWordLength} are read");
        if (VolfileLexis.IndexOfForbidden(written) is var index and >= 0)
            return Invalid(position.After(written[..index]), $"{VolfileLexis.NameOfForbidden(written[index])}; a volfile is text");
        return null;
    }

    private static VolfileToken Invalid(VolfilePosition position, string reason) =>
        new(VolfileTokenKind.Invalid, reason, position, FollowsComment: false);

    private ReadOnlySpan<char> Take(int count)
    {
        var taken = _rest[..count];
        _position = _position.After(taken);
        _rest = _rest[count..];
        return taken;
    }
}
