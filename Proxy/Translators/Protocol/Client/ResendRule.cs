using BlockProxy.Proxy.Fops;

namespace BlockProxy.Proxy.Translators.Protocol.Client;

/// <summary>When a call whose connection broke before its reply came may be sent again. Such a call may or may not have been executed.</summary>
internal enum ResendRule
{
    /// <summary>Doing it twice is not doing it once, or what it belonged to died with the connection (locks, new entries, counters).</summary>
    Never,

    /// <summary>It changes nothing.</summary>
    Always,

    /// <summary>
    /// Doing it twice is doing it once, but only while nothing that was written in between is overwritten: the old call must not be able to run any
    /// more, so the brick must be another process by now.
    /// </summary>
    AfterRestart,
}

internal static class ResendRules
{
    public static ResendRule Of(Fop fop) => fop switch
    {
        Fop.Lookup or Fop.Stat or Fop.Fstat or Fop.Access or Fop.Readlink or Fop.Read or Fop.Statfs or Fop.Getxattr or Fop.Fgetxattr
            or Fop.Rchecksum or Fop.Readdir or Fop.Readdirp or Fop.Seek or Fop.Opendir or Fop.Getactivelk => ResendRule.Always,
        Fop.Write or Fop.Zerofill or Fop.Discard or Fop.Ftruncate or Fop.Fsync => ResendRule.AfterRestart,
        _ => ResendRule.Never,
    };

    /// <summary>The same for a whole request: some flags make a repeatable fop unrepeatable, or the other way round.</summary>
    public static ResendRule Of<TFop>(in TFop request, Fop fop)
        where TFop : struct => request switch
        {
            // At the end of the file is another place the second time.
            WriteRequest write when ((write.Fd.Flags | (OpenFlags)write.Flag) & OpenFlags.Append) != 0 => ResendRule.Never,
            OpenRequest open when (open.Flags & OpenFlags.Truncate) == 0 => ResendRule.Always,
            _ => Of(fop),
        };
}
