using BlockProxy.Block;

namespace BlockProxy.Nbd;

/// <summary>What a client sees of an export before it opens it. The name is what it asks for; the description is for people.</summary>
public readonly record struct NbdExportListing(string Name, string Description);

/// <summary>The exports of a server, by name.</summary>
public interface INbdExports
{
    /// <summary>Every export that may be listed, in a stable order.</summary>
    ValueTask<IReadOnlyList<NbdExportListing>> ListAsync();

    /// <summary>
    /// Opens an export for one connection; null when there is none of that name. The empty name asks for the default export, if there is
    /// one. An exception is logged, and the client is told that the export is not available.
    /// </summary>
    ValueTask<NbdExport?> OpenAsync(string name);
}

/// <summary>An export as one connection uses it. Disposed when the connection no longer does.</summary>
/// <param name="name">The canonical name, also when the client asked for the default.</param>
/// <param name="description">A sentence for people; may be empty.</param>
/// <param name="device">The bytes. It may be shared by many connections; disposing the export does not dispose it.</param>
/// <param name="readOnly">Whether this export refuses to change the device, whatever the device allows.</param>
/// <param name="release">Called once when the connection is done.</param>
public sealed class NbdExport(string name, string description, IBlockDevice device, bool readOnly, Func<ValueTask>? release = null) : IAsyncDisposable
{
    private Func<ValueTask>? _release = release;

    public string Name { get; } = name;

    public string Description { get; } = description;

    public IBlockDevice Device { get; } = device;

    /// <summary>Whether the export or its device is read-only.</summary>
    public bool ReadOnly => readOnly || Device.Info.ReadOnly;

    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _release, null)?.Invoke() ?? default;
}
