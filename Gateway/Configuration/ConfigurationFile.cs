using System.Text.Json;

namespace BlockProxy.Gateway.Configuration;

/// <summary>Reads the configuration file: JSON, comments allowed. An unknown key is an error that names the nearest known one.</summary>
public static class ConfigurationFile
{
    private static readonly JsonDocumentOptions JsonOptions = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <exception cref="GatewayException">The file cannot be read or says something wrong; the message names the file and the key.</exception>
    public static ServeConfiguration Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GatewayException($"configuration '{path}': cannot be read: {error.Message}", error);
        }
        catch (GatewayException error)
        {
            throw new GatewayException($"configuration '{path}': {error.Message}", error);
        }
    }

    public static ServeConfiguration Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, JsonOptions);
            return ReadObject(document.RootElement, new ServeConfiguration(), ConfigurationKeys.Root, "");
        }
        catch (JsonException error)
        {
            throw new GatewayException($"line {error.LineNumber + 1}, column {error.BytePositionInLine + 1}: not JSON here", error);
        }
    }

    /// <summary>Reads one object by its table of keys.</summary>
    internal static T ReadObject<T>(JsonElement element, T value, IReadOnlyList<ConfigurationKey<T>> keys, string where)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new GatewayException($"{(where.Length == 0 ? "the file" : $"key '{where}'")}: expected an object, found {Shorten(element.GetRawText())}");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            var path = where.Length == 0 ? property.Name : $"{where}.{property.Name}";
            var key = keys.FirstOrDefault(k => k.Name == property.Name)
                ?? throw new GatewayException($"key '{path}' is not known; the nearest is '{Nearest(property.Name, keys.Select(k => k.Name))}'");
            if (!seen.Add(property.Name))
                throw new GatewayException($"key '{path}' is given twice");
            try
            {
                value = key.Set(value, property.Value);
            }
            catch (GatewayException error) when (!error.Message.StartsWith("key '", StringComparison.Ordinal))
            {
                throw new GatewayException($"key '{path}': {error.Message}", error);
            }
        }

        return value;
    }

    /// <summary>The known name with the fewest edits to the given one.</summary>
    internal static string Nearest(string name, IEnumerable<string> known) =>
        known.MinBy(candidate => Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant())) ?? "";

    private static int Distance(string from, string to)
    {
        var previous = new int[to.Length + 1];
        var current = new int[to.Length + 1];
        for (var j = 0; j <= to.Length; j++)
            previous[j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var change = previous[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                current[j] = Math.Min(change, Math.Min(previous[j], current[j - 1]) + 1);
            }

            (previous, current) = (current, previous);
        }

        return previous[to.Length];
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..57] + "...";
}
