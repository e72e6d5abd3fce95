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
    var where = string.Join(" < ", new System.Diagnostics.StackTrace(error).GetFrames().Take(6).Select(f => $"{f.GetMethod()?.DeclaringType?.Name}.{f.GetMethod()?.Name}"));
    await Console.Error.WriteLineAsync($"blockproxy: internal error: {error.GetType().Name}: {error.Message} (at {where})");
    return 70;
}
