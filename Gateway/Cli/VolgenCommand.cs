using System.CommandLine;
using BlockProxy.Volgen;
using BlockProxy.Volgen.Definition;
using BlockProxy.Volgen.Graphs;

namespace BlockProxy.Gateway.Cli;

/// <summary><c>blockproxy volgen</c>: the volfiles that belong to the definition of a volume.</summary>
internal static class VolgenCommand
{
    private const string Stock = "stock";
    private const string Own = "blockproxy";

    public static Command Create()
    {
        var file = new Argument<string>("DEFINITION")
        {
            Description = "The volume: JSON, glusterd's info file, or the output of 'gluster volume info --xml'",
        };
        var graph = new Option<string?>("--graph") { Description = "Print this graph: client, trusted-client, gfproxy-client, gfproxyd, brick-1, shd, …" };
        var directory = new Option<string?>("--out") { Description = "Write every graph of the volume as NAME.vol into this directory" };
        var flavour = new Option<string>("--flavour") { Description = "stock: byte for byte what glusterd writes; blockproxy: for our own daemons" };
        flavour.DefaultValueFactory = _ => Own;
        flavour.AcceptOnlyFromAmong(Stock, Own);
        var name = new Option<string?>("--name") { Description = "The volume's name, if DEFINITION does not tell it" };
        var info = new Option<string?>("--info") { Description = "glusterd's info file, for what XML lacks: the credential and the versions" };
        var command = new Command("volgen", "Write the volfiles of a volume from its definition") { file, graph, directory, flavour, name, info };
        command.Subcommands.Add(OptionsCommand.Create());
        command.SetAction(result =>
        {
            var volume = DefinitionFile.Read(result.GetRequiredValue(file), result.GetValue(name), result.GetValue(info));
            var output = result.InvocationConfiguration.Output;
            var isStock = result.GetValue(flavour) == Stock;
            switch (result.GetValue(graph), result.GetValue(directory))
            {
                case ({ } wanted, null):
                    output.Write(Text(Find(volume, wanted, isStock), isStock));
                    return 0;
                case (null, { } path):
                    WriteAll(volume, path, isStock, output);
                    return 0;
                default:
                    throw new GatewayException("volgen: give either --graph NAME or --out DIR");
            }
        });
        return command;
    }

    private static VolumeGraph Find(VolumeDefinition volume, string name, bool isStock) =>
        (isStock ? StockGraphs.Find(volume, name) : BlockProxyGraphs.Find(volume, name))
        ?? throw new GatewayException($"volume '{volume.Name}' has no graph '{name}'; it has {string.Join(", ", StockGraphs.NamesOf(volume))}");

    private static void WriteAll(VolumeDefinition volume, string directory, bool isStock, TextWriter output)
    {
        try
        {
            Directory.CreateDirectory(directory);
            foreach (var name in StockGraphs.NamesOf(volume))
            {
                var path = Path.Combine(directory, $"{name}.vol");
                File.WriteAllText(path, Text(Find(volume, name, isStock), isStock));
                output.WriteLine(path);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GatewayException($"volgen: {error.Message}", error);
        }
    }

    /// <summary>Stock text is glusterd's to the byte, even where no parser reads it; our own is quoted where it must be.</summary>
    private static string Text(VolumeGraph graph, bool isStock)
    {
        if (isStock)
            return graph.Text;
        if (graph.ToVolfile(out var fault) is not { } volfile)
            throw new GatewayException($"graph '{graph.Name}': {fault}");
        return VolfileWriter.TryWriteQuoted(volfile, out var text, out var reason)
            ? text
            : throw new GatewayException($"graph '{graph.Name}': {reason}");
    }
}
