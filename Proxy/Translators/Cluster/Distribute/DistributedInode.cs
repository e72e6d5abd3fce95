using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Cluster.Distribute;

/// <summary>What distribution remembers of an inode: a file's subvolume, a directory's layout.</summary>
internal sealed class DistributedInode
{
    private int _cached = -1;
    private DirectoryLayout? _layout;
    private int _migrationReported;

    /// <summary>The subvolume that has the file; -1 while it is not known.</summary>
    public int Cached
    {
        get => Volatile.Read(ref _cached);
        set => Volatile.Write(ref _cached, value);
    }

    /// <summary>Null while it is not known, and for files.</summary>
    public DirectoryLayout? Layout
    {
        get => Volatile.Read(ref _layout);
        set => Volatile.Write(ref _layout, value);
    }

    /// <summary>Whether a rebalance moved the file while this graph knew it: fds may be open where it was.</summary>
    public bool HasMoved { get; set; }

    /// <summary>True once: whoever gets it writes the log line.</summary>
    public bool ReportMigration() => Interlocked.Exchange(ref _migrationReported, 1) == 0;
}

/// <summary>What distribution remembers of an open directory: on which subvolumes it is open.</summary>
internal sealed class DistributedDirectoryFd(Errno[] results)
{
    /// <summary>How the opening went, by subvolume.</summary>
    public Errno[] Results => results;
}

/// <summary>What distribution remembers of an open file: the subvolume on which it is open.</summary>
internal sealed class DistributedFd(int openOn)
{
    private int _openOn = openOn;

    public int OpenOn
    {
        get => Volatile.Read(ref _openOn);
        set => Volatile.Write(ref _openOn, value);
    }
}
