using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix;
using BlockProxy.Proxy.Translators.Storage.Posix.Executor;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Posix;

/// <summary>
/// A brick in a directory of its own, without threads, and short ways to use it. Fops complete before they return. The directory is in
/// the system's temporary place unless it has no trusted attributes; the test is skipped where none can be had.
/// </summary>
internal sealed class TemporaryBrick : IAsyncDisposable
{
    public static readonly Gfid Volume = Gfid.Parse("7904e5fe-a2e5-4fd3-a89d-8482094b953e");

    private readonly Random _random = new(4711);

    private TemporaryBrick(string directory, PosixTranslator posix, ShiftedClock clock)
    {
        Directory = directory;
        Posix = posix;
        Clock = clock;
    }

    /// <summary>The brick's clock: the real one, and as much later as the test wants.</summary>
    public ShiftedClock Clock { get; }

    public string Directory { get; }

    public PosixTranslator Posix { get; private set; }

    public InodeTable Inodes { get; } = new();

    public Inode Root => Inodes.Root;

    /// <summary>Whoever calls, at the time of the fops.</summary>
    public FopContext Context { get; set; } = new(null, LkOwner.From(1), (FopTimes)0x1f, new Timespec(1000, 5));

    /// <summary>A fresh brick; <paramref name="change"/> sets other options than the defaults.</summary>
    public static TemporaryBrick Start(Func<PosixOptions, PosixOptions>? change = null)
    {
        var options = new PosixOptions { VolumeId = Volume, Initialize = true, Reserve = 0 };
        options = change?.Invoke(options) ?? options;
        if (options.XattrNamespace == XattrNamespace.Trusted && !Sys.IsPrivileged)
            Assert.Ignore("trusted extended attributes need root");
        var directory = options.Directory ?? Path.Combine(System.IO.Directory.CreateTempSubdirectory("blockproxy-posix-").FullName, "brick");
        var clock = new ShiftedClock();
        var posix = Make(options with { Directory = directory }, clock);
        if (posix.Refusal is { } refusal && refusal.Contains("does not support", StringComparison.Ordinal))
            Assert.Ignore($"{directory}: {refusal}");
        Assert.That(posix.Refusal, Is.Null);
        return new TemporaryBrick(directory, posix, clock);
    }

    /// <summary>A translator over a directory, started.</summary>
    public static PosixTranslator Make(PosixOptions options, TimeProvider? time = null)
    {
        var posix = new PosixTranslator(options, time ?? TimeProvider.System, NullLogger.Instance, new InlineIoExecutor()) { Name = "brick" };
        posix.Start();
        return posix;
    }

    /// <summary>Ends the process's use of the directory and opens it again, as after a restart.</summary>
    public async Task RestartAsync(Func<PosixOptions, PosixOptions>? change = null)
    {
        var options = Posix.Options with { Initialize = false };
        await Posix.StopAsync();
        Posix = Make(change?.Invoke(options) ?? options, Clock);
        Assert.That(Posix.Refusal, Is.Null);
    }

    public Gfid NewGfid() => Gfid.NewRandom(_random);

    public static Xdata Requesting(Gfid gfid) => new() { ["gfid-req"] = XdataValue.Gfid(gfid) };

    public async Task<Fd> CreateAsync(string name, Inode? parent = null, OpenFlags flags = OpenFlags.ReadWrite)
    {
        var gfid = NewGfid();
        var fd = new Fd(Inodes.Get(gfid), flags);
        var reply = await Posix.CreateAsync(Context, new(new(fd.Inode, parent ?? Root, name), fd, flags | OpenFlags.Create | OpenFlags.Exclusive, 0x1a4, Xdata: Requesting(gfid)));
        Assert.That(reply.Errno, Is.EqualTo(Errno.None));
        return fd;
    }

    /// <summary>A file with that content, closed.</summary>
    public async Task<Inode> FileAsync(string name, byte[]? content = null, Inode? parent = null)
    {
        var fd = await CreateAsync(name, parent);
        if (content is not null)
            Assert.That((await WriteAsync(fd, 0, content)).Errno, Is.EqualTo(Errno.None));
        await CloseAsync(fd);
        return fd.Inode;
    }

    public async Task<Inode> DirectoryAsync(string name, Inode? parent = null)
    {
        var gfid = NewGfid();
        var reply = await Posix.MkdirAsync(Context, new(new(Inodes.Get(gfid), parent ?? Root, name), 0x1ed, Xdata: Requesting(gfid)));
        Assert.That(reply.Errno, Is.EqualTo(Errno.None));
        return Inodes.Get(gfid);
    }

    public async Task<Fd> OpenAsync(Inode inode, OpenFlags flags = OpenFlags.ReadWrite)
    {
        var fd = new Fd(inode, flags);
        Assert.That((await Posix.OpenAsync(Context, new(Loc.Of(inode), fd, flags))).Errno, Is.EqualTo(Errno.None));
        return fd;
    }

    public ValueTask<StatusReply> CloseAsync(Fd fd) => Posix.ReleaseAsync(Context, new(fd));

