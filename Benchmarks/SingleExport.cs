using BlockProxy.Block;
using BlockProxy.Nbd;

namespace BlockProxy.Benchmarks;

/// <summary>One device as the only export, which is also the default.</summary>
internal sealed class SingleExport(string name, IBlockDevice device) : INbdExports
{
    public ValueTask<IReadOnlyList<NbdExportListing>> ListAsync() => new([new NbdExportListing(name, device.Info.Description)]);

    public ValueTask<NbdExport?> OpenAsync(string wanted) =>
        new(wanted.Length == 0 || wanted == name ? new NbdExport(name, device.Info.Description, device, readOnly: false) : null);
}
