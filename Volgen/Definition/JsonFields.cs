using System.Text.Json;

namespace BlockProxy.Volgen.Definition;

/// <summary>
/// The members of a JSON object as a reader wants them. The first thing that is missing or of the wrong kind is kept as the error of the whole read;
/// after that every answer is a harmless value.
/// </summary>
internal sealed class JsonFields(JsonElement element, string place, JsonFields? parent = null)
{
    private DefinitionError? _error;

    public DefinitionError? Error => parent is null ? _error : parent.Error;

    public string? Text(string name, string? otherwise = null)
    {
        if (!TryGet(name, JsonValueKind.String, "a string", required: otherwise is null, out var value))
            return otherwise;
        return value.GetString();
    }

    public int Integer(string name, int otherwise)
    {
        if (!TryGet(name, JsonValueKind.Number, "a number", required: false, out var value))
            return otherwise;
        if (value.TryGetInt32(out var number) && number >= 0)
            return number;
        Fail(name, $"{Shown(value)} is no whole number from 0 to {int.MaxValue}");
        return otherwise;
    }

    public bool Flag(string name)
    {
        if (!element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.False)
            return false;
        if (value.ValueKind != JsonValueKind.True)
            Fail(name, $"expected true or false, found {Shown(value)}");
        return true;
    }

    public JsonFields? Object(string name) =>
        TryGet(name, JsonValueKind.Object, "an object", required: true, out var value) ? new(value, PlaceOf(name), Root) : null;

    public IEnumerable<JsonFields> Objects(string name, bool required)
    {
        if (!TryGet(name, JsonValueKind.Array, "a list", required, out var list))
            yield break;
        foreach (var (index, item) in list.EnumerateArray().Index())
        {
            if (item.ValueKind == JsonValueKind.Object)
                yield return new(item, $"{PlaceOf(name)}[{index}]", Root);
            else
                Fail($"{name}[{index}]", $"expected an object, found {Shown(item)}");
        }
    }

    /// <summary>A list of pairs of strings.</summary>
    public IEnumerable<KeyValuePair<string, string>> Pairs(string name)
    {
        if (!TryGet(name, JsonValueKind.Array, "a list", required: false, out var list))
            yield break;
        foreach (var (index, item) in list.EnumerateArray().Index())
        {
            if (item.ValueKind == JsonValueKind.Array && item.GetArrayLength() == 2
                && item[0].ValueKind == JsonValueKind.String && item[1].ValueKind == JsonValueKind.String)
                yield return KeyValuePair.Create(item[0].GetString()!, item[1].GetString()!);
            else
                Fail($"{name}[{index}]", $"expected [\"option\", \"value\"], found {Shown(item)}");
        }
    }

    public void Fail(string name, string message)
    {
        if (parent is not null)
            parent._error ??= new(PlaceOf(name), message);
        else
            _error ??= new(PlaceOf(name), message);
    }

    private JsonFields Root => parent ?? this;

    private bool TryGet(string name, JsonValueKind kind, string kindName, bool required, out JsonElement value)
    {
        if (!element.TryGetProperty(name, out value))
        {
            if (required)
                Fail(name, "is missing");
            return false;
        }
        if (value.ValueKind == kind)
            return true;
        Fail(name, $"expected {kindName}, found {Shown(value)}");
        return false;
    }

    private string PlaceOf(string name) => place.Length == 0 ? name : $"{place}.{name}";

    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.Null => "null",
        _ => VolfileLexis.Show(value.GetRawText()),
    };
}
