namespace BlockProxy.IntegrationTests.Support;

/// <summary>What a program said and how it ended.</summary>
public sealed record CommandResult(string Command, int ExitCode, string Output, string Errors)
{
    /// <summary>The output of a command that must succeed.</summary>
    public string Expect() => ExitCode == 0
        ? Output
        : throw new InvalidOperationException($"'{Command}' ended with {ExitCode}\n{Output}\n{Errors}");
}
