using BenchmarkDotNet.Running;

namespace BlockProxy.Benchmarks;

/// <summary>The BenchmarkDotNet benchmarks of this assembly, chosen with its usual arguments.</summary>
internal static class Measurements
{
    public static int Run(string[] args)
    {
        // In this process: what BenchmarkDotNet would build beside it looks for a project by the assembly's name, which is not the project's.
        BenchmarkSwitcher.FromAssembly(typeof(Measurements).Assembly).Run(args.Length == 0 ? args : [.. args, "--inProcess"]);
        return 0;
    }
}
