using System.Diagnostics;
using System.Globalization;

namespace BlockProxy.IntegrationTests.Support;

/// <summary>
/// The real <c>blockproxy</c> executable as a process: started inside a lab or on this machine, watched through its log, stopped with signals.
/// </summary>
public sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly GlusterLab? _lab;
    private readonly string _pidFile;
    private readonly List<string> _log = [];
    private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Seen)> _awaited = [];
    private readonly Task _reading;
    private readonly Task<string> _output;

    private GatewayProcess(Process process, GlusterLab? lab, string pidFile)
    {
        _process = process;
        _lab = lab;
        _pidFile = pidFile;
        _reading = ReadLogAsync();
        _output = process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>The executable these tests were built with.</summary>
    public static string Executable => Path.Combine(AppContext.BaseDirectory, "blockproxy");

    /// <summary>What it logged so far, a line each.</summary>
    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_log)
                return [.. _log];
        }
    }

    /// <summary>Starts the gateway and waits until it serves.</summary>
    /// <param name="lab">Where it runs; null for this machine.</param>
    /// <param name="arguments">Its command line.</param>
    public static async Task<GatewayProcess> StartAsync(GlusterLab? lab, params string[] arguments)
    {
        var gateway = Launch(lab, arguments);
        try
        {
            await gateway.WaitForLogAsync(line => line.Contains(" serves on ", StringComparison.Ordinal) || line.Contains("Serving ", StringComparison.Ordinal), StartTimeout);
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }

        return gateway;
    }

    /// <summary>Runs it to its end: for command lines that must fail.</summary>
    public static async Task<CommandResult> RunAsync(GlusterLab? lab, params string[] arguments) =>
        lab is null ? await Command.RunAsync([Executable, .. arguments]) : await lab.RunAsync([Executable, .. arguments]);

    /// <summary>Completes with the next line, or one already logged, that fits.</summary>
    public async Task<string> WaitForLogAsync(Func<string, bool> wanted, TimeSpan timeout)
    {
        TaskCompletionSource<string> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_log)
        {
            if (_log.Find(line => wanted(line)) is { } already)
                return already;
            _awaited.Add((wanted, seen));
        }

        await Task.WhenAny(seen.Task, _reading).WaitAsync(timeout);
        return seen.Task.IsCompletedSuccessfully
            ? seen.Task.Result
            : throw new InvalidOperationException($"blockproxy ended before it logged what was awaited:\n{string.Join('\n', Log)}");
    }

    /// <summary>SIGTERM; answers the exit code.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        return await WaitForExitAsync();
    }

    /// <summary>SIGKILL: nothing is flushed or closed.</summary>
    public async Task KillAsync()
    {
        await SignalAsync("KILL");
        await WaitForExitAsync();
    }

    /// <summary>Bytes of memory that are resident.</summary>
    public async Task<long> ResidentBytesAsync()
    {
        var pid = await File.ReadAllTextAsync(_pidFile);
        var status = _lab is null
            ? await File.ReadAllTextAsync($"/proc/{pid.Trim()}/status")
            : await _lab.CheckAsync("cat", $"/proc/{pid.Trim()}/status");
        var line = status.Split('\n').First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
        File.Delete(_pidFile);
    }

    private static GatewayProcess Launch(GlusterLab? lab, string[] arguments)
    {
        var pidFile = lab is null
            ? Path.Combine(Path.GetTempPath(), $"blockproxy-{Guid.NewGuid():N}.pid")
            : Path.Combine(lab.Root, "tmp", $"blockproxy-{Guid.NewGuid():N}.pid");
        string[] command = ["sh", "-c", $"echo $$ > {pidFile}; exec \"$@\"", "sh", Executable, .. arguments];
        return new GatewayProcess(lab is null ? Command.Start(command) : lab.Start(command), lab, pidFile);
    }

    private async Task SignalAsync(string signal)
    {
        var pid = (await File.ReadAllTextAsync(_pidFile)).Trim();
        if (_lab is null)
            await Command.RunAsync(["kill", $"-{signal}", pid]);
        else
            await _lab.RunAsync("kill", $"-{signal}", pid);
    }

    private async Task<int> WaitForExitAsync()
    {
        using var deadline = new CancellationTokenSource(StopTimeout);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"blockproxy did not stop in time:\n{string.Join('\n', Log)}");
        }

        await _reading;
        await _output;
        return _process.ExitCode;
    }

    private async Task ReadLogAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            List<TaskCompletionSource<string>> seen;
            lock (_log)
            {
                _log.Add(line);
                seen = [.. _awaited.Where(a => a.Wanted(line)).Select(a => a.Seen)];
            }

            foreach (var one in seen)
                one.TrySetResult(line);
        }
    }
}
