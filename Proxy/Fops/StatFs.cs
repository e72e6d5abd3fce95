namespace BlockProxy.Proxy.Fops;

/// <summary>File system totals. gluster-rpc section 6.3; blocks are counted in <see cref="FragmentSize"/> bytes.</summary>
public readonly record struct StatFs(
    ulong BlockSize, ulong FragmentSize, ulong Blocks, ulong BlocksFree, ulong BlocksAvailable,
    ulong Files, ulong FilesFree, ulong FilesAvailable, ulong FileSystemId, ulong Flag, ulong NameMax);
