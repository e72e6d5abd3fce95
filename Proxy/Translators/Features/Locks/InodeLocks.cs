namespace BlockProxy.Proxy.Translators.Features.Locks;

/// <summary>All locks on one inode. Used under the translator's gate; forgotten when it is empty.</summary>
internal sealed class InodeLocks
{
    private readonly List<DomainLocks> _inodeDomains = [];
    private readonly List<DomainLocks> _entryDomains = [];

    public PosixLocks Posix { get; } = new();

    public int InodelkCount => Sum(_inodeDomains);

    public int EntrylkCount => Sum(_entryDomains);

    public bool IsEmpty => Posix.Count == 0 && _inodeDomains.Count == 0 && _entryDomains.Count == 0;

    public DomainLocks InodeDomain(string name) => Domain(_inodeDomains, name);

    public DomainLocks EntryDomain(string name) => Domain(_entryDomains, name);

    public int InodelkCountOf(string domain) => _inodeDomains.Find(d => d.Name == domain)?.Count ?? 0;

    /// <summary>Whether somebody holds a lock on that very name.</summary>
    public bool IsNameLocked(string name) => _entryDomains.Exists(domain => domain.Granted.Any(held => ((EntryLock)held).Name == name));

    public IEnumerable<DomainLocks> Domains => _inodeDomains.Concat(_entryDomains);

    /// <summary>Forgets domains without locks.</summary>
    public void Trim()
    {
        _inodeDomains.RemoveAll(domain => domain.Count == 0);
        _entryDomains.RemoveAll(domain => domain.Count == 0);
    }

    private static DomainLocks Domain(List<DomainLocks> domains, string name)
    {
        var domain = domains.Find(d => d.Name == name);
        if (domain is null)
            domains.Add(domain = new DomainLocks(name));
        return domain;
    }

    private static int Sum(List<DomainLocks> domains)
    {
        var count = 0;
        foreach (var domain in domains)
            count += domain.Count;
        return count;
    }
}
