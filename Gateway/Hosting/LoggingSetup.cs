using System.Globalization;
using BlockProxy.Gateway.Configuration;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace BlockProxy.Gateway.Hosting;

/// <summary>One line per event, to standard error, as text or as compact JSON.</summary>
public static class LoggingSetup
{
    // No {Exception}: an operator gets the cause in the message, not a stack trace; --log-format json carries it for developers.
    private const string Template = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} {Level:u3} {SourceContext}: {Message:lj}{NewLine}";

    public static Logger Create(LogConfiguration log)
    {
        ArgumentNullException.ThrowIfNull(log);
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Is(log.Level)
            // The host says in many lines what our own lines say in one.
            .MinimumLevel.Override("Microsoft", log.Level <= LogEventLevel.Debug ? LogEventLevel.Information : LogEventLevel.Fatal);
        configuration = log.Format == LogFormat.Json
            ? configuration.WriteTo.Console(new RenderedCompactJsonFormatter(), standardErrorFromLevel: LogEventLevel.Verbose)
            : configuration.WriteTo.Console(
                outputTemplate: Template, standardErrorFromLevel: LogEventLevel.Verbose, formatProvider: CultureInfo.InvariantCulture,
                theme: Serilog.Sinks.SystemConsole.Themes.ConsoleTheme.None);
        return configuration.CreateLogger();
    }

    /// <summary>The same log through the framework's abstraction, which is what the libraries take.</summary>
    public static ILoggerFactory Factory(Logger logger) =>
        LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddSerilog(logger));
}
