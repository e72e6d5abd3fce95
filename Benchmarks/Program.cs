using BlockProxy.Benchmarks;

return args is ["serve-memory", .. var rest] ? await ServeMemory.RunAsync(rest) : Measurements.Run(args);
