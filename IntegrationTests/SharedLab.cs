using BlockProxy.IntegrationTests.Support;

namespace BlockProxy.IntegrationTests;

/// <summary>Ends what the tests of a run shared.</summary>
[SetUpFixture]
public sealed class SharedLab
{
    [OneTimeTearDown]
    public Task Stop_the_shared_lab() => GlusterLab.StopSharedAsync();
}
