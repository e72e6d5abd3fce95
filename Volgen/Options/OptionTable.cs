namespace BlockProxy.Volgen.Options;

/// <summary>
/// Every option that glusterd 10 knows, in the order in which it walks them when it writes a volfile. The order decides the order of options in the
/// file. The data is option-table.tsv.
/// </summary>
public static class OptionTable
{
    private const int Columns = 11;

    private static readonly Dictionary<string, OptionValueType> Types = new()
    {
        ["any"] = OptionValueType.Any,
        ["text"] = OptionValueType.Text,
        ["boolean"] = OptionValueType.Boolean,
        ["integer"] = OptionValueType.Integer,
        ["size"] = OptionValueType.Size,
        ["percent"] = OptionValueType.Percent,
        ["percent-or-size"] = OptionValueType.PercentOrSize,
        ["time"] = OptionValueType.Time,
        ["path"] = OptionValueType.Path,
        ["addresses"] = OptionValueType.Addresses,
        ["client-addresses"] = OptionValueType.ClientAddresses,
        ["priorities"] = OptionValueType.Priorities,
        ["translator"] = OptionValueType.Translator,
    };

    private static readonly Lazy<OptionRow[]> LazyRows = new(() => [.. TabSeparated.Read("option-table.tsv", Columns).Select(RowOf)]);

    private static readonly Lazy<ILookup<string, OptionRow>> LazyByName =
        new(() => LazyRows.Value.ToLookup(row => row.Name, StringComparer.Ordinal));

    public static IReadOnlyList<OptionRow> Rows => LazyRows.Value;

    /// <summary>The rows of one option, in the order of the table; none for an unknown name.</summary>
    public static IEnumerable<OptionRow> RowsOf(string name) => LazyByName.Value[name];

    /// <summary>The names of all options, in the order of the table.</summary>
    public static IEnumerable<string> Names => LazyByName.Value.Select(option => option.Key);

    /// <summary>Whether the table has an option of this full name.</summary>
    public static bool Knows(string name) => LazyByName.Value.Contains(name);

    private static OptionRow RowOf(string[] columns)
    {
        var (name, type, range) = (columns[0], columns[6], columns[7].Split(".."));
        var (rule, key) = RuleOf(name, columns[4]);
        return new()
        {
            Name = name,
            Translator = columns[1],
            Key = Optional(columns[2]) ?? key,
            Default = Optional(columns[3]),
            Rule = rule,
            OpVersion = TabSeparated.Integer(columns[5]),
            Type = Types[type.TrimEnd('~')],
            IsChecked = !type.EndsWith('~'),
            Least = range.Length == 2 ? TabSeparated.OptionalNumber(range[0]) : null,
            Most = range.Length == 2 ? TabSeparated.OptionalNumber(range[1]) : null,
            Words = Optional(columns[8])?.Split(',') ?? [],
            EffectiveDefault = Optional(columns[9]),
            Description = columns[10] == "\"" ? "" : columns[10],
        };
    }

    /// <summary>The rule, and the key of those rows whose rule names it.</summary>
    private static (OptionRule Rule, string? Key) RuleOf(string name, string rule) => rule switch
    {
        "plain" => (OptionRule.Plain, null),
        "ta-only" => (OptionRule.ThinArbiterClient, null),
        "!perf" => (OptionRule.Performance, null),
        "!debug" => (OptionRule.Debug, null),
        "!server-auth" => (OptionRule.ServerAuthentication, name["auth.".Length..]),
        "!self-heal-daemon" or "!heal-timeout" => (OptionRule.SelfHealDaemon, rule[1..]),
        "!client-log-level" or "!brick-log-level" => (RoleOf(name), "log-level"),
        "!client-threads" or "!brick-threads" => (RoleOf(name), "threads"),
        "!sys-log-level" or "!logger" or "!log-format" or "!log-buf-size" or "!log-flush-timeout" => (RoleOf(name), rule[1..]),
        _ when rule.StartsWith("!ssl-", StringComparison.Ordinal) && rule != "!ssl-allow" => (OptionRule.Tls, $"transport.socket.{rule[1..]}"),
        _ => (OptionRule.Shape, null),
    };

    private static OptionRule RoleOf(string name) =>
        name.Contains(".client-", StringComparison.Ordinal) ? OptionRule.ClientRole : OptionRule.BrickRole;

    private static string? Optional(string column) => column == "-" ? null : column;
}
