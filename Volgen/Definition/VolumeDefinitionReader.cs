using System.Text;

namespace BlockProxy.Volgen.Definition;

/// <summary>Reads a definition in whichever of its three forms it is: JSON, glusterd's info file, or the XML of <c>gluster volume info</c>.</summary>
public static class VolumeDefinitionReader
{
    /// <param name="bytes">The definition.</param>
    /// <param name="name">The volume's name, which an info file does not hold and XML of several volumes leaves open; null if it is not known.</param>
    /// <param name="info">glusterd's info file of the same volume, for what XML lacks; null if there is none.</param>
    /// <param name="brickFile">The text of glusterd's file about a brick, by its name such as <c>host:-path-of-brick</c>; null if there is none.</param>
    public static DefinitionResult Read(ReadOnlyMemory<byte> bytes, string? name, string? info, Func<string, string?> brickFile)
    {
        var start = bytes.Span.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
        return start.Span.TrimStart(" \t\r\n"u8) switch
        {
            [(byte)'<', ..] => VolumeInfoXml.Read(Encoding.UTF8.GetString(start.Span), name, info),
            [(byte)'{' or (byte)'[' or (byte)'"', ..] or [] => VolumeDefinitionJson.Read(bytes),
            _ => GlusterdInfo.Read(Encoding.UTF8.GetString(start.Span), name, brickFile),
        };
    }
}
