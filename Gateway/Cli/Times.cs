using BlockProxy.Proxy.Options;

namespace BlockProxy.Gateway.Cli;

internal static class Times
{
    /// <summary>A time of the command line, or null where it was not given.</summary>
    public static TimeSpan? Parse(string option, string? text)
    {
        if (text is null)
            return null;
        return OptionValue.TryTime(text, out var time) ? time : throw new GatewayException($"{option} '{text}': expected a time such as 30s, 500ms or 2min");
    }
}
