using System.CommandLine;
using BlockProxy.Volgen.Options;

namespace BlockProxy.Gateway.Cli;

/// <summary><c>blockproxy volgen options</c>: what can be set on a volume.</summary>
internal static class OptionsCommand
{
    public static Command Create()
    {
        var pattern = new Argument<string?>("PATTERN")
        {
            Description = "A part of the name or description, or a name with '*'; all options without it",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var markdown = new Option<bool>("--markdown") { Description = "All of them as the page docs/volume-options.md" };
        var command = new Command("options", "List the options of volumes: type, default, what they do") { pattern, markdown };
        command.SetAction(result =>
        {
            if (result.GetValue(markdown))
            {
                result.InvocationConfiguration.Output.Write(OptionDocument.Render());
                return 0;
            }

            var wanted = result.GetValue(pattern);
            var options = OptionCatalogue.Matching(wanted ?? "").ToList();
            if (options.Count == 0)
                throw new GatewayException($"no option matches '{wanted}'{OptionCatalogue.Suggestion(wanted!)}");

            var output = result.InvocationConfiguration.Output;
            var nameWidth = options.Max(option => option.Name.Length);
            var valueWidth = options.Max(option => option.Allowed.Length);
            var defaultWidth = options.Max(option => option.ShownDefault.Length);
            foreach (var option in options)
            {
                output.WriteLine(
                    $"{option.Name.PadRight(nameWidth)}  {option.Allowed.PadRight(valueWidth)}  {option.ShownDefault.PadRight(defaultWidth)}  {option.Description}");
            }
            return 0;
        });
        return command;
    }
}
