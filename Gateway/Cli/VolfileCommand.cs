using System.CommandLine;
using BlockProxy.Gateway.Hosting;
using BlockProxy.Io;
using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Translators;
using BlockProxy.Volgen;

namespace BlockProxy.Gateway.Cli;

/// <summary><c>blockproxy volfile check</c>: would this volfile be served, and what is wrong with it if not.</summary>
internal static class VolfileCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The volfile" };
        var check = new Command("check", "Parse a volfile, bind its options, and print its graph as a tree, or say what is wrong and where") { file };
        check.SetAction(result => Check(result.GetRequiredValue(file), result.InvocationConfiguration.Output, result.InvocationConfiguration.Error));
        return new Command("volfile", "Work with volfiles") { check };
    }

    private static int Check(string path, TextWriter output, TextWriter errors)
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
        if (parsed.Volfile is not { } volfile)
            throw new GatewayException($"{path}: {parsed.Error}");

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
}
