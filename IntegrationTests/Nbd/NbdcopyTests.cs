namespace BlockProxy.IntegrationTests.Nbd;

[TestFixture]
internal sealed class NbdcopyTests() : NbdFixture("nbdcopy")
{
    [Test]
    public async Task A_sparse_image_goes_out_and_comes_back_over_many_connections([Values("mem", "file", "slow")] string export, [Values] bool unix)
    {
        var image = Host.Scratch("image.raw");
        var back = Host.Scratch("back.raw");
        await WriteSparseAsync(image, seed: 3);

        await RunAsync("nbdcopy", "--flush", "--connections=4", "--requests=32", image, Host.Uri(export, unix));
        await RunAsync("nbdcopy", "--connections=4", "--requests=32", Host.Uri(export, unix), back);

        Assert.That(await HashAsync(back), Is.EqualTo(await HashAsync(image)));
    }

    [Test]
    public async Task Synchronous_and_one_request_at_a_time_work_as_well()
    {
        var image = Host.Scratch("image.raw");
        var back = Host.Scratch("back.raw");
        await WriteSparseAsync(image, seed: 4);

        await RunAsync("nbdcopy", "--synchronous", "--allocated", image, Host.Uri("mem"));
        await RunAsync("nbdcopy", "--requests=1", "--connections=1", Host.Uri("mem"), back);

        Assert.That(await HashAsync(back), Is.EqualTo(await HashAsync(image)));
    }

    [Test]
    public async Task From_one_export_to_another()
    {
        var image = Host.Scratch("image.raw");
        await WriteSparseAsync(image, seed: 5);
        await RunAsync("nbdcopy", image, Host.Uri("mem"));

        await RunAsync("nbdcopy", "--flush", Host.Uri("mem"), Host.Uri("file", unix: true));

        Assert.That(await HashAsync(Host.FilePath), Is.EqualTo(await HashAsync(image)));
    }

    private static async Task<string> HashAsync(string path) => (await RunAsync("sha256sum", path)).Split(' ')[0];
}
