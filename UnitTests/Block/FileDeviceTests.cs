using BlockProxy.Block;
using BlockProxy.Io;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Block;

[TestFixture]
internal sealed class FileDeviceTests : DeviceContract
{
    private readonly string _directory = Directory.CreateTempSubdirectory("blockproxy-file-device").FullName;
    private int _files;

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_directory, recursive: true);

    protected override IBlockDevice Create(long size) => FileDevice.Open(NewFile(size));

    [Test]
    public async Task The_device_is_the_file()
    {
        var path = NewFile(1 << 20);
        await using (var device = FileDevice.Open(path))
        {
            Assert.That(device.Info.Size, Is.EqualTo(1 << 20));
            await device.WriteAsync(4096, new byte[] { 1, 2, 3 }, BlockWriteFlags.Fua);
        }

        var bytes = await File.ReadAllBytesAsync(path);
        Assert.That(bytes, Has.Length.EqualTo(1 << 20));
        Assert.That(bytes[4096..4100], Is.EqualTo(new byte[] { 1, 2, 3, 0 }));
    }

    [Test]
    public async Task A_file_opened_read_only_is_read_and_says_so()
    {
        var path = NewFile(4096);
        await File.WriteAllBytesAsync(path, Bytes(4096, seed: 3));
        await using var device = FileDevice.Open(path, readOnly: true);
        var read = new byte[4096];

        Assert.That(device.Info.ReadOnly, Is.True);
        Assert.That(await device.ReadAsync(0, read), Is.EqualTo(BlockError.None));
        Assert.That(read, Is.EqualTo(Bytes(4096, seed: 3)));
        Assert.That(await device.WriteAsync(0, read, BlockWriteFlags.None), Is.Not.EqualTo(BlockError.None));
    }

    [Test]
    public async Task A_file_that_became_shorter_fails_a_read_beyond_its_end()
    {
        var path = NewFile(1 << 20);
        await using var device = FileDevice.Open(path, readOnly: true);
        using (var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            RandomAccess.SetLength(handle, 4096);

        Assert.That(await device.ReadAsync(0, new byte[4096]), Is.EqualTo(BlockError.None));
        Assert.That(await device.ReadAsync(4096, new byte[4096]), Is.EqualTo(BlockError.Io));
        Assert.That(await device.ReadAsync(0, new byte[FileDevice.InlineReadLimit + 1]), Is.EqualTo(BlockError.Io), "and on a worker too");
    }

    [Test]
    public async Task Reads_too_large_for_the_callers_thread_are_done_by_a_worker()
    {
        await using var device = FileDevice.Open(NewFile(4 << 20));
        var data = Bytes(2 << 20, seed: 4);
        await device.WriteAsync(12345, data, BlockWriteFlags.None);
        var read = new byte[data.Length];

        Assert.That(await device.ReadAsync(12345, read), Is.EqualTo(BlockError.None));

        Assert.That(read.AsSpan().SequenceEqual(data), Is.True);
    }

    [Test]
    public async Task More_requests_than_workers_all_complete()
    {
        await using var device = FileDevice.Open(NewFile(1 << 20), workers: new BlockingWorkers(2, "test"));
        var writes = Enumerable.Range(0, 100).Select(i => device.WriteAsync(i * 4096, Bytes(4096, seed: i), BlockWriteFlags.None).AsTask()).ToList();

        Assert.That(await Task.WhenAll(writes), Is.All.EqualTo(BlockError.None));

        var read = new byte[4096];
        for (var i = 0; i < 100; i++)
        {
            await device.ReadAsync(i * 4096, read);
            Assert.That(read.AsSpan().SequenceEqual(Bytes(4096, seed: i)), Is.True, $"block {i}");
        }
    }

    [Test]
    public async Task A_second_writer_is_kept_out()
    {
        var path = NewFile(4096);
        await using var device = FileDevice.Open(path);

        Assert.That(() => FileDevice.Open(path), Throws.InstanceOf<IOException>().With.Message.StartsWith($"cannot open {path}"));
    }

    [Test]
    public async Task A_request_after_close_is_an_error_not_a_crash()
    {
        var device = FileDevice.Open(NewFile(1 << 20));
        await device.DisposeAsync();
        await device.DisposeAsync();

        Assert.That(await device.WriteAsync(0, new byte[1], BlockWriteFlags.None), Is.EqualTo(BlockError.ShuttingDown));
        Assert.That(await device.FlushAsync(), Is.EqualTo(BlockError.ShuttingDown));
        Assert.That(await device.ReadAsync(0, new byte[1]), Is.EqualTo(BlockError.ShuttingDown));
    }

    [Test]
    public void What_is_no_disk_image_is_refused_with_the_reason()
    {
        var empty = NewFile(0);

        Assert.Multiple(() =>
        {
            Assert.That(() => FileDevice.Open(_directory), Throws.InstanceOf<IOException>().With.Message.EqualTo($"{_directory} is a directory, not a disk image"));
            Assert.That(() => FileDevice.Open(empty), Throws.InstanceOf<IOException>().With.Message.EqualTo($"{empty} is empty: a disk needs a size"));
            Assert.That(() => FileDevice.Open(empty + ".none"), Throws.InstanceOf<IOException>().With.Message.StartsWith($"cannot open {empty}.none"));
        });
    }

    private string NewFile(long size)
    {
        var path = Path.Combine(_directory, $"{_files++}.raw");
        using var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        RandomAccess.SetLength(handle, size);
        return path;
    }
}
