using BlockProxy.IntegrationTests.Support;

namespace BlockProxy.IntegrationTests;

/// <summary>Ends what the tests of a run shared.</summary>
[SetUpFixture]
public sealed class SharedLab
{
    [OneTimeTearDown]
    public async Task Stop_the_shared_lab()
    {
        await GlusterLab.StopSharedAsync();
        DiskImage.Delete();
    }
}
