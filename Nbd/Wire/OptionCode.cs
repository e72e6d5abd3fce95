namespace BlockProxy.Nbd.Wire;

/// <summary>NBD_OPT_*. proto.md, "Option types".</summary>
public enum OptionCode : uint
{
    ExportName = 1,
    Abort = 2,
    List = 3,
    PeekExport = 4,
    StartTls = 5,
    Info = 6,
    Go = 7,
    StructuredReply = 8,
    ListMetaContext = 9,
    SetMetaContext = 10,
    ExtendedHeaders = 11,
}