    public ValueTask<WriteReply> WriteAsync(Fd fd, long offset, byte[] data, uint flag = 0, Xdata? xdata = null) =>
        Posix.WriteAsync(Context, new(fd, offset, data, flag, xdata));

    /// <summary>What is there, at most that many bytes.</summary>
    public async Task<byte[]> ReadAsync(Fd fd, long offset, int count)
    {
        var memory = new byte[count];
        var reply = await Posix.ReadAsync(Context with { Times = FopTimes.None }, new(fd, offset, memory));
        Assert.That(reply.Errno, Is.EqualTo(Errno.None));
        return memory[..reply.Count];
    }

    public ValueTask<LookupReply> LookupAsync(string name, Inode? parent = null, Xdata? xdata = null) =>
        Posix.LookupAsync(Context, new(new(null, parent ?? Root, name), xdata));

    public ValueTask<LookupReply> LookupAsync(Gfid gfid, Xdata? xdata = null) => Posix.LookupAsync(Context, new(Loc.Of(new Inode(gfid)), xdata));

    public ValueTask<PrePostReply> UnlinkAsync(string name, Inode? parent = null, Xdata? xdata = null) =>
        Posix.UnlinkAsync(Context, new(new(null, parent ?? Root, name), Xdata: xdata));

    public ValueTask<RenameReply> RenameAsync(Inode oldParent, string oldName, Inode newParent, string newName) =>
        Posix.RenameAsync(Context, new(new(null, oldParent, oldName), new(null, newParent, newName)));

    // The directory as it is on disk.

    public string At(params string[] names) => Path.Combine([Directory, .. names]);

    public string HandleOf(Gfid gfid)
    {
        var text = gfid.ToString();
        return At(".glusterfs", text[..2], text[2..4], text);
    }

    /// <summary>An attribute on disk; null when it is absent.</summary>
    public static byte[]? Xattr(string path, string name)
    {
        using var handle = Open(path);
        return XattrStore.Read(handle, new XattrNames(XattrNamespace.Trusted).OnDisk(name)!, out var value) == Errno.None ? value : null;
    }

    public static void SetXattr(string path, string name, byte[] value)
    {
        using var handle = Open(path);
        Assert.That(Sys.SetXattr(handle, new XattrNames(XattrNamespace.Trusted).OnDisk(name)!, value, 0), Is.EqualTo(Errno.None));
    }

    public static void RemoveXattr(string path, string name)
    {
        using var handle = Open(path);
        Assert.That(Sys.RemoveXattr(handle, new XattrNames(XattrNamespace.Trusted).OnDisk(name)!), Is.EqualTo(Errno.None));
    }

    public static IReadOnlyList<string> Xattrs(string path)
    {
        using var handle = Open(path);
        XattrStore.List(handle, new XattrNames(XattrNamespace.Trusted), out var names);
        return names;
    }

    /// <summary>The names that gfid2path keeps of a file: attribute and value.</summary>
    public static IReadOnlyDictionary<string, string> PathsOf(string path) => Xattrs(path)
        .Where(name => name.StartsWith("trusted.gfid2path.", StringComparison.Ordinal))
        .ToDictionary(name => name, name => Encoding.UTF8.GetString(Xattr(path, name)!));

    /// <summary>The attribute's name for a value, computed from the format's description.</summary>
    public static string PathAttribute(string value) => $"trusted.gfid2path.{XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(value)):x16}";

    /// <summary>Inode number and number of links.</summary>
    public static (ulong Ino, uint Links) Identity(string path)
    {
        using var handle = Open(path);
        Assert.That(Sys.Stat(handle, out var stat), Is.EqualTo(Errno.None));
        return (stat.Ino, stat.Nlink);
    }

    public static int PermissionsOf(string path)
    {
        using var handle = Open(path);
        Assert.That(Sys.Stat(handle, out var stat), Is.EqualTo(Errno.None));
        return stat.Mode & 0xfff;
    }

    /// <summary>The 57 bytes of a time stamp attribute, from the format's description.</summary>
    public static byte[] MdataBytes((long Seconds, long Nanoseconds) ctime, (long Seconds, long Nanoseconds) mtime, (long Seconds, long Nanoseconds) atime)
    {
        var bytes = new byte[57];
        bytes[0] = 1;
        foreach (var (at, value) in new[] { ctime.Seconds, ctime.Nanoseconds, mtime.Seconds, mtime.Nanoseconds, atime.Seconds, atime.Nanoseconds }.Index())
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(9 + (at * 8)), value);
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        await Posix.StopAsync();
        System.IO.Directory.Delete(Path.GetDirectoryName(Directory)!, recursive: true);
    }

    private static FileHandle Open(string path)
    {
        Assert.That(Sys.Open(Sys.AT_FDCWD, FileNames.WithNul(path), Sys.O_PATH | Sys.O_NOFOLLOW, 0, out var handle), Is.EqualTo(Errno.None), path);
        return handle!;
    }
}

/// <summary>The system's clock, moved.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    public TimeSpan Offset { get; set; }

    /// <summary>Nothing takes any time, whatever else the machine does meanwhile.</summary>
    public bool EverythingIsFast { get; set; }

    public override long GetTimestamp() => EverythingIsFast ? 0 : base.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
}
