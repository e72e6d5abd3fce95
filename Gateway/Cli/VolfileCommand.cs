using System.CommandLine;
using BlockProxy.Gateway.Hosting;
using BlockProxy.Io;
using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Translators;
using BlockProxy.Volgen;

namespace BlockProxy.Gateway.Cli;

/// <summary><c>blockproxy volfile</c>: would this volfile be served, and what is wrong with it if not; and what its graph looks like.</summary>
internal static class VolfileCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The volfile" };
        var check = new Command("check", "Parse a volfile, bind its options, and print its graph as a tree, or say what is wrong and where") { file };
        check.SetAction(result => Check(result.GetRequiredValue(file), result.InvocationConfiguration.Output, result.InvocationConfiguration.Error));

        var dot = new Option<bool>("--dot") { Description = "In the language of Graphviz" };
        var show = new Command("show", "Draw a volfile's graph as a tree; translators need not be known") { file, dot };
        show.SetAction(result => Show(result.GetRequiredValue(file), result.GetValue(dot), result.InvocationConfiguration));
        return new Command("volfile", "Work with volfiles") { check, show };
    }

    private static int Show(string path, bool asDot, InvocationConfiguration console)
    {
        var volfile = Parse(path, console.Error);
        console.Output.Write(asDot ? VolfileDot.Render(volfile) : VolfileTree.Render(volfile));
        return 0;
    }

    private static int Check(string path, TextWriter output, TextWriter errors)
    {
        var volfile = Parse(path, errors);

        // Building binds every option and checks every translator; nothing is started, so nothing is connected.
        var environment = new TranslatorEnvironment
        {
            Transport = new MemoryTransport(),
            Random = Random.Shared,
            Process = GatewayHost.IdentifyProcess(),
            VolumeName = volfile.Top.Name,
        };
        var slots = 0;
        if (new GraphBuilder(StockTranslators.Registry, environment).Build(volfile, 0, () => slots++).Error is { } wrong)
            throw new GatewayException($"{path}: {wrong}");

        output.Write(VolfileTree.Render(volfile));
        foreach (var type in volfile.Volumes.Select(v => v.Type).Distinct())
        {
            if (StockTranslators.Registry.Find(type)?.PassThroughReason is { } reason)
                output.WriteLine($"passed through: {type}: {reason}");
        }

        return 0;
    }

    private static Volfile Parse(string path, TextWriter errors)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GatewayException($"volfile '{path}' cannot be read: {error.Message}", error);
        }

        var parsed = VolfileParser.Parse(text);
        foreach (var warning in parsed.Warnings)
            errors.WriteLine($"{path}: warning: {warning}");
        return parsed.Volfile ?? throw new GatewayException($"{path}: {parsed.Error}");
    }
}
