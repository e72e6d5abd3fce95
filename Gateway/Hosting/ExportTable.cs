using BlockProxy.Block;
using BlockProxy.Gateway.Configuration;
using BlockProxy.Nbd;

namespace BlockProxy.Gateway.Hosting;

/// <summary>An export with its open device.</summary>
public sealed record OpenExport(ExportConfiguration Configuration, IBlockDevice Device);

/// <summary>The exports of this gateway as its NBD server sees them. The only export there is, or the first, is the default one.</summary>
public sealed class ExportTable : INbdExports
{
    private readonly List<OpenExport> _exports = [];

    public IReadOnlyList<OpenExport> All => _exports;

    public void Add(OpenExport export) => _exports.Add(export);

    public ValueTask<IReadOnlyList<NbdExportListing>> ListAsync() =>
        new(_exports.Select(e => new NbdExportListing(e.Configuration.Name, e.Device.Info.Description)).ToList());

    public ValueTask<NbdExport?> OpenAsync(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var found = name.Length == 0 ? _exports.FirstOrDefault() : _exports.FirstOrDefault(e => e.Configuration.Name == name);
        return new(found is null
            ? null
            : new NbdExport(found.Configuration.Name, found.Device.Info.Description, found.Device, found.Configuration.ReadOnly));
    }
}
