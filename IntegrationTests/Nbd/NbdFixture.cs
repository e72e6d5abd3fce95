using BlockProxy.IntegrationTests.Support;

namespace BlockProxy.IntegrationTests.Nbd;

/// <summary>A fresh server for each test; after it, no connection and no buffer is left, and nothing was logged that the test did not expect.</summary>
internal abstract class NbdFixture(params string[] programs)
{
    protected NbdHost Host { get; private set; } = null!;

    [SetUp]
    public void StartHost()
    {
        Command.Require(programs);
        Host = new NbdHost();
    }

    [TearDown]
    public async Task StopHostAsync()
    {
        if (Host is null)
            return;
        await Host.ExpectNothingLeftAsync();
        var warnings = Host.Log.Warnings.ToList();
        await Host.DisposeAsync();
        Assert.That(warnings, Is.Empty, "logged");
    }

    protected static async Task<string> RunAsync(params string[] command) => (await Command.RunAsync(command)).Expect();

    /// <summary>Writes a file with data and holes in it.</summary>
    protected static async Task WriteSparseAsync(string path, int seed)
    {
        var random = new Random(seed);
        await using var file = new FileStream(path, FileMode.Create);
        file.SetLength(NbdHost.Size);
        for (var i = 0; i < 40; i++)
        {
            var data = new byte[random.Next(1, 300_000)];
            random.NextBytes(data);
            file.Position = random.NextInt64(NbdHost.Size - data.Length);
            await file.WriteAsync(data);
        }
    }
}
