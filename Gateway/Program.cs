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
