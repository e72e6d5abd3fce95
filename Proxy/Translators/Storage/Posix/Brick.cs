using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>
/// An open brick: what every operation on it shares. Everything is found from the root by gfid, through the handles under
/// <c>.glusterfs</c>; no path of a client is ever walked.
/// </summary>
internal sealed partial class Brick : IDisposable
{
    /// <summary>Locks that entry operations take by parent directory; two parents seldom share one.</summary>
    private const int EntryGateCount = 64;

    private readonly Lock[] _entryGates = [.. Enumerable.Range(0, EntryGateCount).Select(_ => new Lock())];

    public Brick(string path, FileHandle root, XattrNames names, PosixOptions options, TimeProvider time, ILogger logger)
    {
        Path = path;
        Root = root;
        Names = names;
        Options = options;
        Time = time;
        Logger = logger;
        Inodes = new PosixInodeTable(options.InodeCacheLimit, options.FdCacheLimit);
    }

    public string Path { get; }

    public FileHandle Root { get; }

    public XattrNames Names { get; }

    /// <summary>The options of this start; reserve and the like follow reconfiguration, sizes of tables do not.</summary>
    public PosixOptions Options { get; set; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public PosixInodeTable Inodes { get; }

    public void Dispose()
    {
        Inodes.Clear();
        Root.Dispose();
    }

    /// <summary>The gate of a directory's names: creating, removing and renaming in it take it, one or two at a time.</summary>
    public EntryGate EnterEntries(Gfid parent) => new(Gate(parent), null);

    /// <summary>The gates of two directories, always in the same order.</summary>
    public EntryGate EnterEntries(Gfid one, Gfid other)
    {
        var (first, second) = (GateIndex(one), GateIndex(other));
        if (first == second)
            return new(_entryGates[first], null);
        return first < second ? new(_entryGates[first], _entryGates[second]) : new(_entryGates[second], _entryGates[first]);
    }

    private Lock Gate(Gfid parent) => _entryGates[GateIndex(parent)];

    private static int GateIndex(Gfid gfid) => (int)((gfid.Low ^ gfid.High) % EntryGateCount);

    /// <summary>One or two gates, held until disposed.</summary>
    public readonly ref struct EntryGate
    {
        private readonly Lock _first;
        private readonly Lock? _second;

        public EntryGate(Lock first, Lock? second)
        {
            _first = first;
            _second = second;
            first.Enter();
            second?.Enter();
        }

        public void Dispose()
        {
            _second?.Exit();
            _first.Exit();
        }
    }
}
