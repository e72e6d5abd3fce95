using BenchmarkDotNet.Running;

namespace BlockProxy.Benchmarks;

/// <summary>The BenchmarkDotNet benchmarks of this assembly, chosen with its usual arguments.</summary>
internal static class Measurements
{
    public static int Run(string[] args)
    {
        BenchmarkSwitcher.FromAssembly(typeof(Measurements).Assembly).Run(args);
        return 0;
    }
}
