using System.Diagnostics;

namespace BlockProxy.IntegrationTests.Support;

/// <summary>Runs programs of the machine.</summary>
public static class Command
{
    /// <summary>Runs a program to its end, or kills it after <paramref name="timeout"/> (two minutes unless told).</summary>
    public static async Task<CommandResult> RunAsync(
        IEnumerable<string> command, TimeSpan? timeout = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        string[] words = [.. command];
        using var process = Start(words, environment);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(timeout ?? TimeSpan.FromMinutes(2));
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{string.Join(' ', words)}' did not end in time");
        }

        return new CommandResult(string.Join(' ', words), process.ExitCode, await output, await errors);
    }

    /// <summary>Starts a program whose input, output and errors are redirected; the caller ends it.</summary>
    public static Process Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException($"'{command[0]}' did not start");
    }

    /// <summary>Skips the test, visibly, when one of the programs is not installed.</summary>
    public static void Require(params string[] programs)
    {
        var missing = programs.Where(program => Find(program) is null).ToList();
        if (missing.Count > 0)
            Assert.Ignore($"not installed: {string.Join(", ", missing)}");
    }

    /// <summary>The path of a program, or null.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Concat(["/usr/local/sbin", "/usr/sbin", "/sbin"])
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(File.Exists);
}
