namespace BlockProxy.Proxy.Mgmt;

/// <summary>Why a server gave no volfile.</summary>
public enum VolfileError
{
    None = 0,

    /// <summary>Nobody listens there, the name is not known, or the connection broke: worth another try.</summary>
    ServerNotThere,

    /// <summary>The server answers, but does not know the volume.</summary>
    NoSuchVolume,

    /// <summary>The volume's options need a newer client.</summary>
    OpVersionTooLow,

    /// <summary>What answers there does not keep to the protocol: not a glusterd.</summary>
    Nonsense,

    /// <summary>glusterd failed for a reason of its own.</summary>
    Refused,
}

/// <summary>What a server answered when it was asked for a volfile: the text, or what went wrong as one sentence.</summary>
/// <param name="BackupServers">Other servers that have the volfile, as <c>HOST:PORT</c>; empty on a cluster of one node.</param>
public sealed record VolfileAnswer(string Text, VolfileError Error, string Message, IReadOnlyList<string> BackupServers)
{
    public static VolfileAnswer Failed(VolfileError error, string message) => new("", error, message, []);
}
