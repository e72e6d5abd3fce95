using System.CommandLine;
using BlockProxy.Gateway.Configuration;

namespace BlockProxy.Gateway.Cli;

/// <summary>The options about the log that every command which runs has.</summary>
internal sealed class LogOptions
{
    public Option<string?> Level { get; } = new("--log-level") { Description = "verbose, debug, information, warning or error (default information)", HelpName = "LEVEL" };

    public Option<string?> Format { get; } = new("--log-format") { Description = "text or json, one line per event (default text)", HelpName = "FORMAT" };

    public LogConfiguration Apply(ParseResult result, LogConfiguration log)
    {
        if (result.GetValue(Level) is { } level)
            log = log with { Level = ConfigurationKeys.Level(level) };
        if (result.GetValue(Format) is { } format)
            log = log with { Format = ConfigurationKeys.Format(format) };
        return log;
    }
}
