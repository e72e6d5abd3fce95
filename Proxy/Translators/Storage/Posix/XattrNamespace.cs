namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>
/// Where a brick keeps the attributes that GlusterFS calls <c>trusted.*</c>.
/// </summary>
public enum XattrNamespace
{
    /// <summary>Under their own names, as stock bricks do. Needs CAP_SYS_ADMIN.</summary>
    Trusted,

    /// <summary>As <c>user.trusted.*</c>, for a brick without privileges. Such a directory is not one for glusterfsd.</summary>
    User,
}
