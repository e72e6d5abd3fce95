using System.Diagnostics.CodeAnalysis;

namespace BlockProxy.Volgen;

/// <summary>What became of a text: a volfile, or the first error that forbids it to be one.</summary>
public sealed class VolfileParseResult
{
    internal VolfileParseResult(Volfile volfile, IReadOnlyList<VolfileDiagnostic> warnings) =>
        (Volfile, Warnings) = (volfile, warnings);

    internal VolfileParseResult(VolfileDiagnostic error, IReadOnlyList<VolfileDiagnostic> warnings) =>
        (Error, Warnings) = (error, warnings);

    [MemberNotNullWhen(true, nameof(Volfile))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsAccepted => Volfile is not null;

    /// <summary>The volfile, or null if the text is refused.</summary>
    public Volfile? Volfile { get; }

    /// <summary>Why the text is refused, or null if it is accepted.</summary>
    public VolfileDiagnostic? Error { get; }

    /// <summary>
    /// Where the volfile means something else than its text seems to say, in the order of the text; for a refused text,
    /// those found before the error. At most <see cref="VolfileLimits.MaxWarnings"/>.
    /// </summary>
    public IReadOnlyList<VolfileDiagnostic> Warnings { get; }
}
