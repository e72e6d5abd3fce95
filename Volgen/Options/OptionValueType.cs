namespace BlockProxy.Volgen.Options;

/// <summary>What kind of value an option takes.</summary>
public enum OptionValueType
{
    /// <summary>Anything.</summary>
    Any,

    /// <summary>Text; where words are listed, one of them.</summary>
    Text,

    /// <summary>A <see cref="Definition.GlusterBoolean"/>.</summary>
    Boolean,

    /// <summary>A whole number; <c>0x</c> begins a hexadecimal and <c>0</c> an octal one.</summary>
    Integer,

    /// <summary>A <see cref="Definition.GlusterSize"/>.</summary>
    Size,

    /// <summary>0 to 100, with or without the sign.</summary>
    Percent,

    /// <summary>A percentage with its sign, or a size.</summary>
    PercentOrSize,

    /// <summary>Seconds, or a number with a unit of s, min, h, d or w.</summary>
    Time,

    /// <summary>An absolute path.</summary>
    Path,

    /// <summary>Addresses or host names, joined by commas; <c>*</c> for all.</summary>
    Addresses,

    /// <summary>The same, also with patterns, networks and paths of the volume.</summary>
    ClientAddresses,

    /// <summary>Patterns with priorities: <c>*.jpg:3,*.txt:1</c>.</summary>
    Priorities,

    /// <summary>The name of a translator.</summary>
    Translator,
}
