using System.CommandLine;
using BlockProxy.Volgen;
using BlockProxy.Volgen.Planning;

namespace BlockProxy.Gateway.Cli;

/// <summary><c>blockproxy plan</c>: what a change of a volume means for its running graphs.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var before = new Argument<string>("OLD") { Description = "A definition or a volfile" };
        var after = new Argument<string>("NEW") { Description = "Another of the same kind" };
        var command = new Command("plan", "Say what changes from one definition or volfile to another: bound in place, a graph switch, or data to move")
        {
            before, after,
        };
        command.SetAction(result =>
        {
            var output = result.InvocationConfiguration.Output;
            foreach (var change in Compare(result.GetRequiredValue(before), result.GetRequiredValue(after)))
            {
                output.WriteLine($"{change.Graph}: {Describe(change.Effect)}");
                foreach (var detail in change.Details)
                    output.WriteLine($"  {detail}");
            }
            return 0;
        });
        return command;
    }

    private static IEnumerable<GraphChange> Compare(string before, string after)
    {
        switch (VolfileIn(before), VolfileIn(after))
        {
            case ({ } old, { } now):
                return new[] { VolumePlan.Compare(now.Top.Name, old.Volumes, now.Volumes) }.Where(change => change.Effect != GraphEffect.None);
            case (null, null):
                return VolumePlan.Compare(DefinitionFile.Read(before), DefinitionFile.Read(after));
            default:
                throw new GatewayException("plan: one is a volfile, the other a definition; give two of the same kind");
        }
    }

    /// <summary>The volfile in a file whose first word is <c>volume</c>, or null: it is a definition then.</summary>
    private static Volfile? VolfileIn(string path)
    {
        var bytes = DefinitionFile.ReadBytes(path);
        var text = bytes.AsSpan().TrimStart(" \t\r\n"u8);
        if (!text.StartsWith("volume "u8) && !text.StartsWith("#"u8) && !path.EndsWith(".vol", StringComparison.Ordinal))
            return null;
        var parsed = VolfileParser.Parse(bytes);
        return parsed.Volfile ?? throw new GatewayException($"{path}: {parsed.Error}");
    }

    private static string Describe(GraphEffect effect) => effect switch
    {
        GraphEffect.Bind => "options are bound in place",
        GraphEffect.Switch => "graph switch",
        GraphEffect.MoveData => "graph switch, and data moves",
        _ => "nothing changes",
    };
}
