using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace BlockProxy.Volgen;

/// <summary>Prints volfiles.</summary>
public static class VolfileWriter
{
    /// <summary>
    /// The text exactly as glusterd writes it: every word raw. A word with a blank, quote, backslash or backtick, with a
    /// leading <c>#</c>, or that is a keyword, gives a text that readers refuse or read otherwise, as it does with
    /// glusterd; <see cref="TryWriteQuoted"/> avoids that.
    /// </summary>
    public static string Write(Volfile volfile) => Write(volfile.Volumes, quoted: false);

    /// <summary>The same for declarations that may be no well-formed graph.</summary>
    public static string Write(IEnumerable<VolumeDeclaration> volumes) => Write(volumes, quoted: false);

    /// <summary>
    /// The text that our parser and GlusterFS read back as this volfile: like <see cref="Write(Volfile)"/>, but with quotes and
    /// escapes around the words that need them, and only around those. Some things the format cannot say at all: an empty
    /// word, a line feed, a NUL character, half of a surrogate pair, a volume with neither an option nor subvolumes.
    /// </summary>
    /// <param name="volfile">Within <see cref="VolfileLimits"/>; of these only the length of words is looked at here.</param>
    /// <param name="text">The text, or null if the format cannot say this volfile.</param>
    /// <param name="reason">Which word or volume the format cannot say, and why; null if there is a text.</param>
    public static bool TryWriteQuoted(
        Volfile volfile, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? reason)
    {
        reason = volfile.Volumes.Select(FaultOf).FirstOrDefault(fault => fault is not null);
        text = reason is null ? Write(volfile.Volumes, quoted: true) : null;
        return text is not null;
    }

    private static string Write(IEnumerable<VolumeDeclaration> volumes, bool quoted)
    {
        var text = new StringBuilder();
        foreach (var volume in volumes)
        {
            if (text.Length > 0)
                text.Append('\n');
            text.Append("volume");
            AppendWord(text, volume.Name, quoted);
            text.Append("\n    type");
            AppendWord(text, volume.Type, quoted);
            foreach (var option in volume.Options)
            {
                text.Append("\n    option");
                AppendWord(text, option.Key, quoted);
                AppendWord(text, option.Value, quoted);
            }
            if (volume.Subvolumes.Count > 0)
                text.Append("\n    subvolumes");
            foreach (var name in volume.Subvolumes)
                AppendWord(text, name, quoted);
            text.Append("\nend-volume\n");
        }
        return text.ToString();
    }

    private static void AppendWord(StringBuilder text, string word, bool quoted)
    {
        text.Append(' ');
        if (!quoted || !VolfileLexis.NeedsQuotes(word))
        {
            text.Append(word);
            return;
        }
        text.Append(VolfileLexis.Quote);
        foreach (var character in word)
        {
            if (character is VolfileLexis.Quote or VolfileLexis.Escape or VolfileLexis.Backtick)
                text.Append(VolfileLexis.Escape);
            text.Append(character);
        }
        text.Append(VolfileLexis.Quote);
    }

    private static string? FaultOf(VolumeDeclaration volume)
    {
        var subject = $"volume {VolfileLexis.Show(volume.Name)}";
        if (volume.Options.Count == 0 && volume.Subvolumes.Count == 0)
            return $"{subject} has neither an option nor subvolumes; a volfile needs one of them";
        if (FaultOf(volume.Name) is { } nameFault)
            return $"the name of {subject} {nameFault}";
        if (FaultOf(volume.Type) is { } typeFault)
            return $"the type of {subject} {typeFault}";
        foreach (var option in volume.Options)
        {
            if (FaultOf(option.Key) is { } keyFault)
                return $"the key of option {VolfileLexis.Show(option.Key)} of {subject} {keyFault}";
            if (FaultOf(option.Value) is { } valueFault)
                return $"the value of option {VolfileLexis.Show(option.Key)} of {subject} {valueFault}";
        }
        return null;
    }

    private static string? FaultOf(string word)
    {
        if (word.Length == 0)
            return "is empty";
        if (word.Length > VolfileLimits.MaxWordLength)
            return $"is longer than {VolfileLimits.MaxWordLength} characters";
        if (word.Contains('\n'))
            return "holds a line feed, which a volfile cannot say";
        if (VolfileLexis.IndexOfForbidden(word) is var index and >= 0)
            return $"holds {VolfileLexis.NameOfForbidden(word[index])}, which a volfile cannot say";
        return null;
    }
}
