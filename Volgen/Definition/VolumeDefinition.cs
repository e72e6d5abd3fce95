namespace BlockProxy.Volgen.Definition;

/// <summary>
/// What glusterd knows about a volume, as far as it decides the volfiles. Whoever holds one made by a reader of this namespace holds a definition that
/// <see cref="DefinitionRules"/> accepts.
/// </summary>
public sealed record VolumeDefinition
{
    /// <summary>The volume that glusterd keeps for itself; its files differ a little.</summary>
    public const string SharedStorageName = "gluster_shared_storage";

    /// <summary>The operating version of a cluster of GlusterFS 10.</summary>
    public const int CurrentOpVersion = 100000;

    public required string Name { get; init; }

    /// <summary>The volume's UUID in its usual text form.</summary>
    public required string VolumeId { get; init; }

    public VolumeType Type { get; init; }

    public VolumeStatus Status { get; init; }

    public VolumeTransport Transport { get; init; }

    /// <summary>Bricks of a replica set, an arbiter included, a thin arbiter not; 1 for other types.</summary>
    public int ReplicaCount { get; init; } = 1;

    /// <summary>1 if the last brick of each replica set holds names and metadata only.</summary>
    public int ArbiterCount { get; init; }

    /// <summary>1 if each replica set has a thin arbiter.</summary>
    public int ThinArbiterCount { get; init; }

    /// <summary>Bricks of a disperse set; 0 for other types.</summary>
    public int DisperseCount { get; init; }

    /// <summary>How many bricks of a disperse set may be lost.</summary>
    public int RedundancyCount { get; init; }

    public int QuotaVersion { get; init; }

    /// <summary>The highest version that an option of the volume asks of servers.</summary>
    public int OpVersion { get; init; } = 1;

    /// <summary>The highest version that an option of the volume asks of clients.</summary>
    public int ClientOpVersion { get; init; } = 2;

    /// <summary>The operating version of the cluster, 100000 for GlusterFS 10.</summary>
    public int ClusterOpVersion { get; init; } = CurrentOpVersion;

    public required PoolCredential Auth { get; init; }

    /// <summary>In order: the sets one after the other.</summary>
    public required IReadOnlyList<BrickDefinition> Bricks { get; init; }

    /// <summary>One for each replica set, or none.</summary>
    public IReadOnlyList<BrickDefinition> ThinArbiters { get; init; } = [];

    /// <summary>The options in force under their full names, in the order of glusterd's info file: the newest first.</summary>
    public VolumeOptions Options { get; init; } = VolumeOptions.None;

    /// <summary>Bricks of one child of distribute.</summary>
    public int LeafSize => Type switch
    {
        VolumeType.Replicate => ReplicaCount,
        VolumeType.Disperse => DisperseCount,
        _ => 1,
    };

    /// <summary>Children of distribute.</summary>
    public int SubvolumeCount => Bricks.Count / LeafSize;

    /// <summary>What volfiles call the transport; both at once are <c>tcp,rdma</c>.</summary>
    public string TransportText => Transport switch
    {
        VolumeTransport.Rdma => "rdma",
        VolumeTransport.TcpAndRdma => "tcp,rdma",
        _ => "tcp",
    };

    /// <summary>The transport of connections that may choose.</summary>
    public string PreferredTransport => Transport == VolumeTransport.Rdma ? "rdma" : "tcp";

    public bool Equals(VolumeDefinition? other) =>
        other is not null
        && (Name, VolumeId, Type, Status, Transport) == (other.Name, other.VolumeId, other.Type, other.Status, other.Transport)
        && (ReplicaCount, ArbiterCount, ThinArbiterCount, DisperseCount, RedundancyCount)
            == (other.ReplicaCount, other.ArbiterCount, other.ThinArbiterCount, other.DisperseCount, other.RedundancyCount)
        && (QuotaVersion, OpVersion, ClientOpVersion, ClusterOpVersion, Auth)
            == (other.QuotaVersion, other.OpVersion, other.ClientOpVersion, other.ClusterOpVersion, other.Auth)
        && Bricks.SequenceEqual(other.Bricks)
        && ThinArbiters.SequenceEqual(other.ThinArbiters)
        && Options.SequenceEqual(other.Options);

    public override int GetHashCode() => HashCode.Combine(Name, VolumeId, Bricks.Count, Options.Count);
}
