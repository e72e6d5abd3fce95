using System.Collections.Concurrent;
using BlockProxy.Block;
using BlockProxy.Io;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Nbd;

/// <summary>A memory device whose requests can be held back one by one, and that remembers them.</summary>
internal sealed class GatedDevice(long size, Func<BlockDeviceInfo, BlockDeviceInfo>? shape = null) : IBlockDevice
{
    private readonly MemoryDevice _memory = new(size);
    private readonly ConcurrentDictionary<long, TaskCompletionSource<BlockError>> _held = new();
    private readonly SemaphoreSlim _arrived = new(0);

    public BlockDeviceInfo Info => shape?.Invoke(_memory.Info) ?? _memory.Info;

    /// <summary>Every request in the order it came: its kind, offset, length and flags.</summary>
    public ConcurrentQueue<(string Kind, long Offset, long Length, BlockWriteFlags Flags)> Requests { get; } = new();

    /// <summary>Answers every request that is not held, when it is not None.</summary>
    public BlockError Answer { get; set; }

    /// <summary>Whether reads complete on another thread.</summary>
    public bool ReadsElsewhere { get; init; }

    public bool Disposed { get; private set; }

    /// <summary>Requests at this offset wait until they are told to go on; a flush is at -1.</summary>
    public void Hold(long offset) => _held[offset] = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void LetGo(long offset, BlockError answer = BlockError.None)
    {
        if (_held.TryRemove(offset, out var held))
            held.SetResult(answer);
    }

    /// <summary>Completes when that many more requests have reached the device.</summary>
    public async Task ArrivedAsync(int count = 1)
    {
        for (var i = 0; i < count; i++)
            Assert.That(await _arrived.WaitAsync(RawClient.Patience), "no request reached the device");
    }

    public ValueTask<BlockError> ReadAsync(long offset, Memory<byte> destination) =>
        PassAsync("read", offset, destination.Length, default, () => _memory.ReadAsync(offset, destination));

    public ValueTask<BlockError> WriteAsync(long offset, Payload data, BlockWriteFlags flags) =>
        PassAsync("write", offset, data.Length, flags, () => _memory.WriteAsync(offset, data, flags));

    public ValueTask<BlockError> FlushAsync() => PassAsync("flush", -1, 0, default, _memory.FlushAsync);

    public ValueTask<BlockError> TrimAsync(long offset, long length, BlockWriteFlags flags) =>
        PassAsync("trim", offset, length, flags, () => _memory.TrimAsync(offset, length, flags));

    public ValueTask<BlockError> WriteZeroesAsync(long offset, long length, BlockWriteFlags flags) =>
        PassAsync("zero", offset, length, flags, () => _memory.WriteZeroesAsync(offset, length, flags));

    public ValueTask<BlockError> CacheAsync(long offset, long length) =>
        PassAsync("cache", offset, length, default, () => _memory.CacheAsync(offset, length));

    public ValueTask<BlockError> DescribeAsync(long offset, long length, int maximumExtents, ICollection<BlockExtent> extents) =>
        PassAsync("describe", offset, length, default, () => _memory.DescribeAsync(offset, length, maximumExtents, extents));

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return default;
    }

    private async ValueTask<BlockError> PassAsync(string kind, long offset, long length, BlockWriteFlags flags, Func<ValueTask<BlockError>> request)
    {
        Requests.Enqueue((kind, offset, length, flags));
        var held = _held.GetValueOrDefault(offset);
        _arrived.Release();
        if (ReadsElsewhere && kind == "read")
            await Task.Yield();
        var answer = held is null ? Answer : await held.Task;
        return answer == BlockError.None ? await request() : answer;
    }
}
