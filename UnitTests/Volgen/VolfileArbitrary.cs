using BlockProxy.Volgen;
using FsCheck;
using FsCheck.Fluent;

namespace BlockProxy.UnitTests.Volgen;

/// <summary>Random well-formed volfiles for property tests.</summary>
internal static class VolfileArbitrary
{
    private static readonly string[] Keywords = ["volume", "type", "option", "subvolumes", "subvolumeS", "end-volume"];

    private static readonly Gen<string> PlainPiece =
        Gen.Elements("a", "Z", "0", "-", ".", "/", "'", "ż", "\U0001F600", "\u00a0", "\u0001");

    /// <summary>What plain words cannot hold, but quoted ones can.</summary>
    private static readonly Gen<string> AwkwardPiece = Gen.Elements(" ", "\t", "\r", "\"", "\\", "`", "#", "\\\\", "\\\"", "\\`");

    /// <summary>What no word can hold.</summary>
    private static readonly Gen<string> UnsayablePiece = Gen.Elements("\n", "\0", "\uD83D", "\uDE00");

    /// <summary>Volfiles that need no quotes.</summary>
    public static Arbitrary<Volfile> Plain { get; } = Volfiles(Words(PlainPiece)).ToArbitrary();

    /// <summary>Volfiles whose every word the format can say, if need be in quotes.</summary>
    public static Arbitrary<Volfile> Sayable { get; } =
        Volfiles(Gen.Frequency((6, Words(Gen.OneOf(PlainPiece, AwkwardPiece))), (1, Gen.Elements(Keywords)))).ToArbitrary();

    /// <summary>Volfiles some of whose words the format cannot say.</summary>
    public static Arbitrary<Volfile> Any { get; } =
        Volfiles(Gen.Frequency((60, Words(PlainPiece)), (20, Words(AwkwardPiece)), (1, Words(UnsayablePiece)))).ToArbitrary();

    private static Gen<string> Words(Gen<string> piece) => piece.NonEmptyListOf().Select(string.Concat);

    private static Gen<Volfile> Volfiles(Gen<string> word) =>
        from names in word.NonEmptyListOf().Select(names => names.Distinct().ToArray())
        from volumes in Gen.CollectToList(Enumerable.Range(0, names.Length), index => Volumes(word, names[index], names[..index]))
        select new Volfile(volumes);

    private static Gen<VolumeDeclaration> Volumes(Gen<string> word, string name, string[] declared) =>
        from type in word
        from options in Options(word)
        from subvolumes in declared.Length == 0 ? Gen.Constant(new List<string>()) : Gen.Elements(declared).ListOf()
        from one in Options(word).Where(options => options.Length > 0)
        select new VolumeDeclaration(name, type, options.Length + subvolumes.Count == 0 ? one : options, [.. subvolumes]);

    private static Gen<VolfileOption[]> Options(Gen<string> word) => word.Two().ListOf()
        .Select(pairs => pairs.DistinctBy(pair => pair.Item1).Select(pair => new VolfileOption(pair.Item1, pair.Item2)).ToArray());
}
