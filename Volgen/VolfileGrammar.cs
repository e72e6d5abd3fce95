namespace BlockProxy.Volgen;

/// <summary>
/// Reads one text, by recursive descent without recursion: the format nests nothing.
/// <code>
/// volfile = volume+
/// volume  = "volume" NAME "type" TYPE ( option | subvolumes )+ "end-volume"     with at most one subvolumes
/// option  = "option" KEY VALUE
/// subvolumes = "subvolumes" NAME+                                               each declared before this volume
/// </code>
/// Each <c>Try</c> method reads one of these, or leaves the reason in <see cref="_error"/> and returns false.
/// </summary>
internal ref struct VolfileGrammar
{
    private const string QuoteTheValue = "; a value with blanks, quotes or backslashes must be written in quotes";
    private const string QuoteTheHash = "; a '#' starts a comment unless it is in quotes or inside a word";
    private const string QuoteTheKeyword = "; a keyword that is meant as a word must be written in quotes";

    private readonly VolfileWarnings _warnings = new();
    private readonly List<VolumeDeclaration> _volumes = [];

    /// <summary>The depth of each volume declared so far: 1 for one without subvolumes.</summary>
    private readonly Dictionary<string, int> _depths = new(StringComparer.Ordinal);

    private VolfileLexer _lexer;
    private VolfileToken _token;
    private VolfileDiagnostic? _error;
    private int _links;

    public VolfileGrammar(ReadOnlySpan<char> text)
    {
        _lexer = new(text, _warnings);
        _token = _lexer.Next();
    }

    public VolfileParseResult ReadVolfile()
    {
        do
        {
            if (!TryReadVolume())
                return new(_error!, _warnings.All);
        }
        while (_token.Kind != VolfileTokenKind.EndOfText);

        return new(new Volfile(_volumes), _warnings.All);
    }

    private bool TryReadVolume()
    {
        if (!TryReadHeader(out var volume) || !TryReadType(volume))
            return false;

        var (bodyStart, subvolumesPosition) = (_token, default(VolfilePosition?));
        while (_token.Kind != VolfileTokenKind.EndVolume)
        {
            switch (_token.Kind)
            {
                case VolfileTokenKind.Option:
                    if (!TryReadOption(volume))
                        return false;
                    break;
                case VolfileTokenKind.Subvolumes when subvolumesPosition is { } first:
                    return Fail($"{volume.Description} already names its subvolumes at {first}; they all go behind one 'subvolumes'");
                case VolfileTokenKind.Subvolumes:
                    subvolumesPosition = _token.Position;
                    if (!TryReadSubvolumes(volume))
                        return false;
                    break;
                case VolfileTokenKind.Type:
                    return Fail($"{volume.Description} already has the type {VolfileLexis.Show(volume.Type)}");
                case VolfileTokenKind.Volume or VolfileTokenKind.EndOfText:
                    return Expected($"'end-volume' for {volume.Description}, which begins at {volume.Position}");
                default:
                    return Expected($"'option', 'subvolumes' or 'end-volume' in {volume.Description}", QuoteTheValue);
            }
        }
        if (_token == bodyStart)
            return Fail($"{volume.Description} has neither an option nor subvolumes; it needs one of them");

        Advance();
        return TryDeclare(volume);
    }

    private bool TryReadHeader(out VolumeBuilder volume)
    {
        var position = _token.Position;
        volume = new("", position);
        if (_token.Kind != VolfileTokenKind.Volume)
            return _volumes.Count == 0 ? Expected("'volume'") : Expected("'volume' or the end of the file");
        if (_volumes.Count == VolfileLimits.MaxVolumes)
            return Fail($"more than {VolfileLimits.MaxVolumes} volumes");

        Advance();
        if (!TryTakeWord(out var name))
            return ExpectedWord("a name after 'volume'");
        if (name.Text.Length == 0)
            return Fail(name.Position, "the name of a volume is empty");
        volume = new(name.Text, position);
        return !_depths.ContainsKey(name.Text)
            || Fail(name.Position, $"{volume.Description} is declared already, at {PositionOf(name.Text)}; names are unique");
    }

    private bool TryReadType(VolumeBuilder volume)
    {
        if (_token.Kind != VolfileTokenKind.Type)
            return Expected($"'type' as the first thing in {volume.Description}");

        Advance();
        if (!TryTakeWord(out var type))
            return ExpectedWord($"the type of {volume.Description} after 'type'");
        if (type.Text.Length == 0)
            return Fail(type.Position, $"the type of {volume.Description} is empty");
        volume.Type = type.Text;
        return true;
    }

    private bool TryReadOption(VolumeBuilder volume)
    {
        Advance();
        if (!TryTakeWord(out var key))
            return ExpectedWord($"a key and a value after 'option' in {volume.Description}");
        if (!TryTakeWord(out var value))
            return ExpectedWord($"a value for {volume.DescriptionOf(key.Text)}");

        if (key.Text.Length == 0)
            _warnings.Add(key.Position, $"an option of {volume.Description} with an empty key is dropped");
        else if (value.Text.Length == 0)
            _warnings.Add(key.Position, $"{volume.DescriptionOf(key.Text)} has an empty value and is dropped");
        else if (volume.Set(new(key.Text, value.Text, key.Position)) is { } before)
            _warnings.Add(key.Position, $"{volume.DescriptionOf(key.Text)} replaces the value set at {before.Position}");
        return true;
    }

    private bool TryReadSubvolumes(VolumeBuilder volume)
    {
        Advance();
        do
        {
            if (!TryTakeWord(out var name))
                return ExpectedWord($"the name of a subvolume of {volume.Description}");
            if (name.Text.Length == 0)
                return Fail(name.Position, $"the name of a subvolume of {volume.Description} is empty");
            if (name.Text == volume.Name)
                return Fail(name.Position, $"{volume.Description} names itself as its subvolume");
            if (!_depths.ContainsKey(name.Text))
            {
                return Fail(name.Position,
                    $"{volume.Description} names subvolume {VolfileLexis.Show(name.Text)}, which is not declared before it");
            }
            if (_links++ == VolfileLimits.MaxLinks)
                return Fail(name.Position, $"more than {VolfileLimits.MaxLinks} subvolumes named");
            volume.Subvolumes.Add(name.Text);
        }
        while (_token.Kind == VolfileTokenKind.Word);
        return true;
    }

    private bool TryDeclare(VolumeBuilder volume)
    {
        var depth = 1;
        foreach (var name in volume.Subvolumes)
            depth = Math.Max(depth, _depths[name] + 1);
        if (depth > VolfileLimits.MaxDepth)
            return Fail(volume.Position, $"{volume.Description} lies more than {VolfileLimits.MaxDepth} volumes high");

        _depths.Add(volume.Name, depth);
        _volumes.Add(volume.Build());
        return true;
    }

    private bool TryTakeWord(out VolfileToken word)
    {
        word = _token;
        if (_token.Kind != VolfileTokenKind.Word)
            return false;
        Advance();
        return true;
    }

    private void Advance() => _token = _lexer.Next();

    private readonly VolfilePosition PositionOf(string name) => _volumes.Find(volume => volume.Name == name)!.Position;

    /// <summary>The token in hand is not what the grammar wants here, or no token at all.</summary>
    private bool Expected(string expected, string hint = "") => _token.Kind == VolfileTokenKind.Invalid
        ? Fail(_token.Text)
        : Fail($"expected {expected}, found {_token.Description}{hint}");

    /// <summary>The token in hand is no word; what the writer may have meant as one is the hint.</summary>
    private bool ExpectedWord(string expected)
    {
        if (_token.FollowsComment)
            return Expected(expected, QuoteTheHash);
        return _token.Kind == VolfileTokenKind.EndOfText ? Expected(expected) : Expected(expected, QuoteTheKeyword);
    }

    private bool Fail(string message) => Fail(_token.Position, message);

    private bool Fail(VolfilePosition position, string message)
    {
        _error = new(position, message);
        return false;
    }
}
