using BlockProxy.Gateway;
using BlockProxy.Gateway.Cli;

try
{
    return await CommandLine.Create().Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
}
catch (GatewayException error)
{
    await Console.Error.WriteLineAsync($"blockproxy: {error.Message}");
    return 1;
}
catch (OperationCanceledException)
{
    return 0; // stopped while it was starting
}
catch (Exception error)
{
    // A defect of ours: still one line, with what a report needs.
    await Console.Error.WriteLineAsync($"blockproxy: internal error: {error.GetType().Name}: {error.Message} (at {error.TargetSite?.DeclaringType?.FullName}.{error.TargetSite?.Name})");
    return 70;
}
