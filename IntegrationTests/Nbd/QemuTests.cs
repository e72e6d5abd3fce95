using System.Text.Json;
using BlockProxy.IntegrationTests.Support;

namespace BlockProxy.IntegrationTests.Nbd;

[TestFixture]
internal sealed class QemuTests() : NbdFixture("qemu-img", "qemu-io")
{
    [Test]
    public async Task Info_sees_a_raw_disk_of_the_right_size()
    {
        using var json = JsonDocument.Parse(await RunAsync("qemu-img", "info", "--output=json", Host.Uri("mem")));

        Assert.That(json.RootElement.GetProperty("virtual-size").GetInt64(), Is.EqualTo(NbdHost.Size));
        Assert.That(json.RootElement.GetProperty("format").GetString(), Is.EqualTo("raw"));
    }

    [Test]
    public async Task An_image_converted_onto_an_export_compares_equal_and_comes_back_equal([Values("mem", "file", "slow", "sectors")] string export, [Values] bool unix)
    {
        var image = Host.Scratch("image.raw");
        var back = Host.Scratch("back.qcow2");
        await WriteSparseAsync(image, seed: 1);

        await RunAsync("qemu-img", "convert", "-n", "-W", "-f", "raw", "-O", "raw", image, Host.Uri(export, unix));
        Assert.That(await RunAsync("qemu-img", "compare", "-f", "raw", "-F", "raw", image, Host.Uri(export, unix)), Does.Contain("Images are identical"));
        await RunAsync("qemu-img", "convert", "-f", "raw", "-O", "qcow2", Host.Uri(export, unix), back);

        Assert.That(await RunAsync("qemu-img", "compare", "-f", "raw", "-F", "qcow2", image, back), Does.Contain("Images are identical"));
    }

    [Test]
    public async Task A_difference_of_one_byte_is_found()
    {
        var image = Host.Scratch("image.raw");
        await WriteSparseAsync(image, seed: 2);
        await RunAsync("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", image, Host.Uri("mem"));

        await RunAsync("qemu-io", "-f", "raw", "-c", "write -P 0x5a 12345678 1", Host.Uri("mem"));

        Assert.That((await Command.RunAsync(["qemu-img", "compare", "-f", "raw", "-F", "raw", image, Host.Uri("mem")])).ExitCode, Is.EqualTo(1));
    }

    [Test]
    public async Task Map_sees_the_holes([Values("mem", "file")] string export)
    {
        await RunAsync("qemu-io", "-f", "raw", "-c", "write -P 1 2M 64k", "-c", "flush", Host.Uri(export));

        using var json = JsonDocument.Parse(await RunAsync("qemu-img", "map", "--output=json", "-f", "raw", Host.Uri(export)));

        var data = json.RootElement.EnumerateArray().Where(extent => extent.GetProperty("data").GetBoolean()).ToList();
        Assert.That(data.Select(extent => (extent.GetProperty("start").GetInt64(), extent.GetProperty("length").GetInt64())), Is.EqualTo(new[] { (2L << 20, 64L << 10) }));
    }

    [Test]
    public async Task Writes_zeroes_discards_and_flushes_do_what_they_say([Values("mem", "file")] string export)
    {
        var output = await RunAsync(
            "qemu-io", "-f", "raw",
            "-c", "write -P 0xa5 0 4M", // data
            "-c", "write -f -P 0xa6 1M 64k", // with FUA
            "-c", "write -z 2M 64k", // zeroes without a hole
            "-c", "write -z -u 3M 64k", // zeroes that may be a hole
            "-c", "discard 3584k 64k",
            "-c", "flush",
            "-c", "read -P 0xa5 0 1M",
            "-c", "read -P 0xa6 1M 64k",
            "-c", "read -P 0 2M 64k",
            "-c", "read -P 0xa5 2112k 64k",
            "-c", "read -P 0 3M 64k",
            "-c", "aio_write -P 1 5M 1M", "-c", "aio_write -P 2 6M 1M", "-c", "aio_flush",
            "-c", "read -P 1 5M 1M", "-c", "read -P 2 6M 1M",
            Host.Uri(export));

        Assert.That(output, Does.Not.Contain("Pattern verification failed"));
        Assert.That(output, Does.Not.Contain("failed"));
    }

    [Test]
    public async Task Requests_that_are_not_aligned_to_anything_are_right()
    {
        var output = await RunAsync(
            "qemu-io", "-f", "raw", "-c", "write -P 1 0 3000", "-c", "write -P 2 1001 777", "-c", "write -z 1200 10",
            "-c", "read -P 1 0 1001", "-c", "read -P 2 1001 199", "-c", "read -P 0 1200 10", "-c", "read -P 2 1210 568", "-c", "read -P 1 1778 1222",
            Host.Uri("mem"));

        Assert.That(output, Does.Not.Contain("Pattern verification failed"));
    }

    [Test]
    public async Task A_read_only_export_refuses_a_writer_and_serves_a_reader()
    {
        Assert.That((await Command.RunAsync(["qemu-io", "-f", "raw", "-c", "write 0 512", Host.Uri("ro")])).ExitCode, Is.Not.Zero);
        Assert.That(await RunAsync("qemu-io", "-r", "-f", "raw", "-c", "read -P 0 0 1M", Host.Uri("ro")), Does.Contain("read 1048576/1048576"));
    }

    [Test]
    public async Task A_failing_write_is_an_input_output_error()
    {
        var result = await Command.RunAsync(["qemu-io", "-f", "raw", "-c", "write 0 512", Host.Uri("broken")]);

        Assert.That(result.Output + result.Errors, Does.Contain("Input/output error"));
    }
}
