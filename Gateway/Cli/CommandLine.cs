using System.CommandLine;

namespace BlockProxy.Gateway.Cli;

/// <summary>The command line of <c>blockproxy</c>. Without a command it is <see cref="EmbeddedCommand"/>.</summary>
internal static class CommandLine
{
    public static RootCommand Create()
    {
        var root = new RootCommand(
            "A block-device gateway for GlusterFS: serves files of volumes as disks over NBD. Without a command: a disk on embedded bricks under ./blockproxy-data");
        EmbeddedCommand.AddTo(root);
        root.Subcommands.Add(ServeCommand.Create());
        root.Subcommands.Add(BrickCommand.Create());
        root.Subcommands.Add(VolfileCommand.Create());
        root.Subcommands.Add(VolgenCommand.Create());
        root.Subcommands.Add(PlanCommand.Create());
        return root;
    }
}
